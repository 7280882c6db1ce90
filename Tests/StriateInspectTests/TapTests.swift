import Striate
import Testing

/// Looking into a network shows what is there, and does not change it.
@Suite struct TapTests {
  private let input = TensorType(.float32, [2, 2, 8, 8])

  /// The network's answer, loss and what is tapped.
  private func run(
    _ model: FusedNet, taps: [Tap], _ mode: TraceOptions.Mode, on device: Device
  ) throws -> [String: HostTensor] {
    let naming = Naming(model)
    let program = try Program(on: device, options: TraceOptions(mode: mode), naming: naming) {
      builder in
      let answer = model(builder.input("input", input))
      let loss = CrossEntropyLoss()(answer, builder.constant(HostTensor([Int32(1), 4])))
      builder.output("output", answer)
      builder.output("loss", loss)
      for tap in taps where !tap.isGradient {
        if let value = tap.tensor(in: builder) { builder.output("\(tap)", value) }
      }
      let gradients = taps.filter(\.isGradient)
      let found = builder.gradients(
        of: loss, in: gradients.compactMap { $0.tensor(in: builder) })
      for (tap, gradient) in zip(gradients, found) { builder.output("\(tap)", gradient) }
    }
    let state = try program.state(program.initialWeights(seed: 3))
    return try program.run(["input": made(input, "input")], state: state)
  }

  private func allTaps(_ model: FusedNet) throws -> [Tap] {
    let builder = GraphBuilder(naming: Naming(model))
    _ = model(builder.input("input", input))
    return Tap.all(in: try builder.finish()).map(\.tap)
  }

  private func difference(_ a: HostTensor?, _ b: HostTensor?) -> Double {
    guard let a, let b, a.shape == b.shape else { return .infinity }
    let pairs = zip(a.scalars(as: Double.self), b.scalars(as: Double.self))
    let (error, size) = pairs.reduce((0.0, 0.0)) { sum, pair in
      let step = pair.0 - pair.1
      return (sum.0 + step * step, sum.1 + pair.1 * pair.1)
    }
    return (error / max(size, 1e-30)).squareRoot()
  }

  @Test(
    "each value inside equals the interpreter's, and leaves the answer as it was",
    arguments: devices, [TraceOptions.Mode.inference, .training])
  func values(_ device: Device, _ mode: TraceOptions.Mode) throws {
    let model = FusedNet()
    let paths = try allTaps(model)
    #expect(paths.map(\.description) == ["conv1", "conv2", "bn", "pool", "fc"])
    let taps = paths + paths.map { Tap($0.path, isGradient: true) }
    let expected = try run(model, taps: taps, mode, on: .oracle)
    let plain = try run(model, taps: [], mode, on: device)
    for tap in taps {
      let found = try run(model, taps: [tap], mode, on: device)
      #expect(difference(found["\(tap)"], expected["\(tap)"]) < 1e-4, "\(tap)")
      #expect(difference(found["output"], plain["output"]) < 1e-5, "\(tap)")
      #expect(difference(found["loss"], plain["loss"]) < 1e-5, "\(tap)")
    }
  }

  @Test("the gradient of a bias is the sum of its layer's tapped gradient")
  func gradients() throws {
    let model = FusedNet()
    let tapped = try run(
      model, taps: [Tap("conv2", isGradient: true)], .inference, on: .oracle)
    let program = try Program(on: .oracle, naming: Naming(model)) { builder in
      let answer = model(builder.input("input", input))
      let loss = CrossEntropyLoss()(answer, builder.constant(HostTensor([Int32(1), 4])))
      let bias = model.conv2.bias.map { builder.read($0) } ?? loss
      builder.output("bias", builder.gradients(of: loss, in: [bias])[0])
    }
    let state = try program.state(program.initialWeights(seed: 3))
    let found = try program.run(["input": made(input, "input")], state: state)["bias"]
    let gradient = try #require(tapped["conv2.grad"]).scalars(as: Double.self)
    let sums = (0..<6).map { channel in
      gradient.enumerated().filter { $0.offset / 64 % 6 == channel }.reduce(0) { $0 + $1.element }
    }
    #expect(difference(found, try HostTensor(sums, shape: [6])) < 1e-6)
    #expect(sums.contains { abs($0) > 1e-6 })
  }

  @Test("the text that names a value")
  func texts() throws {
    let net = SequenceNet()
    let builder = GraphBuilder(naming: Naming(net))
    _ = net(builder.input("input", TensorType(.float32, [2, 4, 20])))
    let graph = try builder.finish()
    #expect(try Tap("recur#1.grad", in: graph) == Tap("recur#1", isGradient: true))
    #expect(try Tap("recur#0:0", in: graph) == Tap("recur"))
    for (text, hint) in [
      ("recurr", "recur"), ("recur#2", "recur#1"), ("recur:1", "1 output"), ("", "known"),
      ("grad", "'list' in its place"), (".grad", "known"),
      ("recur:99999999999999999999", "no layer"),
    ] {
      let error = #expect(throws: InspectError.self) { try Tap(text, in: graph) }
      #expect(error?.message.contains(hint) == true, "\(text): \(error?.message ?? "")")
      #expect(error?.code == .usage)
    }
  }
}
