import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// Exclusive or: the problem that one layer cannot learn (Minsky and Papert, 1969).
private struct XOR: SampleDataset {
  let count = 64
  let inputShape: Shape = [2]
  let classNames = ["equal", "different"]
  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    let (a, b) = (index & 1, index >> 1 & 1)
    return ([Float(a), Float(b)], a ^ b)
  }
}

/// Options under which the signal test does not stop this one.
private var quiet: Trainer.Options {
  var options = Trainer.Options()
  options.handlesSignals = false
  return options
}

@Test func exclusiveOrIsLearned() throws {
  let scratch = try Scratch()
  let data = DataSplits(train: XOR(), test: XOR(), name: "xor", mean: [0], std: [1])
  let config = TrainingConfig(
    model: "xor", data: "xor", epochs: 40, batchSize: 16, optimizer: .adam, learningRate: 0.05,
    seed: 1)
  let model = Sequential(Linear(in: 2, out: 8), Tanh(), Linear(in: 8, out: 2))
  let result = try Trainer(model, data: data, config: config, on: .reference, options: quiet)
    .run(in: scratch.run("xor"))
  #expect(result.test?.accuracy == 1)
}

@Test func frozenLayersStay() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  _ = try tinyTrainer(tinyConfig { $0.frozen = ["conv", "bn"] }).run(in: folder)
  let before = try Naming(Tiny()).initialWeights(seed: 11)
  let after = try Checkpoint.read("\(folder.path)/last").state
  for (name, value) in before {
    #expect((after.weights[name] == value) == !name.hasPrefix("fc"), "\(name)")
  }
  #expect(after.slots.names.allSatisfy { $0.contains(".fc.") })
}

@Test func aWeightThatIsNotReadIsLeftAlone() throws {
  struct Partial: Layer {
    let used = Linear(in: 16, out: 2)
    let unused = Linear(in: 3, out: 3)
    func forward(_ x: Tensor) -> Tensor { used(x.flattened(from: 1)) }
  }
  let scratch = try Scratch()
  let trainer = try Trainer(
    Partial(), data: rings, config: tinyConfig(), on: .reference, options: quiet)
  _ = try trainer.run(in: scratch.run("run"))
  let before = try Naming(Partial()).initialWeights(seed: 11)
  let after = try Checkpoint.read("\(scratch.path)/run/last").state.weights
  #expect(after["unused.weight"] == before["unused.weight"])
  #expect(after["used.weight"] != before["used.weight"])
}

@Test func progressIsShownInLines() throws {
  nonisolated(unsafe) var plain = ""
  nonisolated(unsafe) var drawn = ""
  let lines = ProgressLine(style: { TerminalStyle() }) { plain += $0 }
  let rewriting = ProgressLine(style: { TerminalStyle(isTerminal: true, colors: .basic) }) {
    drawn += $0
  }
  let scratch = try Scratch()
  _ = try tinyTrainer {
    $0.observe = {
      lines.show($0)
      rewriting.show($0)
    }
  }.run(in: scratch.run("run"))
  lines.show(.warning("careful"))
  rewriting.finish()
  #expect(plain.split(separator: "\n").count == 4)
  #expect(plain.contains("epoch 3/3  train loss "))
  #expect(!plain.contains("\u{1B}"))
  #expect(plain.hasSuffix("warning: careful\n"))
  #expect(drawn.contains("test loss"))
}
