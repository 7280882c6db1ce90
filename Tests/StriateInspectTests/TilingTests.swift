import Striate
import StriateTestSupport
import Testing

private let cpu = try? Device.cpu()

/// Answers of parts of images against answers of the whole, in double precision by the interpreter.
@Suite struct TilingTests {
  /// A network of every kind of operation that has positions.
  struct Ops: SegmentationNetwork {
    let kind: String
    let stem: Conv2D
    let middle: Conv2D
    let up: ConvTransposed2D
    let head: Conv2D

    static let kinds = [
      "strided", "dilated", "ceil pool", "average pool", "unpool", "nearest", "bilinear", "cubic",
      "factor", "skip",
    ]

    init(_ kind: String) {
      self.kind = kind
      let stride: Pair = kind == "strided" ? 2 : 1
      let dilation: Pair = kind == "dilated" ? 3 : 1
      stem = Conv2D(in: 2, out: 3, kernel: 3, stride: stride, padding: 1)
      middle = Conv2D(in: 3, out: 3, kernel: 3, padding: dilation, dilation: dilation)
      up = ConvTransposed2D(
        in: 3, out: 3, kernel: kind == "strided" ? 4 : 3, stride: stride, padding: 1)
      head = Conv2D(in: kind == "skip" ? 6 : 3, out: 2, kernel: 1)
    }

    func forward(_ image: Tensor) -> SegmentationLogits {
      let x = relu(stem(image))
      let extents = Array(image.shape.dims.dropFirst(2))
      let half = extents.map { $0 / 2 }
      var y = x
      switch kind {
      case "ceil pool":
        y = resize(maxPool(x, kernel: [3, 3], stride: [2, 2], ceil: true), size: half)
        y = resize(y, size: extents, mode: .nearest)
      case "average pool":
        y = averagePool(x, kernel: [3, 3], stride: [1, 1], padding: [1, 1])
      case "unpool":
        let (pooled, indices) = maxPoolWithIndices(x, kernel: [2, 2])
        y = maxUnpool(middle(pooled), indices: indices, spatial: extents)
      case "nearest":
        y = resize(maxPool(x, kernel: [2, 2]), size: extents, mode: .nearest)
      case "bilinear": y = resize(maxPool(x, kernel: [4, 4]), size: extents)
      case "cubic": y = resize(maxPool(x, kernel: [2, 2]), size: extents, mode: .cubic)
      case "factor":
        y = resize(maxPool(x, kernel: [2, 2]), size: extents, mode: .linear, factors: [2, 2])
      default: break
      }
      y = up(relu(middle(y)))
      if kind == "skip" { y = concat([y, x], axis: 1) ?? y }
      return SegmentationLogits(out: head(y))
    }
  }

  /// What a network says of an image, or of a part of it.
  private func graph(_ model: some SegmentationNetwork, _ shape: Shape) throws -> Graph {
    let builder = GraphBuilder(
      options: TraceOptions(mode: .inference), naming: Naming(model))
    let input = builder.input("input", TensorType(.float32, shape))
    builder.output("out", model(input).out)
    return try builder.finish()
  }

  /// In double precision by the interpreter, or on the CPU.
  private func answer(
    _ graph: Graph, _ image: HostTensor, _ weights: NamedTensors, on device: Device
  ) throws -> HostTensor {
    let executable = try device.backend.compile(graph.applying())
    let state = device.backend.makeState()
    try state.write(weights)
    if let interpreter = executable as? Interpreter<Double> {
      return try #require(try interpreter.evaluate(inputs: ["input": image], state: state)["out"])
    }
    let buffers = try RunBuffers(executable.graph)
    try buffers.set("input", image.converted(to: .float32))
    try executable.run(buffers, state: state)
    return try buffers.output("out")
  }

  /// A part of planes `[1, C, H, W]`.
  private func part(_ x: HostTensor, _ region: Region) throws -> HostTensor {
    let values = x.scalars(as: Double.self)
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    var found: [Double] = []
    for channel in 0..<channels {
      for row in region.axes[0] {
        for column in region.axes[1] {
          found.append(values[(channel * height + row) * width + column])
        }
      }
    }
    return try HostTensor(found, shape: Shape([1, channels] + region.extents))
  }

