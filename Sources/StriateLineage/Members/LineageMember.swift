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
    case network(@Sendable (_ classes: Int, _ input: Shape) throws -> any Layer)
    /// The Neocognitron's own rule.
    case neocognitron
    /// Imprinted prototypes, then gradients for the classifier.
    case hmax
  }

  /// A published rate.
  public struct Published: Sendable, Hashable {
    /// The error, in per cent.
    public let error: Double
    /// What was counted, on which data: `error on MNIST`.
    public let measure: String
    /// Where it stands.
    public let source: String
    /// The data as the command line names them; empty where it has no name.
    public let data: String

    init(_ error: Double, _ measure: String, _ source: String, data: String = "") {
      self.error = error
      self.measure = measure
      self.source = source
      self.data = data
    }

    /// The rate as it is read.
    public var text: String { "\(measure) \(Numbers.plain(error)) % (\(source))" }
  }

  /// The name on the command line.
  public let id: String
  /// The year of the idea.
  public let year: Int
  /// Its usual name.
  public let title: String
  /// What the paper reports; nil where it reports no rate.
  public let published: Published?
  /// The published top-5 error on ILSVRC, in per cent; nil where it was never in that contest.
  public let topFiveError: Double?
  /// What differs from the paper beside the size.
  public let deviations: [String]
  /// Pictures of 28×28 grey pixels a second that it learns from in batches, on two Zen 4 cores with AVX-512; of the
  /// nearest neighbour, that it compares with ten thousand.
  let rate: Double
  /// Whether its training pictures are moved a little and, where that keeps their class, mirrored.
  let isAugmented: Bool
  /// Fewer passes than these make no training.
  var leastPasses: Int { if case .neocognitron = kind { 3 } else { 1 } }
  /// More passes than these bring nothing.
  let mostPasses: Int
  /// The settings, but for data, length and seed.
  let recipe: TrainingConfig
  let kind: Kind
}

extension LineageMember {
  /// What may be said of how a member was trained.
  public enum Status: String, Sendable, Hashable {
    /// It had learned what it could.
    case trained
    /// It was still learning when the budget ended, so that its place among the others says little.
    case underTrained = "under-trained"
  }

  /// Whether the member had learned what it could: its loss was flat, or it saw every picture as often as helps it.
  public func status(_ outcome: MemberOutcome) -> Status {
    outcome.isStillLearning && outcome.passes < mostPasses ? .underTrained : .trained
  }

  /// The members in the order of history.
  public static let all: [LineageMember] =
    (baselines + early + contest + later).enumerated()
    .sorted { ($0.element.year, $0.offset) < ($1.element.year, $1.offset) }.map(\.element)

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
