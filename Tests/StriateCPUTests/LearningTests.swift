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

/// Steps of a training on the engine beside the same steps on the oracle.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct LearningTests {
  /// A network whose widths are no multiples of any block.
  struct Odd: Layer {
    let conv1 = Conv2D(in: 3, out: 5, kernel: 3, padding: 1, bias: false)
    let bn1 = BatchNorm2D(5)
    let conv2 = Conv2D(in: 5, out: 19, kernel: 3, stride: 2, padding: 1, bias: false)
    let bn2 = BatchNorm2D(19)
    let conv3 = Conv2D(in: 19, out: 19, kernel: 1)
    let depthwise = Conv2D(in: 19, out: 19, kernel: 3, padding: 1, groups: 19)
    let fc = Linear(in: 19, out: 7)
    let pool = MaxPool2D(2)

    func forward(_ x: Tensor) -> Tensor {
      var x = relu(bn1(conv1(x)))
      x = bn2(conv2(x))
      x = relu(x + conv3(x))
      x = pool(depthwise(x)) + 0.25
      return fc(x.mean(over: [2, 3]))
    }
  }

  struct Network: Sendable, CustomStringConvertible {
    let description: String
    let model: any Layer
    let input: Shape
    let classes: Int

    static let all = [
      Network(description: "odd widths", model: Odd(), input: [3, 10, 9], classes: 7),
      Network(
        description: "residual, odd widths", model: CIFARResNet(blocks: 1, widths: (5, 9, 21)),
        input: [3, 12, 12], classes: 10),
      Network(
        description: "lenet5", model: LeNet5(input: [1, 16, 16]), input: [1, 16, 16], classes: 10),
    ]

    func batch(_ size: Int, seed: UInt64) -> Batch {
      let images = CaseInput(TensorType(.float32, Shape([size] + input.dims)), .normal)
      return Batch(
        inputs: images.values(seed: seed, "images"),
        labels: CaseInput.labels(size, classes: classes).values(seed: seed, "labels"),
        indices: Array(0..<size))
    }

    func rule(_ optimizer: any Optimizer, on device: Device) -> GradientDescent {
      func make(_ model: some Layer) -> GradientDescent {
        GradientDescent(Objective(model), optimizer: optimizer, on: device)
      }
      return make(model)
    }
  }

  /// The weights, statistics and slots after some steps.
  private func trained(
    _ network: Network, _ optimizer: any Optimizer, batches: [Int], on device: Device
  ) throws -> NamedTensors {
    let rule = network.rule(optimizer, on: device)
    let start = try rule.initialState(seed: 4)
    let state = device.backend.makeState()
    try state.write(start.weights)
    try state.write(start.slots)
    for (index, size) in batches.enumerated() {
      let context = StepContext(step: index, seed: 4, learningRate: 0.02)
      let metrics = try rule.step(
        state, network.batch(size, seed: UInt64(index)), at: context)
      #expect(metrics.loss.isFinite)
    }
    return try state.read(state.names)
  }

  private func expectAgreement(
    _ network: Network, _ optimizer: any Optimizer, batches: [Int]
  ) throws {
    let found = try trained(
      network, optimizer, batches: batches, on: #require(TestDevice.cpu))
    let expected = try trained(network, optimizer, batches: batches, on: .oracle)
    #expect(found.names == expected.names)
    for (name, value) in expected {
      let error = relaxedAgreement(try #require(found[name]), value)
      #expect(error < 1e-4, "\(network): \(name) is off by \(error)")
    }
  }

  @Test("padding of blocked layouts stays zero: five steps agree", arguments: Network.all)
  func fiveSteps(_ network: Network) throws {
    try expectAgreement(
      network, SGD(momentum: 0.9, weightDecay: 1e-3), batches: [6, 6, 6, 6, 6])
  }

  @Test("one state serves programs of other batch sizes in turn", arguments: Network.all)
  func moved(_ network: Network) throws {
    try expectAgreement(network, SGD(momentum: 0.9), batches: [16, 3, 16, 16, 5, 3])
  }

  @Test("two runs give the same bytes", arguments: Network.all)
  func determinism(_ network: Network) throws {
    let device = try #require(TestDevice.cpu)
    let runs = try (0..<3).map { _ in
      try trained(network, Adam(), batches: [8, 8, 8, 5], on: device)
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0] == runs[2])
  }

  @Test("one thread and two agree within 1e-5 after a step", arguments: Network.all)
  func threads(_ network: Network) throws {
    let (one, two) = (try Device.cpu(threads: 1), try Device.cpu(threads: 2))
    let optimizer = SGD(momentum: 0.9)
    let found = try trained(network, optimizer, batches: [64], on: one)
    for (name, value) in try trained(network, optimizer, batches: [64], on: two) {
      let error = relaxedAgreement(try #require(found[name]), value)
      #expect(error < 1e-5, "\(network): \(name) is off by \(error)")
    }
  }
}
