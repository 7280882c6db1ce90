import Foundation
import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// The fuzz rounds can fail: faults planted in kernels, in memory and in passes are found, kinks are told from them.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct PlantedFaultTests {
  /// Another op in the place of the first that it is made for.
  struct Wrong: Sendable, CustomStringConvertible {
    let description: String
    let replacing: @Sendable (Op) -> Op?
  }

  static let wrong = [
    Wrong(description: "batch norm with an epsilon a tenth larger") {
      if case .batchNorm(let op) = $0 {
        .batchNorm(BatchNorm(epsilon: op.epsilon * 1.1))
      } else {
        nil
      }
    },
    Wrong(description: "batch norm's gradient with an epsilon a tenth larger") {
      if case .batchNormBackward(let op) = $0 {
        .batchNormBackward(BatchNormBackward(epsilon: op.epsilon * 1.1))
      } else {
        nil
      }
    },
    Wrong(description: "a mean that is a sum") {
      if case .reduce(let op) = $0, op.kind == .mean {
        .reduce(Reduce(.sum, axes: op.axes, keepsAxes: op.keepsAxes))
      } else {
        nil
      }
    },
    Wrong(description: "a mean pooling that counts its padding otherwise") {
      if case .averagePool(let op) = $0, op.window.padLow != [0, 0] {
        .averagePool(AveragePool(op.window, countsPadding: !op.countsPadding))
      } else {
        nil
      }
    },
    Wrong(description: "relu's gradient let through where it is closed") {
      if case .binary(let op) = $0, op.kind == .gate { .binary(Binary(.multiply)) } else { nil }
    },
    Wrong(description: "a tanh that is an erf") {
      if case .unary(let op) = $0, op.kind == .tanh { .unary(Unary(.erf)) } else { nil }
    },
    Wrong(description: "a local response of other strength") {
      if case .localResponse(let op) = $0 {
        .localResponse(LocalResponse(size: op.size, alpha: op.alpha * 1.05, beta: op.beta, k: op.k))
      } else {
        nil
      }
    },
  ]

  @Test("a wrong kernel is found and named", arguments: wrong)
  func kernels(_ wrong: Wrong) throws {
    var rounds = 0
    for seed in UInt64(1)...60 where rounds < 3 {
      let graph = try randomNetwork(seed: seed, operations: 15)
      let place = graph.applying().nodes.firstIndex { wrong.replacing($0.op) != nil }
      guard place != nil else { continue }
      rounds += 1
      let backend = Faulty(cpu: try CPUBackend()) { graph in
        var graph = graph
        for (position, node) in graph.nodes.enumerated() {
          guard let op = wrong.replacing(node.op) else { continue }
          graph.nodes[position].op = op
          break
        }
        return graph
      }
      let verdict = try FuzzRound(random: graph, seed: seed).verdict(on: backend)
      guard case .faulty(let faults) = verdict, let first = faults.first else {
        Issue.record("seed \(seed): \(verdict)")
        continue
      }
      // A value that stays in registers is seen in what its kernel writes.
      #expect(first.node >= place ?? 0 && first.error > 1e-5, "seed \(seed): \(first)")
    }
    #expect(rounds == 3)
  }

  @Test("memory that is used too early is found")
  func memory() throws {
    let backend = Faulty(cpu: try CPUBackend(), isObservedRight: true) { graph in
      var graph = graph
      for (position, node) in graph.nodes.enumerated() where node.op == .unary(Unary(.tanh)) {
        graph.nodes[position].op = .unary(Unary(.erf))
      }
      return graph
    }
    let verdict = try FuzzRound(random: randomNetwork(seed: 3, operations: 15), seed: 3)
      .verdict(on: backend)
    guard case .unlike = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  @Test("a wrong pass is found")
  func passes() throws {
    let backend = Faulty(cpu: try CPUBackend(), isGraphTold: true) { graph in
      var graph = graph
      for (position, node) in graph.nodes.enumerated() where node.op == .unary(Unary(.tanh)) {
        graph.nodes[position].op = .unary(Unary(.erf))
      }
      return graph
    }
    let verdict = try FuzzRound(random: randomNetwork(seed: 3, operations: 15), seed: 3)
      .verdict(on: backend)
    guard case .differs = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  /// A third, compared with what lies so far above it.
  private func decision(at distance: Double) throws -> FuzzRound {
    let builder = GraphBuilder()
    let x = builder.input("x0", TensorType(.float32, [8]))
    builder.output("y0", select(x / 3.0 .> (1.0 / 3.0 + distance), x, -x))
    let feeds = ["x0": HostTensor([Float](repeating: 1, count: 8))]
    return FuzzRound(try builder.finish(), feeds: feeds, states: NamedTensors(), runs: 1)
  }

  @Test("a decision within rounding of its kink is told from a fault")
  func kink() throws {
    // In single precision both are 0.33333334, and neither is greater.
    let verdict = try decision(at: -1e-9).verdict(on: CPUBackend())
    guard case .kinked(let kinks) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(kinks.count == 8 && kinks.allSatisfy { $0.op == "greater" && $0.distance < 1e-7 })
  }

  @Test("a decision that is taken wrongly is a fault, however it came about")
  func wrongDecision() throws {
    let backend = Faulty(cpu: try CPUBackend()) { graph in
      var graph = graph
      for (position, node) in graph.nodes.enumerated() where node.op == .compare(Compare(.greater))
      {
        graph.nodes[position].op = .compare(Compare(.less))
      }
      return graph
    }
    let verdict = try decision(at: 1e-3).verdict(on: backend)
    #expect(verdict.isFailure, "\(verdict)")
  }

  @Test("too many open rounds say nothing")
  func share() {
    var tally = FuzzTally()
    for _ in 0..<198 { tally.add(.agrees) }
    tally.add(.kinked([]))
    tally.add(.kinked([]))
    #expect(tally.isTelling)
    tally.add(.kinked([]))
    tally.add(.kinked([]))
    #expect(!tally.isTelling)
  }
}

@Suite struct FuzzLedgerTests {
  @Test("a run goes on after the last whole shard; another build begins anew")
  func resume() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/deeper/ledger.txt"
    var tally = FuzzTally()
    for _ in 0..<49 { tally.add(.agrees) }
    tally.add(.kinked([]))
    var ledger = try FuzzLedger(path: path, build: "one")
    #expect(ledger.tally(of: 1...50) == nil)
    try ledger.finish(1...50, tally, remarks: ["seed 7: kinked"])
    try ledger.finish(51...100, tally, remarks: [])
    // A kill in the middle of a line.
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try String(text.dropLast(12)).write(toFile: path, atomically: true, encoding: .utf8)
    let again = try FuzzLedger(path: path, build: "one")
    #expect(again.tally(of: 1...50) == tally)
    #expect(again.tally(of: 51...100) == nil)
    #expect(try FuzzLedger(path: path, build: "two").tally(of: 1...50) == nil)
  }
}

