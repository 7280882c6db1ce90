import StriateCPU
import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// A network whose training PyTorch recorded.
struct TrainingGolden: Sendable, CustomStringConvertible {
  let description: String
  let model: any Layer
  /// The file that holds the weights after three steps of an optimiser.
  let file: @Sendable (_ optimizer: String) -> String

  static let all = [
    TrainingGolden(description: "train_lenet5", model: LeNet5()) { "train_lenet5_\($0)" },
    TrainingGolden(
      description: "train_tinyresnet", model: CIFARResNet(blocks: 1, widths: (8, 12, 20))
    ) { _ in "train_tinyresnet" },
  ]
}

struct OptimizerGolden: Sendable, CustomStringConvertible {
  let description: String
  let optimizer: any Optimizer
  let learningRate: Double

  static let all = [
    OptimizerGolden(
      description: "sgd", optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), learningRate: 0.05),
    OptimizerGolden(
      description: "nesterov", optimizer: SGD(momentum: 0.9, nesterov: true, weightDecay: 1e-4),
      learningRate: 0.05),
    OptimizerGolden(description: "adam", optimizer: Adam(), learningRate: 1e-3),
    OptimizerGolden(
      description: "adamw", optimizer: Adam.decoupled(weightDecay: 0.01), learningRate: 1e-3),
  ]
}

let cpu: Device? = try? Device.cpu()

@Suite struct TrainingGoldenTests {
  /// Loss, logits and the gradient of every parameter as a graph.
  private func gradientGraph(_ model: any Layer, _ input: TensorType) throws -> Graph {
    func build(_ model: some Layer) throws -> Graph {
      let naming = Naming(model)
      let builder = GraphBuilder(options: TraceOptions(mode: .training), naming: naming)
      let labels = builder.input("labels", TensorType(.int32, [input.shape[0]]))
      let logits = model(builder.input("input", input))
      let loss = CrossEntropyLoss()(logits, labels)
      let weights = naming.parameters.filter { $0.parameter.role == .weight }
      let gradients = builder.gradients(of: loss, in: weights.map { builder.read($0.parameter) })
      builder.output("loss", loss)
      builder.output("logits", logits)
      for ((path, _), gradient) in zip(weights, gradients) {
        builder.output("grad.\(path)", gradient)
      }
      return try builder.finish()
    }
    return try build(model)
  }

  /// Demands an error against float64 of at most 1e-4, or three times that of PyTorch's own float32.
  private func expectClose(
    _ found: HostTensor, _ golden64: HostTensor, _ golden32: HostTensor?, _ name: String
  ) {
    let error = agreement(found, golden64)
    let bound = max(1e-4, 3 * (golden32.map { agreement($0, golden64) } ?? 0))
    #expect(error <= bound, "\(name) is off by \(error), allowed are \(bound)")
  }

  @Test(
    "Golden: one step of the interpreter in Double equals PyTorch's float64",
    arguments: TrainingGolden.all)
  func oracleStep(_ network: TrainingGolden) throws {
    let golden = try Golden(network.description)
    let input = try golden["input"]
    let graph = try gradientGraph(network.model, input.type)
    let state = HostState()
    try state.write(NamedTensors(golden.under("init").map { ($0.name, $0.value.doubled) }))
    let found = try Interpreter<Double>(graph.applying()).evaluate(
      inputs: ["input": input, "labels": golden["labels"]], state: state)
    for port in graph.outputs {
      let name =
        port.name.hasPrefix("grad.") ? "grad64." + port.name.dropFirst(5) : port.name + "64"
      let error = agreement(try #require(found[port.name]), try golden[name])
      #expect(error < 1e-9, "\(port.name) is off by \(error)")
    }
  }

  @Test(
    "Golden: one step on the CPU is as near to float64 as PyTorch's float32",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"),
    arguments: TrainingGolden.all)
  func cpuStep(_ network: TrainingGolden) throws {
    let golden = try Golden(network.description)
    let input = try golden["input"]
    let graph = try gradientGraph(network.model, input.type)
    let weights = NamedTensors(golden.under("init").map { ($0.name, $0.value) })
    let found = try run(
      graph, ["input": input, "labels": golden["labels"]], state: weights, on: #require(cpu))
    for port in graph.outputs {
      let suffix = port.name.hasPrefix("grad.") ? "." + port.name.dropFirst(5) : ""
      let stem = suffix.isEmpty ? port.name : "grad"
      expectClose(
        try #require(found[port.name]), try golden["\(stem)64\(suffix)"],
        try golden["\(stem)32\(suffix)"], port.name)
    }
  }

  @Test(
    "Golden: weights and statistics after three steps",
    arguments: TrainingGolden.all, OptimizerGolden.all)
  func threeSteps(_ network: TrainingGolden, _ rule: OptimizerGolden) throws {
    let start = try Golden(network.description)
    let golden = try Golden(network.file(rule.description))
    let batch = Batch(
      inputs: try start["input"], labels: try start["labels"],
      indices: Array(0..<(try start["input"].shape[0])))
    for device in [Device.oracle] + (cpu.map { [$0] } ?? []) {
      let isOracle = device.id == "oracle"
      func made(_ model: some Layer) throws -> TrainingStep {
        try TrainingStep(
          Objective(model), optimizer: rule.optimizer, input: batch.inputs.type,
          scalars: isOracle ? .float64 : .float32, on: device)
      }
      let step = try made(network.model)
      let state = device.backend.makeState()
      var weights = NamedTensors(
        start.under("init").map { ($0.name, isOracle ? $0.value.doubled : $0.value) })
      for resident in step.program.graph.states where weights[resident.name] == nil {
        weights[resident.name] = HostTensor(zeros: step.program.graph.type(resident.value))
      }
      try state.write(weights)
      for index in 0..<3 {
        let context = StepContext(step: index, seed: 0, learningRate: rule.learningRate)
        _ = try step.run(batch, at: context, state: state)
      }
      let expected = golden.under("\(rule.description)64")
      #expect(!expected.isEmpty)
      let found = try state.read(expected.map(\.name))
      for (name, value) in expected {
        let own = try #require(found[name])
        if isOracle {
          let error = agreement(own, value)
          #expect(error < 1e-9, "\(device): \(name) is off by \(error)")
        } else {
          let single = golden.tensors["\(rule.description)32.\(name)"]
          expectClose(own, value, single, "\(device): \(name)")
        }
      }
    }
  }
}

extension HostTensor {
  /// In double precision, if it is in floating point.
  var doubled: HostTensor { dtype.isFloatingPoint ? converted(to: .float64) : self }
}

extension NamedTensors {
  init(_ pairs: [(String, HostTensor)]) {
    self.init()
    for (name, value) in pairs { self[name] = value }
  }
}
