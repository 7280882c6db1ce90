import StriateCore

/// A step of the history: what was believed before it, and what it changed.
public struct HistoryStep: Sendable, Hashable {
  /// The year.
  public let year: Int
  /// What it is called.
  public let title: String
  /// Who made it, and where it was told.
  public let paper: String
  /// What was believed until then.
  public let believed: String
  /// What it changed.
  public let changed: String
  /// The claims that show it, by name.
  public let claims: [String]
  /// The models here that carry it, by name; members of the lineage among them.
  public let models: [String]
}
