import StriateCore
import StriateIR
import Testing

@Suite("The verifier")
struct VerifierTests {
  func sound() throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    let w = builder.state("w", TensorType(.float32, [2, 3]))
    builder.output("y", tanh(x) * w)
    builder.update("w", w + x)
    return try builder.finish()
  }

  @Test("a sound graph has no violation")
  func accepts() throws {
    #expect(try sound().violations() == [])
  }

  @Test("broken graphs are caught")
  func refuses() throws {
    func broken(_ change: (inout Graph) -> Void) throws -> String {
      var graph = try sound()
      change(&graph)
      return graph.violations().joined(separator: "; ")
    }
    #expect(try broken { $0.nodes.swapAt(0, 1) }.contains("before it is made"))
    #expect(try broken { $0.nodes.remove(at: 0) }.contains("before it is made"))
    #expect(try broken { $0.nodes.append($0.nodes[0]) }.contains("again"))
    #expect(
      try broken { $0.types[$0.nodes[0].outputs[0].index].shape = [3, 2] }.contains("rule says"))
    #expect(try broken { $0.nodes[0].inputs = [] }.contains("refuses its operands"))
    #expect(try broken { $0.nodes[0].inputs = [ValueID(99)] }.contains("before it is made"))
    #expect(try broken { $0.nodes[0].outputs = [.poison] }.contains("never made") == false)
    #expect(try broken { $0.outputs[0].value = .poison }.contains("never made"))
    #expect(
      try broken { graph in
        graph.states[0].update = graph.addValue(TensorType(.float32, [7]))
      }.contains("becomes"))
  }

  @Test("the printed graph shows edges, types and places")
  func printing() throws {
    let text = try sound().description
    #expect(text.contains("%0 = input x : f32[2, 3]"))
    #expect(text.contains("%2 = tanh(%0) : f32[2, 3]"))
    #expect(text.contains("state w <- %4"))
  }
}
