import StriateCore

/// A number made of sums over examples: an accuracy, a mean IoU.
public struct Metric: Sendable {
  /// How a number is written.
  public enum Unit: String, Sendable, Hashable {
    /// In per cent, from 0 to 100.
    case percent
    /// A share from 0 to 1.
    case fraction
    /// As it is.
    case plain
  }

  /// The name in logs, JSON and settings: `acc1`, `miou`.
  public let name: String
  /// The name on lines that have little room: `acc`.
  public let label: String
  /// The name in sentences and above plots: `accuracy`.
  public let title: String
  /// The name among TensorBoard's scalars.
  public let tag: String
  /// How it is written.
  public let unit: Unit
  /// Whether the greater number is the better one.
  public let isBetterWhenGreater: Bool
  /// The number that sums tell, in the metric's unit; nil where they do not.
  public let value: @Sendable (StepMetrics) -> Double?

  /// A metric.
  public init(
    _ name: String, label: String? = nil, title: String? = nil, tag: String? = nil,
    unit: Unit = .fraction, isBetterWhenGreater: Bool = true,
    value: @escaping @Sendable (StepMetrics) -> Double?
  ) {
    self.name = name
    self.label = label ?? name
    self.title = title ?? name
    self.tag = tag ?? name
    self.unit = unit
    self.isBetterWhenGreater = isBetterWhenGreater
    self.value = value
  }

  /// The mean loss.
  public static let loss = Metric(
    "loss", tag: "Loss", unit: .plain, isBetterWhenGreater: false
  ) { $0.count > 0 ? $0.loss : nil }

  /// A number as a person reads it: `83.20 %`, `0.5321`.
  ///
  /// - Parameter digits: those after the point of a percentage; a fraction has two more.
  public func text(_ number: Double?, digits: Int = 2) -> String {
    guard let number else { return "–" }
    switch unit {
    case .percent: return "\(Numbers.fixed(number, digits)) %"
    case .fraction, .plain: return Numbers.fixed(number, digits + 2)
    }
  }

  /// A number as it stands in logs and checkpoints.
  public struct Reading: Sendable, Hashable {
    /// The metric's name.
    public let name: String
    /// The metric's name among TensorBoard's scalars.
    public let tag: String
    /// The number, in the metric's unit.
    public let number: Double

    /// A number of a metric.
    public init(_ metric: Metric, _ number: Double) {
      (name, tag) = (metric.name, metric.tag)
      self.number = number
    }
  }
}

// MARK: Which of two is better

extension Metric {
  /// Whether one number is better than another by more than the least improvement.
  func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
    isBetterWhenGreater ? value > other + delta : value < other - delta
  }

  /// The number of an evaluation; the worst there is where it has none.
  func number(_ metrics: StepMetrics) -> Double {
    value(metrics) ?? (isBetterWhenGreater ? -.infinity : .infinity)
  }

  /// Whether an evaluation is better than the best one so far.
  func isBetter(_ metrics: StepMetrics, than best: RunProgress.Best?) -> Bool {
    guard let known = best?.numbers[name] else { return true }
    return isBetter(number(metrics), than: known)
  }

  /// The better of what the weights and their average did; of equal ones that with less loss, else the average.
  func better(
    _ own: StepMetrics, _ averaged: StepMetrics?
  ) -> (metrics: StepMetrics, chosen: ChosenWeights?) {
    guard let averaged else { return (own, nil) }
    let (a, b) = (number(own), number(averaged))
    let isOwn = a == b ? own.loss < averaged.loss : isBetter(a, than: b)
    return isOwn ? (own, .own) : (averaged, .average)
  }
}
