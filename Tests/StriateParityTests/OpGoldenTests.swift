import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite struct OpGoldenTests {
  private static let goldens = ["ops", "ops_spatial", "ops_more"].reduce(into: [String: Golden]()) {
    $0[$1] = try? Golden($1)
  }
  private static let present =
    OpGolden.all.filter { OpGolden.missing[$0.name] == nil } + OpGolden.spatial
    + OpGolden.more

  private func golden(_ file: String) throws -> Golden {
    try #require(Self.goldens[file], "\(file).safetensors cannot be read")
  }

  @Test("Golden: the table of ops is whole, and what is missing is missing on purpose")
  func table() throws {
    #expect(OpGolden.all.count == 136)
    #expect(OpGolden.spatial.count == 178)
    #expect(OpGolden.more.count == 99)
    #expect(Set(OpGolden.all.map(\.name)).isSuperset(of: OpGolden.missing.keys))
    let golden = try golden("ops")
    for opCase in OpGolden.all where OpGolden.missing[opCase.name] != nil {
      #expect(throws: OpGolden.MissingOp.self, "\(opCase) can be built by now") {
        try opCase.graph(golden)
      }
    }
  }

  @Test("Golden: every op of the interpreter in Double is PyTorch's", arguments: present)
  func oracle(_ opCase: OpGolden) throws {
    let golden = try golden(opCase.file)
    let graph = try opCase.graph(golden)
    for graph in [graph, graph.applying()] {
      let feeds = try feeds(opCase, graph, golden)
      let found = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: HostState())
      try expect(found, within: 1e-9, of: opCase, graph, golden)
    }
  }

  @Test(
    "Golden: every op on the CPU is within 1e-4 of PyTorch's float64",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"), arguments: present)
  func single(_ opCase: OpGolden) throws {
    let golden = try golden(opCase.file)
    let graph = try opCase.graph(golden)
    let feeds = try feeds(opCase, graph, golden).mapValues {
      $0.dtype.isFloatingPoint ? $0.converted(to: .float32) : $0
    }
    try expect(try run(graph, feeds, on: #require(cpu)), within: 1e-4, of: opCase, graph, golden)
  }

  private func feeds(
    _ opCase: OpGolden, _ graph: Graph, _ golden: Golden
  ) throws -> [String: HostTensor] {
    try Dictionary(
      uniqueKeysWithValues: graph.inputs.map { ($0.name, try golden["\(opCase).\($0.name)"]) })
  }

  private func expect(
    _ found: [String: HostTensor], within bound: Double, of opCase: OpGolden, _ graph: Graph,
    _ golden: Golden
  ) throws {
    #expect(graph.outputs.count == opCase.outputs.count + opCase.gradients.count)
    for port in graph.outputs {
      let value = try #require(found[port.name])
      let error = agreement(value, try golden["\(opCase).\(port.name)"])
      #expect(error <= bound, "\(opCase): \(port.name) is off by \(error)")
    }
  }
}