  /// Compares some regions of the answer.
  private func compare(
    _ model: some SegmentationNetwork, channels: Int, extents: [Int], seed: UInt64,
    on device: Device = .oracle,
    within bound: Double = 1e-12
  ) throws {
    let shape = Shape([1, channels] + extents)
    let whole = try graph(model, shape)
    let weights = try Naming(model).initialWeights(seed: seed)
    var generator = RandomStream(seed: seed, "tiles")
    let image = try HostTensor(
      (0..<shape.count).map { _ in Float(generator.next() >> 40) / 8_388_608 - 1 }, shape: shape)
    let truth = try answer(whole, image, weights, on: device)
    let tiling = try Tiling(
      whole, input: whole.inputs[0].value, output: whole.outputs[0].value)
    var smaller = 0
    for _ in 0..<6 {
      let region = Region(
        tiling.answer.axes.map { axis in
          let start = Int(generator.next() % UInt64(axis.count))
          let count = 1 + Int(generator.next() % UInt64(min(axis.count - start, 12)))
          return start..<(start + count)
        })
      let tile = try tiling.tile(for: region)
      if tile != Region(whole: shape) { smaller += 1 }
      let cut = try graph(model, Shape([1, channels] + tile.extents))
      let place = try tiling.place(
        region, of: tile, in: cut, input: cut.inputs[0].value, output: cut.outputs[0].value)
      // What lies outside what is wanted must not matter.
      let found = try answer(cut, part(image, tile), weights, on: device)
      let error = agreement(try part(found, place), try part(truth, region))
      #expect(error < bound, "\(region) of \(tile) is off by \(error)")
    }
    #expect(smaller > 0, "every tile is the whole image")
  }

  @Test("Answers of tiles are the whole's, of every operation with positions", arguments: Ops.kinds)
  func operations(_ kind: String) throws {
    for (seed, extents) in [[48, 40], [36, 52], [64, 32]].enumerated() {
      try compare(Ops(kind), channels: 2, extents: extents, seed: UInt64(seed))
    }
  }

  @Test(
    "Answers of tiles are the whole's, of networks without a global operation",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"),
    arguments: ["unet-small", "segnet", "enet"])
  func networks(_ id: String) throws {
    // Beyond the receptive field along one axis.
    let extents = ["unet-small": [411, 61], "segnet": [640, 32]][id] ?? [1024, 32]
    let model = try SegmentationNetworks.find(id).model(classes: 2, channels: 3)
    try compare(
      model, channels: 3, extents: extents, seed: 7, on: #require(cpu), within: 1e-5)
  }

  @Test("Networks with a global operation are named with it")
  func global() throws {
    for (id, op) in [
      ("lraspp_mobilenet_v3_large", "average_pool"), ("deeplabv3_resnet50", "average_pool"),
    ] {
      let model = try SegmentationNetworks.find(id).model(classes: 2, channels: 3)
      let whole = try graph(model, [1, 3, 64, 64])
      let error = #expect(throws: GlobalOperation.self) {
        try Tiling(whole, input: whole.inputs[0].value, output: whole.outputs[0].value)
      }
      #expect(error?.op.contains(op) == true, "\(id): \(error.map(String.init(describing:)) ?? "")")
      #expect(error?.path.isEmpty == false)
    }
    // Resampled to an extent that is no multiple of the strides.
    let model = try SegmentationNetworks.find("fcn_resnet50").model(classes: 2, channels: 3)
    let whole = try graph(model, [1, 3, 203, 203])
    let error = #expect(throws: GlobalOperation.self) {
      try Tiling(whole, input: whole.inputs[0].value, output: whole.outputs[0].value)
    }
    #expect(error?.reason.contains("203") == true)
  }

  @Test("The wanted region of a pixel is its receptive field")
  func receptiveField() throws {
    // Yu and Koltun (2016), table 1: the context module.
    let dilations = [1, 1, 2, 4, 8, 16, 1, 1]
    for (depth, field) in zip(1..., [3, 5, 9, 17, 33, 65, 67, 67]) {
      let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: Naming())
      let input = builder.input("input", TensorType(.float32, [1, 1, 99, 99]))
      var x = input
      for (layer, dilation) in dilations.prefix(depth).enumerated() {
        let side = layer == 7 ? 1 : 3
        let filter = builder.constant(
          try HostTensor([Float](repeating: 1, count: side * side), shape: [1, 1, side, side]))
        let pad = [side / 2 * dilation, side / 2 * dilation]
        x = convolution(x, filter, padLow: pad, padHigh: pad, dilation: [dilation, dilation])
      }
      builder.output("out", x)
      let graph = try builder.finish()
      let wanted = try graph.wanted(
        Region([49..<50, 49..<50]), of: graph.outputs[0].value, from: graph.inputs[0].value)
      #expect(wanted.extents == [field, field])
    }
  }
}