/// The CPU engine with a fault: what it runs is not the graph that it says.
private struct Faulty: ObservableBackend {
  let cpu: CPUBackend
  /// Whether only the program that uses memory again has the fault.
  var isObservedRight = false
  /// Whether it tells the graph that it runs, as after a wrong pass.
  var isGraphTold = false
  let altering: @Sendable (Graph) -> Graph

  var id: String { cpu.id }
  var summary: String { cpu.summary }
  func makeState() -> any ResidentState { cpu.makeState() }

  func compile(_ graph: Graph) throws -> any Executable { try pretending(graph, false) }
  func compileObserved(_ graph: Graph) throws -> any ObservedExecutable {
    try pretending(graph, isObservedRight)
  }

  private func pretending(_ graph: Graph, _ isRight: Bool) throws -> Pretending {
    // The engine's own passes would number values anew.
    try Switch.$leftOut.withValue([.foldBatchNorm, .gatePooled]) {
      let run = try cpu.compileObserved(isRight ? graph : altering(graph))
      return Pretending(base: run, graph: isGraphTold ? run.graph : graph)
    }
  }
}

private final class Pretending: ObservedExecutable {
  let base: any ObservedExecutable
  let graph: Graph
  var report: ExecutionReport { base.report }

  init(base: any ObservedExecutable, graph: Graph) {
    (self.base, self.graph) = (base, graph)
  }

  func run(_ buffers: RunBuffers, state: any ResidentState) throws {
    try base.run(buffers, state: state)
  }
  func observedValues() throws -> [ValueID: HostTensor] { try base.observedValues() }
}
