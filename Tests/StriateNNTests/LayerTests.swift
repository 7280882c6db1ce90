import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

@Test(arguments: allLayerCases)
func layersAreNamedShapedAndLearn(_ layer: LayerCase) throws {
  let naming = Naming(layer.layer)
  #expect(naming.parameters.map(\.path) == layer.keys)
  let weights = naming.parameters.filter { $0.parameter.role == .weight }
  #expect(weights.reduce(0) { $0 + $1.parameter.type.shape.count } == layer.parameters)

  for mode in [TraceOptions.Mode.training, .inference] {
    let program = try Program(
      on: .reference, options: TraceOptions(mode: mode), naming: naming
    ) { builder in
      let y = layer.layer(builder.input("input", TensorType(layer.dtype, layer.input)))
      #expect(y.shape == layer.output)
      let read = weights.map { builder.read($0.parameter) }
      let gradients = builder.gradients(of: square(y - 0.3).sum(), in: read)
      for (entry, gradient) in zip(weights, gradients) { builder.output(entry.path, gradient) }
      builder.output("output", y)
    }
    let forward = try Program(
      layer.layer, input: TensorType(layer.dtype, layer.input), mode: mode, on: .reference)
    #expect(forward.graph.cost.macs == layer.macs)
    let values = (0..<layer.input.count).map { Float(($0 * 7919) % 23) / 11 - 1 }
    let whole = try HostTensor(values.map { abs($0) }, shape: layer.input)
    let real = try HostTensor(values, shape: layer.input)
    var inputs = ["input": layer.dtype == .int32 ? whole.converted(to: .int32) : real]
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

@Test(arguments: allLayerCases)
func layersTakeTheirSmallestInputAndRefuseLess(_ layer: LayerCase) throws {
  let modes = [TraceOptions.Mode.training, .inference]
  if let smallest = layer.smallest {
    for mode in modes {
      let type = TensorType(layer.dtype, smallest)
      let program = try Program(layer.layer, input: type, mode: mode, on: .reference)
      var inputs = ["input": HostTensor(zeros: type)]
      if program.graph.inputs.contains(where: { $0.name == "random.key" }) {
        inputs["random.key"] = HostTensor([Int64(3), 0])
      }
      let outputs = try program.run(inputs, state: program.state(program.initialWeights(seed: 1)))
      let y = try #require(outputs["output"]).scalars(as: Double.self)
      #expect(!y.isEmpty && y.allSatisfy { $0.isFinite })
    }
  }
  if let less = layer.tooSmall {
    #expect(throws: TraceError.self) {
      try Program(
        layer.layer, input: TensorType(layer.dtype, less), mode: .training, on: .reference)
    }
  }
}

@Test(arguments: allLayerCases)
func frozenLayersGetNoUpdate(_ layer: LayerCase) throws {
  let options = TraceOptions(mode: .training, frozen: [""])
  let program = try Program(on: .reference, options: options, naming: Naming(layer.layer)) {
    $0.output("y", layer.layer($0.input("x", TensorType(layer.dtype, layer.input))))
  }
  #expect(program.graph.states.allSatisfy { $0.update == nil })
}
