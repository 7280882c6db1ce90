import StriateCore
import StriateFormats

/// What came of a claim when all were tried for the record.
public struct ClaimRecord: Sendable, Hashable {
  /// What came of it.
  public let verdict: Claim.Verdict
  /// The bars as they stood, as they are read.
  public let bars: [String]
  /// The commit that wrote the bars down.
  public let barsCommit: String
  /// The commit that recorded what was found.
  public let resultCommit: String

  /// Whether the claim's bars are still those that it was tried with.
  public func isCurrent(_ claim: Claim) -> Bool { bars == claim.bars.map(\.description) }

  /// The record of a claim; nil where it was not tried for it yet.
  public static func of(_ claim: Claim) -> ClaimRecord? { all[claim.id] }

  /// The report of the recorded run, as `claims run all` wrote it.
  static let report = json(PackageResources.claims_json)

  private static let all: [String: ClaimRecord] = {
    let commits = json(PackageResources.commits_json)
    var records: [String: ClaimRecord] = [:]
    for claim in report["claims"]?.array ?? [] {
      guard let id = claim["id"]?.string,
        let verdict = claim["verdict"]?.string.flatMap(Claim.Verdict.init),
        let bars = claim["bars"]?.array, let commit = commits[id],
        let first = commit["bars"]?.string, let second = commit["result"]?.string
      else { continue }
      records[id] = ClaimRecord(
        verdict: verdict, bars: bars.compactMap(\.string), barsCommit: first, resultCommit: second)
    }
    return records
  }()

  private static func json(_ bytes: [UInt8]) -> JSON {
    (try? JSON(parsing: bytes)) ?? .null
  }
}
