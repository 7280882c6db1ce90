import StriateCore
import StriateIR
import StriateModels
import StriateRuntime
import Testing

@Suite struct DilationTests {
  /// Of the middle place of a map only those places get a gradient that it sees; weights of ones show all of them.
  @Test(
    "Receptive fields of the context module are the paper's",
    arguments: zip(1...8, [3, 5, 9, 17, 33, 65, 67, 67]))
  func receptiveField(layers: Int, field: Int) throws {
    let extent = 71
    let module = ContextModule(1, layers: layers)
    let naming = Naming(module)
    let program = try Program(on: .reference, naming: naming) { builder in
      let x = builder.input("input", TensorType(.float32, [1, 1, extent, extent]))
      let middle = module(x).slice(axis: 2, from: extent / 2, to: extent / 2 + 1)
        .slice(axis: 3, from: extent / 2, to: extent / 2 + 1)
      let gradient = builder.gradients(of: middle.reshaped(.scalar), in: [x])[0]
      builder.output("rows", gradient.max(over: [0, 1, 3]))
      builder.output("columns", gradient.max(over: [0, 1, 2]))
    }
    var weights = NamedTensors()
    for (path, parameter) in naming.parameters {
      let shape = parameter.type.shape
      weights[path] = try HostTensor(
        [Float](repeating: shape.rank > 1 ? 1 : 0, count: shape.count), shape: shape)
    }
    let ones = try HostTensor(
      [Float](repeating: 1, count: extent * extent), shape: [1, 1, extent, extent])
    let found = try program.run(["input": ones], state: program.state(weights))
    for axis in ["rows", "columns"] {
      let seen = found[axis]?.scalars(as: Double.self).map { $0 > 0 } ?? []
      #expect(seen.count { $0 } == field)
      #expect(seen == seen.reversed())
    }
  }

  @Test("The context module starts as the identity where maps are positive")
  func identity() throws {
    let module = ContextModule(3)
    let program = try Program(
      module, input: TensorType(.float32, [1, 3, 9, 7]), on: .reference)
    let values = (0..<189).map { Float(($0 * 37) % 101) / 50 }
    let image = try HostTensor(values, shape: [1, 3, 9, 7])
    let found = try program(
      image, state: program.state(Naming(module).initialWeights(seed: 1)))
    #expect(found.scalars(as: Float.self) == values)
  }
}
