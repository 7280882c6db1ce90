import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

/// What every layer must be: named, counted, shaped, finite, and with a gradient for every weight.
struct LayerCase: Sendable, CustomStringConvertible {
  var description: String
  var layer: any Layer
  var input: Shape
  var output: Shape
  var keys: [String] = []
  var parameters = 0
}

let layerCases: [LayerCase] = [
  LayerCase(
    description: "conv", layer: Conv2D(in: 4, out: 6, kernel: Pair(3, 2), stride: 2, padding: 1),
    input: [2, 4, 7, 8], output: [2, 6, 4, 5], keys: ["weight", "bias"], parameters: 6 * 4 * 6 + 6),
  LayerCase(
    description: "grouped dilated conv",
    layer: Conv2D(in: 4, out: 6, kernel: 3, padding: 2, dilation: 2, groups: 2, bias: false),
    input: [1, 4, 5, 5], output: [1, 6, 5, 5], keys: ["weight"], parameters: 6 * 2 * 9),
  LayerCase(
    description: "linear", layer: Linear(in: 5, out: 3), input: [2, 5], output: [2, 3],
    keys: ["weight", "bias"], parameters: 18),
  LayerCase(
    description: "linear without bias", layer: Linear(in: 5, out: 3, bias: false), input: [1, 5],
    output: [1, 3], keys: ["weight"], parameters: 15),
  LayerCase(
    description: "batch norm", layer: BatchNorm2D(3), input: [2, 3, 4, 5], output: [2, 3, 4, 5],
    keys: ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"], parameters: 6),
  LayerCase(
    description: "max pool", layer: MaxPool2D(3, stride: 2, padding: 1), input: [1, 2, 7, 7],
    output: [1, 2, 4, 4]),
  LayerCase(
    description: "max pool, ceil", layer: MaxPool2D(2, ceil: true), input: [1, 2, 5, 5],
    output: [1, 2, 3, 3]),
  LayerCase(
    description: "average pool", layer: AvgPool2D(2), input: [1, 2, 4, 6], output: [1, 2, 2, 3]),
  LayerCase(
    description: "global average", layer: GlobalAveragePool(), input: [2, 3, 4, 5],
    output: [2, 3]),
  LayerCase(description: "relu", layer: ReLU(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "tanh", layer: Tanh(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "sigmoid", layer: Sigmoid(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "identity", layer: Identity(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "flatten", layer: Flatten(), input: [2, 3, 2, 2], output: [2, 12]),
  LayerCase(description: "dropout", layer: Dropout(0.3), input: [2, 30], output: [2, 30]),
  LayerCase(
    description: "sequential",
    layer: Sequential(Linear(in: 4, out: 3), ReLU(), Linear(in: 3, out: 2)),
    input: [2, 4], output: [2, 2], keys: ["0.weight", "0.bias", "2.weight", "2.bias"],
    parameters: 23),
  LayerCase(
    description: "repeated",
    layer: Sequential(repeated(2) { _ in Linear(in: 3, out: 3, bias: false) }),
    input: [2, 3], output: [2, 3], keys: ["0.weight", "1.weight"], parameters: 18),
  LayerCase(
    description: "named sequential",
    layer: NamedSequential([("block1-0", Linear(in: 4, out: 3, bias: false)), ("act", ReLU())]),
    input: [2, 4], output: [2, 3], keys: ["block1-0.weight"], parameters: 12),
]

@Test(arguments: layerCases)
func layersAreNamedShapedAndLearn(_ layer: LayerCase) throws {
  let naming = Naming(layer.layer)
  #expect(naming.parameters.map(\.path) == layer.keys)
  let weights = naming.parameters.filter { $0.parameter.role == .weight }
  #expect(weights.reduce(0) { $0 + $1.parameter.type.shape.count } == layer.parameters)

  for mode in [TraceOptions.Mode.training, .inference] {
    let program = try Program(
      on: .reference, options: TraceOptions(mode: mode), naming: naming
    ) { builder in
      let y = layer.layer(builder.input("input", TensorType(.float32, layer.input)))
      #expect(y.shape == layer.output)
      let read = weights.map { builder.read($0.parameter) }
      let gradients = builder.gradients(of: square(y - 0.3).sum(), in: read)
      for (entry, gradient) in zip(weights, gradients) { builder.output(entry.path, gradient) }
      builder.output("output", y)
    }
    let values = (0..<layer.input.count).map { Float(($0 * 7919) % 23) / 11 - 1 }
    var inputs = ["input": try HostTensor(values, shape: layer.input)]
    if program.graph.inputs.contains(where: { $0.name == "random.key" }) {
      inputs["random.key"] = HostTensor([Int64(3), 0])
    }
    let state = try program.state(naming.initialWeights(seed: 1))
    for (name, tensor) in try program.run(inputs, state: state) {
      let numbers = tensor.scalars(as: Double.self)
      #expect(numbers.allSatisfy { $0.isFinite })
      #expect(numbers.contains { $0 != 0 }, "\(name) is all zeros")
    }
  }
}

@Test(
  "bad hyperparameters are diagnosed, never a trap",
  arguments: [
    (Conv2D(in: 4, out: 4, kernel: 3, groups: 0), "groups"),
    (Conv2D(in: 4, out: 4, kernel: 3, groups: 3), "groups"),
    (Conv2D(in: -4, out: 4, kernel: 3), "channel"),
    (Conv2D(in: 4, out: 0, kernel: 3), "channel"),
    (Conv2D(in: 4, out: 4, kernel: 0), "kernel"),
    (Conv2D(in: 4, out: 4, kernel: 3, stride: 0), "stride"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: -1), "padding"),
    (Conv2D(in: 4, out: 4, kernel: 3, dilation: 0), "dilation"),
    (Conv2D(in: 4, out: .max, kernel: 3), "large"),
    (Linear(in: 0, out: 3), "feature"),
    (BatchNorm2D(0), "channel"),
    (BatchNorm2D(4, epsilon: -1), "epsilon"),
    (BatchNorm2D(4, momentum: 2), "momentum"),
    (BatchNorm2D(5), "images"),
    (MaxPool2D(0), "kernel"),
    (MaxPool2D(2, stride: 0), "stride"),
    (AvgPool2D(Pair(2, -2)), "kernel"),
    (Dropout(1), "rate"),
    (Dropout(.nan), "rate"),
    (NamedSequential([("a", ReLU()), ("a", ReLU())]), "differ"),
  ] as [(any Layer, String)])
func faultsAreDiagnosed(layer: any Layer, word: String) throws {
  for mode in [TraceOptions.Mode.training, .inference] {
    let error = #expect(throws: TraceError.self) {
      try Program(on: .reference, options: TraceOptions(mode: mode), naming: Naming(layer)) {
        $0.output("y", layer($0.input("input", TensorType(.float32, [2, 4, 8, 8]))))
      }
    }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
