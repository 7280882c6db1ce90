import StriateCore
import StriateModels

/// What a paper claims, as a small experiment with a bar.
public struct Claim: Sendable {
  /// The name on the command line.
  public let id: String
  /// The year of the claim.
  public let year: Int
  /// Where it is made.
  public let paper: String
  /// What is claimed, in a sentence.
  public let statement: String
  /// How it is tried here.
  public let setup: String
  /// What must be found with a seed for the claim to hold with it.
  public let bars: [Bar]
  /// Whether pictures are learned from.
  let needsPictures: Bool
  /// The axes of its plot; nil where there is none.
  let axes: (x: String, y: String)?
  /// Tries it with one seed.
  package let experiment: @Sendable (Trial) throws -> Findings

  init(
    _ id: String, _ year: Int, _ paper: String, _ statement: String, setup: String, bars: [Bar],
    needsPictures: Bool = true, axes: (x: String, y: String)? = nil,
    experiment: @escaping @Sendable (Trial) throws -> Findings
  ) {
    self.id = id
    self.year = year
    self.paper = paper
    self.statement = statement
    self.setup = setup
    self.bars = bars
    self.needsPictures = needsPictures
    self.axes = axes
    self.experiment = experiment
  }

  /// Whether every bar holds; a bar whose quantity was not measured does not.
  public func holds(_ findings: Findings) -> Bool {
    bars.allSatisfy { $0.holds(findings[$0.quantity] ?? .nan) }
  }

  /// What came of trying it with several seeds.
  public func verdict(_ findings: [Findings]) -> Verdict {
    let held = findings.count(where: holds)
    if held == findings.count, held > 0 { return .reproduced }
    return held == 0 && !findings.isEmpty ? .notReproduced : .inconclusive
  }

  /// What came of a claim.
  public enum Verdict: String, Sendable, Hashable, CaseIterable {
    /// Every bar held with every seed.
    case reproduced
    /// With every seed some bar did not hold.
    case notReproduced = "not reproduced"
    /// The seeds do not agree.
    case inconclusive
  }
}

extension Claim {
  /// The claims in the order of history.
  public static let all: [Claim] =
    (cortex + neocognitron + leNet + alexNet + structure + residual + efficient + reuse + sparse)
    .enumerated().sorted { ($0.element.year, $0.offset) < ($1.element.year, $1.offset) }
    .map(\.element)

  /// The claims with these names, in the order of history.
  ///
  /// - Throws: `ModelError` with the names that may have been meant.
  public static func find(_ ids: [String]) throws(ModelError) -> [Claim] {
    for id in ids where !all.contains(where: { $0.id == id }) {
      let known = all.map(\.id)
      let hint = NearMiss.hint(for: id, among: known)
      throw ModelError(
        .unknown,
        "there is no claim named '\(id)'; "
          + (hint.isEmpty ? "known: \(known.joined(separator: ", "))" : hint))
    }
    return all.filter { ids.contains($0.id) }
  }
}
