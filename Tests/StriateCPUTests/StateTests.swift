import Dispatch
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Programs that read a state beside replacing it: what a run finds must not be what it leaves.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct StateTests {
  struct Hazard: Sendable, CustomStringConvertible {
    let description: String
    let build: @Sendable (GraphBuilder, _ a: Tensor, _ b: Tensor) -> Void

    init(_ description: String, _ build: @escaping @Sendable (GraphBuilder, Tensor, Tensor) -> Void)
    {
      self.description = description
      self.build = build
    }
  }

  static let hazards = [
    Hazard("the old value is an output") { builder, a, _ in
      builder.output("old", a)
      builder.update("a", a * 2 + 1)
    },
    Hazard("a view of the old value is an output") { builder, a, _ in
      builder.output("old", a.reshaped([-1]))
      builder.update("a", a * 2 + 1)
    },
    Hazard("a repetition of the old value is an output") { builder, a, _ in
      builder.output("old", a.broadcast(to: [2, 4, 4]))
      builder.update("a", a * 2 + 1)
    },
    Hazard("a view of a repetition of the old value is an output") { builder, a, _ in
      builder.output("old", a.broadcast(to: [2, 4, 4]).reshaped([8, 4]))
      builder.update("a", a * 2 + 1)
    },
    Hazard("the old value is an output beside a product") { builder, a, b in
      builder.output("old", a)
      builder.update("a", matmul(a, b))
    },
    Hazard("the new value is an output") { builder, a, _ in
      let new = a * 2 + 1
      builder.output("new", new)
      builder.update("a", new)
    },
    Hazard("the new value is used again") { builder, a, b in
      let new = a * 2 + 1
      builder.output("product", matmul(new, a) + b)
      builder.update("a", new)
    },
    Hazard("two states exchange values") { builder, a, b in
      builder.update("a", b)
      builder.update("b", a)
    },
    Hazard("two states exchange values with arithmetic") { builder, a, b in
      builder.update("a", b * 1.5)
      builder.update("b", a - 2)
    },
    Hazard("two states become one value") { builder, a, b in
      builder.update("a", a + b)
      builder.update("b", a + b)
    },
    Hazard("a state becomes another's old value") { builder, a, b in
      builder.update("a", b)
      builder.update("b", b + 1)
    },
    Hazard("a state becomes a view of another's old value") { builder, a, b in
      builder.update("a", b.reshaped([2, 8]).reshaped([16]).reshaped([4, 4]))
      builder.update("b", b + 1)
    },
    Hazard("a state becomes its own transpose") { builder, a, b in
      builder.update("a", a.transposed([1, 0]))
      builder.update("b", a.transposed([1, 0]) + b)
    },
    Hazard("a state becomes an input") { builder, a, _ in
      builder.update("a", builder.input("x0", a.type))
      builder.output("old", a)
    },
    Hazard("a state becomes a number") { builder, a, b in
      builder.update("a", builder.fill(3, a.type))
      builder.update("b", a + b)
    },
    Hazard("a row of a state moves the state") { builder, a, _ in
      let row = a.slice(axis: 0, from: 1, to: 2)
      builder.update("a", a - row)
    },
    Hazard("blocked filters are outputs too") { builder, a, _ in
      let w = builder.state("filter", TensorType(.float32, [17, 3, 3, 3]))
      let x = builder.input("x0", TensorType(.float32, [2, 3, 6, 6]))
      let gradient = builder.gradients(of: square(convolution(x, w)).mean(), in: [w])[0]
      builder.output("old", w)
      builder.output("flat", w.reshaped([17, 27]))
      builder.update("filter", w - gradient)
      builder.update("a", a + 1)
    },
  ]

  @Test("a run finds what the one before left", arguments: hazards)
  func hazard(_ hazard: Hazard) throws {
    let builder = GraphBuilder()
    let square = TensorType(.float32, [4, 4])
    hazard.build(builder, builder.state("a", square), builder.state("b", square))
    let graph = try builder.finish()
    let feeds = OpCase("state", []) { _, _ in [] }.feeds(for: graph)
    let errors = try compare(
      graph, feeds: feeds, states: randomStates(of: graph, seed: 5), runs: 3,
      on: #require(TestDevice.cpu))
    #expect(!errors.isEmpty)
    for error in errors { #expect(error.error < 1e-5, "\(error)") }
  }

  @Test("two threads run two programs on one device")
  func concurrency() throws {
    let device = try #require(TestDevice.cpu)
    let graphs = try [3, 5].map { try randomNetwork(seed: $0, operations: 20).applying() }
    @Sendable func outputs(_ graph: Graph) throws -> [[HostTensor]] {
      let executable = try device.backend.compile(graph)
      let state = device.backend.makeState()
      try state.write(randomStates(of: graph, seed: 9))
      let buffers = try RunBuffers(graph)
      let feeds = OpCase("state", []) { _, _ in [] }.feeds(for: graph)
      for (name, tensor) in feeds { try buffers.set(name, tensor) }
      return try (0..<30).map { _ in
        try executable.run(buffers, state: state)
        return try buffers.outputPorts.map { try buffers.output($0.name) }
      }
    }
    let alone = try graphs.map(outputs)
    let together = Together(count: graphs.count)
    DispatchQueue.concurrentPerform(iterations: graphs.count) { index in
      together.set(index, Result { try outputs(graphs[index]) })
    }
    for (index, result) in together.results.enumerated() {
      #expect(try result?.get() == alone[index])
    }
  }
}

/// Results that several threads deliver.
private final class Together: @unchecked Sendable {
  private let queue = DispatchQueue(label: "results")
  private(set) var results: [Result<[[HostTensor]], any Error>?]

  init(count: Int) { results = Array(repeating: nil, count: count) }

  func set(_ index: Int, _ result: Result<[[HostTensor]], any Error>) {
    queue.sync { results[index] = result }
  }
}
