import Foundation
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct FuzzTests {
  /// Forty, or as many as `STRIATE_FUZZ_ROUNDS` asks for.
  static let seeds: [UInt64] = {
    let asked = ProcessInfo.processInfo.environment["STRIATE_FUZZ_ROUNDS"].flatMap { UInt64($0) }
    return Array(1...max(asked ?? 40, 1))
  }()

  @Test("Fuzz: random arithmetic agrees, run after run on one state", arguments: seeds)
  func arithmetic(_ seed: UInt64) throws {
    let graph = try randomGraph(seed: seed, operations: 40)
    try expectAgreement(graph, seed)
  }

  @Test("Fuzz: random networks learn as the oracle does", arguments: seeds)
  func networks(_ seed: UInt64) throws {
    let graph = try randomNetwork(seed: seed, operations: 3 + Int(seed % 4) * 12)
    #expect(graph.violations() == [])
    try expectAgreement(graph, seed)
  }

  private func expectAgreement(_ graph: Graph, _ seed: UInt64) throws {
    let inputs = OpCase("random", []) { _, _ in [] }
    let errors = try compare(
      graph, feeds: inputs.feeds(for: graph, seed: seed),
      states: randomStates(of: graph, seed: seed), runs: 3, on: #require(TestDevice.cpu))
    for error in errors { #expect(error.error < 1e-4, "seed \(seed): \(error)") }
  }
}
