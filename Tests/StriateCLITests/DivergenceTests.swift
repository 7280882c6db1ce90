import Foundation
import Striate
import Testing

/// Numbers that are no longer numbers: the run stops, says where it began, and keeps what was good.
@Suite struct DivergenceTests {
  struct Case: Sendable, CustomStringConvertible {
    var rate: String
    var more: [String]
    var says: [String]
    /// Whether checkpoints were saved before.
    var saves = true
    var description: String { "\(rate) \(more.joined(separator: " "))" }
  }

  static let cases: [Case] = [
    // The loss of the second step overflows within a layer.
    Case(rate: "1e20", more: ["--checkpoint-every", "1"], says: ["step ", "first: ", " makes "]),
    Case(rate: "1e12", more: ["--checkpoint-every", "1"], says: ["step ", "first: ", " makes "]),
    // The update itself overflows, at a loss that is finite.
    Case(rate: "3e38", more: ["--checkpoint-every", "1", "--weight-decay", "9"], says: ["step "]),
    // One step an epoch: only the test samples can tell.
    Case(rate: "1e20", more: ["--batch-size", "600"], says: ["step 1", "first: "], saves: false),
    Case(
      rate: "3e38", more: ["--batch-size", "600", "--weight-decay", "9"], says: ["step 1"],
      saves: false),
  ]

  @Test(arguments: cases) func divergenceIsNamed(_ row: Case) throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let outcome = try CommandLineProgram.run(
      run.arguments(
        "--output-dir", folder, "--quiet", "--opt", "sgd", "--lr", row.rate, "--lr-scheduler",
        "constant") + row.more)
    expectFault(outcome, 1, row.says + ["a lower --lr", "--clip-grad-norm 1"])
    // A layer's path, or a parameter's.
    #expect(
      outcome.errors.contains(/(conv|c|fc|f)\d/) || outcome.errors.contains("loss"),
      "\(outcome.errors)")
    try SmallRun.expectReadable(folder)
    for step in RunFolder(folder).steps {
      let checkpoint = try Checkpoint.read(RunFolder(folder).checkpointPath(step))
      for (name, tensor) in checkpoint.state.weights {
        let isFinite = tensor.scalars(as: Double.self).allSatisfy { $0.isFinite }
        #expect(isFinite, "\(step) \(name)")
      }
    }
    #expect(try SmallRun.leftovers(folder) == [])
  }

  /// Weights that hold NaN answer nothing.
  @Test(arguments: ["eval", "predict"]) func weightsWithNaNAreNamed(_ verb: String) throws {
    let data = try SmallData()
    let weights = try SmallWeights(data) { tensors in
      guard let (name, tensor) = tensors.first(where: { $0.name.hasSuffix("weight") }) else {
        return
      }
      var values = tensor.scalars(as: Float.self)
      values[0] = .nan
      tensors[name] = try HostTensor(values, shape: tensor.shape)
    }
    let outcome = try CommandLineProgram.run(weights.arguments(verb))
    expectFault(outcome, 1, ["NaN"])
    #expect(outcome.output.isEmpty)
  }
}
