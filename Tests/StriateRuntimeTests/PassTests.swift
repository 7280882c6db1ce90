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
    for passes in [Pass.standard] + Pass.standard.map({ [$0] }) {
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
