import StriateCore
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import Testing

@Suite struct SegmentationNetworkTests {
  @Test("Counts and answers are those of the table", arguments: SegmentationNetworks.all.map(\.id))
  func counts(_ id: String) throws {
    let entry = try SegmentationNetworks.find(id)
    let model = entry.model()
    let naming = Naming(model)
    #expect(naming.warnings.isEmpty)
    let weights = naming.parameters.filter { $0.parameter.role == .weight }
    #expect(weights.reduce(0) { $0 + $1.parameter.type.shape.count } == entry.parameters)
    let shape = try shapes(model, Shape([2] + entry.input.dims))
    let extents = entry.input.dims.dropFirst().map { $0 - entry.margin }
    #expect(shape == Shape([2, entry.classes] + extents))
  }

  @Test(
    "Any extent, number of classes and of channels is taken",
    arguments: SegmentationNetworks.all.filter { $0.margin == 0 }.map(\.id))
  func extents(_ id: String) throws {
    let model = try SegmentationNetworks.find(id).model(classes: 7, channels: 4)
    for extents in [[33, 40], [70, 65]] {
      #expect(try shapes(model, Shape([1, 4] + extents)) == Shape([1, 7] + extents))
    }
  }

  @Test("A name that is not there suggests those that are")
  func unknown() {
    let error = #expect(throws: ModelError.self) { try SegmentationNetworks.find("fcn_resnet5") }
    #expect(error?.message.contains("fcn_resnet50") == true)
  }

  @Test(
    "Impossible networks and images are diagnosed, never trapped on",
    arguments: SegmentationNetworks.all.map(\.id))
  func impossible(_ id: String) throws {
    let entry = try SegmentationNetworks.find(id)
    for (classes, channels) in [(0, 3), (-1, 3), (.min, 3), (2, 0), (2, .min), (2, 17)] {
      #expect(throws: TraceError.self, "\(classes) classes, \(channels) channels") {
        try shapes(entry.model(classes: classes, channels: channels), [1, 3, 188, 188])
      }
    }
    for input in [[1, 3, 0, 40], [3, 40, 40], [1, 2, 188, 188]] as [Shape] {
      #expect(throws: TraceError.self, "\(input)") {
        try shapes(entry.model(channels: 3), input)
      }
    }
  }

  @Test("U-Net of 2015 refuses what its valid convolutions eat up", arguments: [1, 100, 171])
  func small(_ extent: Int) {
    #expect(throws: TraceError.self) {
      try shapes(UNet(), [1, 1, extent, extent])
    }
  }

  @Test("Transposed convolutions start bilinear, each channel for itself")
  func bilinear() throws {
    let program = try Program(on: .reference) { builder in
      builder.output("filter", Initializer.bilinear.make(builder, [2, 2, 4, 4]))
    }
    let found = try program.run([:], state: program.state())["filter"]
    let ramp = [0.25, 0.75, 0.75, 0.25]
    let filter = ramp.flatMap { row in ramp.map { row * $0 } }
    let none = [Double](repeating: 0, count: 16)
    #expect(found?.scalars(as: Double.self) == filter + none + none + filter)
  }

  /// The shape of `out`; that of `aux`, where there is one, must be the same.
  private func shapes(_ model: some SegmentationNetwork, _ input: Shape) throws -> Shape {
    let builder = GraphBuilder(naming: Naming(model))
    let answer = model(builder.input("input", TensorType(.float32, input)))
    _ = try builder.finish()
    if let aux = answer.aux { #expect(aux.shape == answer.out.shape) }
    return answer.out.shape
  }
}
