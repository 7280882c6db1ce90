import Foundation
import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct FuzzTests {
  /// Forty rounds, or as many as `STRIATE_FUZZ_ROUNDS` asks for.
  private static let rounds: UInt64 = max(
    environment("STRIATE_FUZZ_ROUNDS").flatMap { UInt64($0) } ?? 40, 1)
  private static let shard: UInt64 = 50

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }

  @Test("Fuzz: random arithmetic agrees, run after run on one state")
  func arithmetic() throws {
    try fuzz("arithmetic") { try randomGraph(seed: $0, operations: 40) }
  }

  @Test("Fuzz: random networks learn as the oracle does")
  func networks() throws {
    try fuzz("networks") { try randomNetwork(seed: $0, operations: 3 + Int($0 % 4) * 12) }
  }

  /// Runs the shards that the ledger does not have; one that fails is not noted, and runs again.
  private func fuzz(_ kind: String, _ graph: (UInt64) throws -> Graph) throws {
    let backend = try CPUBackend()
    var ledger = try FuzzLedger(
      path: Self.environment("STRIATE_FUZZ_LEDGER").map {
        "\($0)/\(kind)-\(backend.library.instructionSet)-\(backend.threads).txt"
      }, build: Self.build)
    var total = FuzzTally()
    for first in stride(from: 1, through: Self.rounds, by: UInt64.Stride(Self.shard)) {
      let seeds = first...min(first + Self.shard - 1, Self.rounds)
      if let known = ledger.tally(of: seeds) {
        total = total + known
        continue
      }
      var (tally, remarks): (FuzzTally, [String]) = (FuzzTally(), [])
      for seed in seeds {
        let leftOut = Self.switches(seed)
        let names = leftOut.map(\.rawValue).sorted().joined(separator: ",")
        let verdict = try Switch.$leftOut.withValue(leftOut) {
          try FuzzRound(random: graph(seed), seed: seed).verdict(on: backend)
        }
        tally.add(verdict)
        let remark = "\(kind), seed \(seed), STRIATE_DISABLE=\(names): \(verdict)"
        if verdict.isFailure { Issue.record("\(remark)") }
        if case .agrees = verdict {} else { remarks.append(remark) }
      }
      if tally.failed == 0 { try ledger.finish(seeds, tally, remarks: remarks) }
      total = total + tally
    }
    print("fuzz: \(kind) on \(backend.summary): \(total)")
    #expect(total.isTelling, "too many rounds are left open: \(total)")
  }

  /// The optimisations that a seed leaves out: none, or each by a chance of one in four.
  private static func switches(_ seed: UInt64) -> Set<Switch> {
    var random = RandomStream(seed: seed, "switches")
    guard Bool.random(using: &random) else { return [] }
    return Set(Switch.allCases.filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
  }

  /// The library and the program, by its size and time: figures of another build are not taken over.
  private static let build: String = {
    let program = ProcessInfo.processInfo.arguments[0]
    let facts = try? FileManager.default.attributesOfItem(atPath: program)
    let date = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\((program as NSString).lastPathComponent), \(facts?[.size] ?? 0) bytes, \(date)"
  }()
}
