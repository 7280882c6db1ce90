import StriateFormats

/// How far a run has come: all that its continuation needs beside tensors and settings.
public struct RunProgress: Sendable, Hashable {
  /// The best evaluation so far, by the number that the settings watch.
  public struct Best: Sendable, Hashable {
    /// What was measured, the loss included, by the metrics' names.
    public var numbers: [String: Double]
    /// The step after which it was measured.
    public var step: Int
    /// Which weights it was of; nil where no average is kept, and in checkpoints of older versions.
    public var chosen: ChosenWeights?

    /// A classifier's share of correct answers, from 0 to 1.
    public var accuracy: Double? { numbers[Metric.accuracy.name].map { $0 / 100 } }
    /// The mean loss; nil in checkpoints of older versions.
    public var loss: Double? { numbers[Metric.loss.name] }
  }

  /// Steps made.
  public var step = 0
  /// Epochs completed.
  public var epoch = 0
  /// Batches of the current epoch that were learned from.
  public var position = 0
  /// Sums over the current epoch so far.
  public var epochTotals = StepMetrics()
  /// Sums since the last line of the log.
  public var intervalTotals = StepMetrics()
  /// The best evaluation so far.
  public var best: Best?
  /// The newest evaluation.
  public var evaluation: StepMetrics?
  /// Which weights it is of: those that did better; nil where no average is kept.
  public var evaluationOf: ChosenWeights?
  /// The step after which it was made; nil in checkpoints of older versions.
  public var evaluationStep: Int?
  /// The newest completed epoch's sums over training samples.
  public var lastEpoch: StepMetrics?
  /// Seconds of the run, over all its parts.
  public var seconds = 0.0
  /// Of them, seconds spent in training steps.
  public var stepSeconds = 0.0
  /// What a plateau schedule has seen.
  public var plateau = Plateau.State()
  /// What early stopping has seen.
  public var patience = Patience()
  /// Why the run ended early; nil where it did not.
  public var stopReason: String?
  /// What callbacks keep, under their names.
  public var callbacks = JSONObject()

  /// The beginning of a run.
  public init() {}
}

extension RunProgress {
  var json: JSON {
    [
      "step": JSON(step), "epoch": JSON(epoch), "position": JSON(position),
      "epoch_totals": epochTotals.json, "interval_totals": intervalTotals.json,
      "best": best?.json ?? nil,
      "evaluation": evaluation?.json ?? nil,
      "evaluation_of": evaluationOf.map { JSON($0.rawValue) } ?? nil,
      "evaluation_step": evaluationStep.map { JSON($0) } ?? nil,
      "last_epoch": lastEpoch?.json ?? nil,
      "seconds": JSON(seconds), "step_seconds": JSON(stepSeconds), "plateau": plateau.json,
      "patience": patience.json, "stop_reason": stopReason.map { JSON($0) } ?? nil,
      "callbacks": .object(callbacks),
    ]
  }

  init?(_ json: JSON) {
    guard let step = json["step"]?.int, let epoch = json["epoch"]?.int,
      let position = json["position"]?.int, step >= 0, epoch >= 0, position >= 0,
      let epochTotals = json["epoch_totals"].flatMap(StepMetrics.init),
      let intervalTotals = json["interval_totals"].flatMap(StepMetrics.init)
    else { return nil }
    self.step = step
    self.epoch = epoch
    self.position = position
    self.epochTotals = epochTotals
    self.intervalTotals = intervalTotals
    best = json["best"].flatMap(Best.init)
    evaluation = json["evaluation"].flatMap(StepMetrics.init)
    evaluationOf = json["evaluation_of"]?.string.flatMap(ChosenWeights.init)
    evaluationStep = json["evaluation_step"]?.int
    lastEpoch = json["last_epoch"].flatMap(StepMetrics.init)
    seconds = json["seconds"]?.double ?? 0
    stepSeconds = json["step_seconds"]?.double ?? 0
    plateau = json["plateau"].flatMap(Plateau.State.init) ?? plateau
    patience = json["patience"].flatMap(Patience.init) ?? patience
    stopReason = json["stop_reason"]?.string
    callbacks = json["callbacks"]?.object ?? callbacks
  }
}

extension RunProgress.Best {
  var json: JSON {
    var known = JSONObject()
    for (name, number) in numbers.sorted(by: { $0.key < $1.key }) { known[name] = JSON(number) }
    return [
      "metrics": .object(known), "step": JSON(step),
      "of": chosen.map { JSON($0.rawValue) } ?? nil,
    ]
  }

  init?(_ json: JSON) {
    guard let step = json["step"]?.int else { return nil }
    var numbers: [String: Double] = [:]
    if let known = json["metrics"]?.object {
      for (name, value) in known { numbers[name] = value.double }
    } else {
      // Older versions knew classifiers alone.
      guard let accuracy = json["accuracy"]?.double else { return nil }
      numbers = [Metric.accuracy.name: 100 * accuracy]
      numbers[Metric.loss.name] = json["loss"]?.double
    }
    self.init(
      numbers: numbers, step: step, chosen: json["of"]?.string.flatMap(ChosenWeights.init))
  }
}

extension StepMetrics {
  var json: JSON {
    var members: JSONObject = ["loss_sum": JSON(lossSum), "count": JSON(count)]
    members["sums"] = .array(sums.indices.map { JSON(sums[$0]) })
    if !tally.isEmpty { members["tally"] = .array(tally.map { JSON($0) }) }
    return .object(members)
  }

  init?(_ json: JSON) {
    guard let lossSum = json["loss_sum"]?.double, let count = json["count"]?.int else { return nil }
    self.init(lossSum: lossSum, count: count)
    if let list = json["sums"]?.array {
      let numbers = list.compactMap(\.double)
      guard numbers.count == list.count, numbers.count == sums.scalarCount else { return nil }
      for (index, number) in numbers.enumerated() { sums[index] = number }
    } else {
      // Older versions knew classifiers alone.
      guard let correct = json["correct"]?.double else { return nil }
      self.correct = correct
    }
    if let list = json["tally"]?.array {
      tally = list.compactMap(\.double)
      guard tally.count == list.count else { return nil }
    }
  }
}
