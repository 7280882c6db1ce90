import StriateCore
import StriateIR
import StriateModels
import StriateTraining

/// One step of the history, in a form that learns from small pictures.
public struct LineageMember: Sendable {
  /// How it comes to its answers.
  enum Kind: Sendable {
    /// The class of the nearest training picture.
    case nearestNeighbour
    /// A network that learns by gradients.
    case network(@Sendable (_ classes: Int, _ input: Shape) -> any Layer)
    /// The Neocognitron's own rule.
    case neocognitron
    /// Imprinted prototypes, then gradients for the classifier.
    case hmax
  }

  /// The name on the command line.
  public let id: String
  /// The year of the idea.
  public let year: Int
  /// Its usual name.
  public let title: String
  /// What the paper reports.
  public let published: String
  /// The published top-5 error on ILSVRC, in per cent; nil where it was never in that contest.
  public let topFiveError: Double?
  /// What differs from the paper beside the size.
  public let deviations: [String]
  /// The settings, but for data, length and seed.
  let recipe: TrainingConfig
  let kind: Kind
}

extension LineageMember {
  /// The members in the order of history.
  public static let all: [LineageMember] = baselines + early + contest + later

  /// The members with these names, in the order of history.
  ///
  /// - Throws: `ModelError` with the names that may have been meant.
  public static func find(_ ids: [String]) throws(ModelError) -> [LineageMember] {
    for id in ids where !all.contains(where: { $0.id == id }) {
      let known = all.map(\.id)
      let hint = NearMiss.hint(for: id, among: known)
      throw ModelError(
        .unknown,
        "there is no member named '\(id)'; "
          + (hint.isEmpty ? "known: \(known.joined(separator: ", "))" : hint))
    }
    return all.filter { ids.contains($0.id) }
  }
}
