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

  /// Whether one number is better than another by more than the least improvement.
  func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
    isBetterWhenGreater ? value > other + delta : value < other - delta
  }

  /// A number with the metric that it is of.
  public struct Value: Sendable {
    /// The metric.
    public let metric: Metric
    /// The number, in the metric's unit.
    public let number: Double

    /// A number of a metric.
    public init(_ metric: Metric, _ number: Double) {
      self.metric = metric
      self.number = number
    }
  }
}
