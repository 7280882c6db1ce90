import StriateCore
import StriateIR
import StriateRuntime
import StriateTraining
import Testing

/// What PyTorch 2's optimisers make of the weights [1, −2] at rate 0.1 and weight decay 0.01 (float64).
private let cases: [(name: String, optimizer: any Optimizer, weights: [[Double]])] = [
  (
    "sgd", SGD(weightDecay: 0.01),
    [[0.949, -1.898], [0.923051, -2.1961019999999998], [1.022127949, -2.206405898]]
  ),
  (
    "momentum", SGD(momentum: 0.9, weightDecay: 0.01),
    [
      [0.949, -1.898], [0.8771509999999999, -2.104302], [0.9116097489999999, -2.3003694980000002],
    ]
  ),
  (
    "nesterov", SGD(momentum: 0.9, nesterov: true, weightDecay: 0.01),
    [
      [0.9031, -1.8062], [0.81257411, -2.29014822], [0.942869708191, -2.4767259163819997],
    ]
  ),
  (
    "adam", Adam(weightDecay: 0.01),
    [
      [0.9000000019607843, -1.9000000009803921], [0.8065550410499319, -1.9487271496806455],
      [0.8258477699317025, -1.9885115491838183],
    ]
  ),
  (
    "adamw", Adam.decoupled(weightDecay: 0.01),
    [
      [0.899000002, -1.898000001], [0.8048830404754623, -1.945520984107744],
      [0.824713859842936, -1.9842711864523468],
    ]
  ),
]

@Test(arguments: cases.indices)
func optimizersEqualPyTorch(_ index: Int) throws {
  let (name, optimizer, expected) = cases[index]
  let type = TensorType(.float64, [2])
  let program = try Program(on: .oracle) { builder in
    let scalars = optimizer.scalars.map { builder.input($0, TensorType(.float64, .scalar)) }
    let slots = optimizer.slots.map { builder.state($0, type) }
    let new = optimizer.update(
      builder.state("w", type), gradient: builder.input("g", type), slots: slots, scalars: scalars)
    builder.update("w", new.weight)
    for (slot, value) in zip(optimizer.slots, new.slots) { builder.update(slot, value) }
  }
  let state = try program.state(["w": HostTensor([1.0, -2.0])])
  for slot in optimizer.slots { try state.write([slot: HostTensor(zeros: type)]) }
  for (step, gradient) in [[0.5, -1.0], [0.25, 3.0], [-1.0, 0.125]].enumerated() {
    var inputs = ["g": HostTensor(gradient)]
    for (place, scalar) in optimizer.scalars.enumerated() {
      let value = optimizer.scalar(place, step: step + 1, learningRate: 0.1)
      inputs[scalar] = HostTensor(scalar: value)
    }
    _ = try program.run(inputs, state: state)
    let weights = try state.read(["w"])["w"]?.scalars(as: Double.self) ?? []
    for (a, b) in zip(weights, expected[step]) {
      #expect(abs(a - b) < 1e-14, "\(name), step \(step + 1)")
    }
  }
}
