import StriateData
import StriateFormats

/// The number of an evaluation that says which one is better.
public enum Monitor: String, Sendable, Hashable, CaseIterable {
  /// The share of correct answers: the greater the better.
  case accuracy = "acc1"
  /// The mean loss: the less the better.
  case loss

  /// The number, in per cent or as it is.
  func value(_ metrics: StepMetrics) -> Double { value(metrics.accuracy, metrics.loss) }

  /// Whether one number is better than another by more than the least improvement.
  func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
    self == .accuracy ? value > other + delta : value < other - delta
  }

  /// Whether an evaluation is better than the best one so far.
  func isBetter(_ metrics: StepMetrics, than best: RunProgress.Best?) -> Bool {
    guard let best else { return true }
    return isBetter(value(metrics), than: value(best.accuracy, best.loss ?? .infinity))
  }

  /// The better of what the weights and their average did; of equal ones that with less loss, else the average.
  func better(
    _ own: StepMetrics, _ averaged: StepMetrics?
  ) -> (metrics: StepMetrics, chosen: ChosenWeights?) {
    guard let averaged else { return (own, nil) }
    let (a, b) = (value(own), value(averaged))
    let isOwn = a == b ? own.loss < averaged.loss : isBetter(a, than: b)
    return isOwn ? (own, .own) : (averaged, .average)
  }

  private func value(_ accuracy: Double, _ loss: Double) -> Double {
    self == .accuracy ? 100 * accuracy : loss
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
  mutating func observe(_ metrics: StepMetrics, _ config: TrainingConfig) -> String? {
    let value = config.monitor.value(metrics)
    if let reference, !config.monitor.isBetter(value, than: reference, by: config.minDelta) {
      stale += 1
    } else {
      reference = value
      stale = 0
    }
    guard let patience = config.patience, stale >= patience else { return nil }
    let name = config.monitor == .accuracy ? "accuracy" : "loss"
    let what = config.preparation.validation == nil ? "test" : "held-out"
    return "the \(what) \(name) was not better in \(stale) \(stale == 1 ? "test" : "tests")"
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
