import StriateData
import StriateFormats

/// The number of an evaluation that says which one is better, by its name: `acc1`, `loss`, `miou`.
public struct Monitor: RawRepresentable, Sendable, Hashable {
  /// The name of a metric of the task, or `loss`.
  public var rawValue: String

  /// The metric of a name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The share of correct answers of a classifier.
  public static let accuracy = Monitor(rawValue: "acc1")
  /// The mean loss.
  public static let loss = Monitor(rawValue: "loss")

  /// The metric of a task.
  ///
  /// - Throws: `TrainingError` where the task has none of that name.
  func metric(of task: any LearningTask) throws(TrainingError) -> Metric {
    if let metric = task.metric(rawValue) { return metric }
    throw TrainingError(
      .invalidSetting,
      "'\(rawValue)' is not measured in the task '\(task.name)'; what is: "
        + task.metricNames.joined(separator: ", "))
  }
}

/// What early stopping has seen: stands in checkpoints.
public struct Patience: Sendable, Hashable {
  /// The number that a later one must be better than; nil before the first.
  public var reference: Double?
  /// Evaluations since it.
  public var stale = 0

  /// Nothing seen.
  public init() {}

  /// Takes an evaluation into account; gives the reason to stop, where there is one.
  mutating func observe(
    _ metrics: StepMetrics, by metric: Metric, _ config: TrainingConfig
  ) -> String? {
    let value = metric.number(metrics)
    if let reference, !metric.isBetter(value, than: reference, by: config.minDelta) {
      stale += 1
    } else {
      reference = value
      stale = 0
    }
    guard let patience = config.patience, stale >= patience else { return nil }
    let what = config.preparation.validation == nil ? "test" : "held-out"
    return "the \(what) \(metric.title) was not better in \(stale) \(stale == 1 ? "test" : "tests")"
  }

  var json: JSON {
    ["reference": reference.map { JSON($0) } ?? nil, "stale": JSON(stale)]
  }

  init?(_ json: JSON) {
    guard let stale = json["stale"]?.int, stale >= 0, stale < 1 << 40 else { return nil }
    reference = json["reference"]?.double
    self.stale = stale
  }
}
