import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite("Passes keep meaning")
struct PassTests {
  @Test("random graphs equal before and after every pass", arguments: [UInt64](1...120))
  func randomGraphs(_ seed: UInt64) throws {
    let graph = try randomGraph(seed: seed, operations: 6 + Int(seed % 18))
    #expect(graph.violations() == [])
    let feeds = ["x0": CaseInput.normal([2, 3, 4]).values(seed: seed, "x0")]
    let weights: NamedTensors = ["w": CaseInput.normal([3, 4]).values(seed: seed, "w")]

    func results(_ graph: Graph) throws -> ([String: HostTensor], NamedTensors) {
      let state = HostState()
      try state.write(weights)
      let outputs = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: state)
      return (outputs, try state.read(["w"]))
    }
    let (expected, kept) = try results(graph)
    let others = [Pass.folding, [.gateBeforeUnpooling]]
    for passes in [Pass.standard] + others + Pass.standard.map({ [$0] }) {
      let rewritten = graph.applying(passes)
      #expect(rewritten.violations() == [])
      let (found, updated) = try results(rewritten)
      #expect(found.keys.sorted() == expected.keys.sorted())
      for (name, value) in expected {
        let error = found[name].map { agreement($0, value) } ?? .infinity
        #expect(error < 1e-12, "\(name) after \(passes.map(\.name))\n\(graph)\n\(rewritten)")
      }
      #expect(try agreement(#require(updated["w"]), #require(kept["w"])) < 1e-12)
    }
  }

  @Test("passes do what they are named for")
  func effects() throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    _ = exp(x)
    let a = tanh(x * 1.0 + 0.0)
    let b = tanh(x.transposed([1, 0]).transposed([1, 0]).reshaped([6]).reshaped([2, 3]))
    builder.output("y", a + b)
    let graph = try builder.finish().applying()
    #expect(graph.nodes.map(\.op.name) == ["tanh", "add"])
  }

  @Test("a batch norm in use becomes part of the filters before it", arguments: [false, true])
  func folds(withBias: Bool) throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 3, 6, 6]))
    func vector(_ name: String) -> Tensor { builder.state(name, TensorType(.float32, [5])) }
    var y = convolution(x, builder.state("w", TensorType(.float32, [5, 3, 3, 3])))
    if withBias { y = y + vector("bias").alongChannels(like: y) }
    let factor = vector("scale") * rsqrt(vector("variance") + 1e-5)
    let shift = vector("shift") - vector("mean") * factor
    builder.output(
      "y", relu(y * factor.alongChannels(like: y) + shift.alongChannels(like: y)))
    let graph = try builder.finish().applying()
    let folded = graph.applying(Pass.folding)
    #expect(folded.violations() == [])
    // Nothing but the filters is multiplied any more, and the images are added to once.
    let images = folded.nodes.filter { folded.type($0.outputs[0]).shape == [2, 5, 4, 4] }
    #expect(images.map(\.op.name).filter { $0 != "broadcast" } == ["convolution", "add", "relu"])

    let state = HostState()
    for port in graph.states {
      let range = CaseInput(graph.type(port.value), .uniform(0.5...2))
      try state.write([port.name: range.values(seed: 3, port.name)])
    }
    let feeds = ["x": CaseInput.normal([2, 3, 6, 6]).values(seed: 4, "x")]
    let before = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: state)
    let after = try Interpreter<Double>(folded).evaluate(inputs: feeds, state: state)
    #expect(try agreement(#require(after["y"]), #require(before["y"])) < 1e-12)
  }

  @Test("filters that a run changes are not folded")
  func keepsChangingFilters() throws {
    let builder = GraphBuilder()
    let w = builder.state("w", TensorType(.float32, [5, 3, 1, 1]))
    let y = convolution(builder.input("x", TensorType(.float32, [2, 3, 4, 4])), w)
    let scale = builder.state("scale", TensorType(.float32, [5]))
    builder.output("y", y * scale.alongChannels(like: y))
    builder.update("w", w * 0.5)
    let graph = try builder.finish().applying()
    #expect(graph.applying(Pass.folding).nodes.count == graph.nodes.count)
  }

  @Test("ReLU's gradient acts on what was pooled, windows overlapping or not", arguments: [2, 3])
  func gates(kernel: Int) throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 3, 7, 7]))
    let y = relu(x)
    let pooled = maxPool(y, kernel: [kernel, kernel], stride: [2, 2])
    let gradients = builder.gradients(of: (pooled * pooled).sum(), in: [x])
    builder.output("dx", gradients[0])
    let graph = try builder.finish().applying()
    let moved = graph.applying([.gateBeforeUnpooling, .eliminateDeadCode])
    let gate = try #require(moved.nodes.first { $0.op.name == "gate" })
    #expect(moved.type(gate.outputs[0]).shape == pooled.shape)
    let feeds = ["x": CaseInput.normal([2, 3, 7, 7]).values(seed: 5, "x")]
    let before = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: HostState())
    let after = try Interpreter<Double>(moved).evaluate(inputs: feeds, state: HostState())
    #expect(before["dx"] == after["dx"])
  }

  @Test("0 and -0 stay two numbers")
  func signedZero() throws {
    let builder = GraphBuilder()
    let one = TensorType(.float32, [1])
    builder.output("a", builder.fill(1, one) / builder.input("x", one) + builder.fill(0, one))
    builder.output("b", builder.fill(0, one))
    builder.output("c", builder.fill(-0.0, one))
    let graph = try builder.finish().applying()
    let feeds = ["x": HostTensor([Float(2)])]
    let outputs = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: HostState())
    #expect(outputs["b"]?.scalars(as: Double.self).first?.sign == .plus)
    #expect(outputs["c"]?.scalars(as: Double.self).first?.sign == .minus)
  }
}
