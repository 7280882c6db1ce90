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

  /// The shape of `out`; that of `aux`, where there is one, must be the same.
  private func shapes(_ model: some SegmentationNetwork, _ input: Shape) throws -> Shape {
    let builder = GraphBuilder(naming: Naming(model))
    let answer = model(builder.input("input", TensorType(.float32, input)))
    _ = try builder.finish()
    if let aux = answer.aux { #expect(aux.shape == answer.out.shape) }
    return answer.out.shape
  }
}
