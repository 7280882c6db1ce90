import Foundation

/// How many rounds of a fuzz run came to what.
public struct FuzzTally: Sendable, Equatable, CustomStringConvertible {
  public private(set) var agreeing = 0
  public private(set) var kinked = 0
  public private(set) var illConditioned = 0
  public private(set) var failed = 0

  /// No rounds.
  public init() {}

  /// Counts a round.
  public mutating func add(_ verdict: FuzzRound.Verdict) {
    switch verdict {
    case .agrees: agreeing += 1
    case .kinked: kinked += 1
    case .illConditioned: illConditioned += 1
    case .faulty, .unlike, .differs: failed += 1
    }
  }

  /// Counts another tally's rounds too.
  public static func + (a: FuzzTally, b: FuzzTally) -> FuzzTally {
    var sum = a
    sum.agreeing += b.agreeing
    sum.kinked += b.kinked
    sum.illConditioned += b.illConditioned
    sum.failed += b.failed
    return sum
  }

  public var rounds: Int { agreeing + kinked + illConditioned + failed }

  /// Rounds in which the graph itself left open what the whole run gives; their kernels were compared all the same.
  public var excluded: Int { kinked + illConditioned }

  /// Whether few enough rounds are excluded to say anything: one, and one in a hundred.
  public var isTelling: Bool { excluded <= 1 + rounds / 100 }

  /// `1000 rounds: 996 agree, 2 at kinks, 2 ill-conditioned, 0 failed`.
  public var description: String {
    "\(rounds) rounds: \(agreeing) agree, \(kinked) at kinks, \(illConditioned) ill-conditioned, "
      + "\(failed) failed"
  }

  /// A tally as `description` writes it.
  init?(_ text: some StringProtocol) {
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count == 5 else { return nil }
    (agreeing, kinked, illConditioned, failed) = (numbers[1], numbers[2], numbers[3], numbers[4])
    guard rounds == numbers[0] else { return nil }
  }
}

/// A text file of finished shards, so that a fuzz run that was killed goes on where it was.
///
/// A line a shard, `seeds 1-50: 50 rounds: …`, and lines that begin with `#` for rounds that are excluded. Its first
/// line names the build; a ledger of another build begins anew.
public struct FuzzLedger {
  private let path: String?
  private var known: [ClosedRange<UInt64>: FuzzTally] = [:]

  /// The ledger of a file; without one, nothing is kept.
  public init(path: String?, build: String) throws {
    self.path = path
    guard let path else { return }
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    // A line that a kill cut short has no end.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    guard lines.first == "# \(build)" else {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try "# \(build)\n".write(toFile: path, atomically: true, encoding: .utf8)
      return
    }
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      let ends = parts[0].dropFirst("seeds ".count).split(separator: "-").compactMap { UInt64($0) }
      guard line.hasPrefix("seeds "), parts.count == 2, ends.count == 2, ends[0] <= ends[1],
        let tally = FuzzTally(parts[1])
      else { continue }
      known[ends[0]...ends[1]] = tally
    }
  }

  /// What a finished shard came to; nil for one that is still to run.
  public func tally(of seeds: ClosedRange<UInt64>) -> FuzzTally? { known[seeds] }

  /// Notes a finished shard.
  public mutating func finish(
    _ seeds: ClosedRange<UInt64>, _ tally: FuzzTally, remarks: [String]
  ) throws {
    known[seeds] = tally
    guard let path, let file = FileHandle(forWritingAtPath: path) else { return }
    defer { try? file.close() }
    try file.seekToEnd()
    let lines =
      remarks.map { "# \($0)\n" } + ["seeds \(seeds.lowerBound)-\(seeds.upperBound): \(tally)\n"]
    try file.write(contentsOf: Data(lines.joined().utf8))
  }
}
