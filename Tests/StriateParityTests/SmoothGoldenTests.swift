import StriateCPU
import StriateCore
import StriateRuntime
import StriateTestSupport
import Testing

@Suite struct SmoothGoldenTests {
  private static let golden = Result { try Golden("smooth") }
  private static let threads = [1, 2].map { threads in try? Device.cpu(threads: threads) }

  @Test("Golden: gradients away from kinks are told by inputs that are")
  func table() throws {
    #expect(SmoothGolden.all.count == 21)
    #expect(Set(SmoothGolden.all.map(\.description)).isSuperset(of: ["resnet101", "resnet152"]))
    for line in SmoothGolden.all {
      // Far beyond the rounding of values around one.
      #expect(line.activationGap > 1e-4, "\(line)")
      #expect(line.poolGap ?? 1 > 1e-6, "\(line)")
      #expect(!line.single.isEmpty && line.single.allSatisfy { $0 < 6e-3 }, "\(line)")
    }
  }

  /// The interpreter in Double against PyTorch's float64, the CPU engine with one thread and two against that.
  @Test(
    "Golden: gradients away from kinks",
    .enabled(if: InputFile.environment("STRIATE_PARITY") != nil, "run make parity"),
    .serialized, arguments: SmoothGolden.all)
  func gradients(_ line: SmoothGolden) throws {
    let golden = try Self.golden.get()
    let (graph, naming) = try line.training()
    let feeds = try line.feeds(graph)
    let weights = line.weights(of: naming)
    for device in [Device.oracle] + Self.threads.compactMap({ $0 }) {
      let executable = try device.backend.compile(graph)
      let state = device.backend.makeState()
      var answer: [String: HostTensor] = [:]
      if let interpreter = executable as? Interpreter<Double> {
        try state.write(NamedTensors(weights.map { ($0.name, $0.value.doubled) }))
        answer = try interpreter.evaluate(inputs: feeds, state: state)
      } else {
        try state.write(weights)
        let buffers = try RunBuffers(graph)
        for (name, _) in buffers.inputPorts { try buffers.set(name, #require(feeds[name])) }
        try executable.run(buffers, state: state)
        for (name, _) in buffers.outputPorts { answer[name] = try buffers.output(name) }
      }
      let exact = device.id == Device.oracle.id
      let loss = try #require(
        answer.first { $0.key.hasSuffix("loss") }?.value.scalars(as: Double.self).first)
      #expect(abs(loss / line.loss - 1) < (exact ? 1e-9 : 3e-5), "\(line): loss \(loss)")
      let errors = try line.errors(of: answer, to: golden)
      let wrong = zip(errors, line.single).filter {
        !($0.error <= (exact ? 1e-9 : max(1e-4, 3 * $1)))
      }
      let worst = wrong.sorted { $0.0.error / $0.1 > $1.0.error / $1.1 }.prefix(5).map {
        "\($0.0.name) by \($0.0.error), PyTorch's single precision by \($0.1)"
      }
      #expect(
        wrong.isEmpty,
        "\(line): \(device.backend.summary) is off in \(wrong.count) of \(errors.count) gradients: \(worst.joined(separator: "; "))"
      )
    }
  }
}
