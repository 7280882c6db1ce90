import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// Weights after three steps of PyTorch in float64, from the scripts in `Tools/goldens`.
private struct Golden: Sendable, CustomStringConvertible {
  var description: String
  var model: any Layer
  var start: String
  var file: String
  var run: String
  var optimizer: any Optimizer
  var rate: Double
}

private func tiny() -> CIFARResNet { CIFARResNet(blocks: 1, widths: (8, 12, 20)) }

private let goldens: [Golden] = {
  let sgd = SGD(momentum: 0.9, weightDecay: 1e-4)
  let nesterov = SGD(momentum: 0.9, nesterov: true, weightDecay: 1e-4)
  var all: [Golden] = []
  for (name, optimizer, rate) in [
    ("sgd", sgd, 0.05), ("nesterov", nesterov, 0.05), ("adam", Adam(), 1e-3),
    ("adamw", Adam.decoupled(), 1e-3),
  ] as [(String, any Optimizer, Double)] {
    all.append(
      Golden(
        description: "lenet5 \(name)", model: LeNet5(), start: "train_lenet5",
        file: "train_lenet5_\(name)", run: "\(name)64", optimizer: optimizer, rate: rate))
    all.append(
      Golden(
        description: "tinyresnet \(name)", model: tiny(), start: "train_tinyresnet",
        file: "train_tinyresnet", run: "\(name)64", optimizer: optimizer, rate: rate))
  }
  return all
}()

private func read(_ name: String) throws -> NamedTensors {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return try Safetensors.read("/\(root)/Tests/Goldens/\(name).safetensors").tensors
}

@Test(arguments: goldens)
private func threeStepsEqualPyTorch(_ golden: Golden) throws {
  let start = try read(golden.start)
  let expected = try read(golden.file)
  let inputs = try #require(start["input"])
  let labels = try #require(start["labels"])
  let step = try TrainingStep(
    Objective(golden.model), optimizer: golden.optimizer, input: inputs.type, on: .oracle)
  let interpreter = Interpreter<Double>(step.program.graph)
  let rule = GradientDescent(
    Objective(golden.model), optimizer: golden.optimizer, on: .oracle)
  let state = Device.oracle.backend.makeState()
  let names = Naming(golden.model).parameters.map(\.path)
  for name in names { try state.write([name: #require(start["init.\(name)"])]) }
  try state.write(rule.initialState(seed: 0).slots)
  let losses = try #require(expected["losses.\(golden.run)"]).scalars(as: Double.self)
  for index in 0..<3 {
    var fed = ["input": inputs, "labels": labels]
    for (place, scalar) in golden.optimizer.scalars.enumerated() {
      let value = golden.optimizer.scalar(place, step: index + 1, learningRate: golden.rate)
      fed[OptimizerNames.scalar(scalar)] = HostTensor(scalar: value)
    }
    let outputs = try interpreter.evaluate(inputs: fed, state: state)
    let loss = try #require(outputs["loss"]).scalars(as: Double.self)[0]
    #expect(abs(loss / losses[index] - 1) < 1e-9, "loss of step \(index + 1)")
  }
  for name in names {
    guard let wanted = expected["\(golden.run).\(name)"] else { continue }
    let found = try #require(try state.read([name])[name])
    #expect(agreement(found, wanted) < 1e-9, "\(name)")
  }
  #expect(names.contains { expected["\(golden.run).\($0)"] != nil })
}
