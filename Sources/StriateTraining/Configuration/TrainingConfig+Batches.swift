import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// What becomes of a last batch of fewer samples.
public enum DropLast: String, Sendable, Hashable, CaseIterable {
  /// It is learned from where it can be; otherwise it joins the batch before it or is left out.
  case auto
  /// It is left out.
  case on
  /// It is learned from; a run in which it cannot be is refused.
  case off
}

extension TrainingConfig {
  /// How a rule's samples are cut into batches, each of which can be learned from.
  ///
  /// - Returns: the cut, and where more was decided than the settings say, a line that says so.
  /// - Throws: `TrainingError` where the sizes of batches leave something that cannot be learned from. A model that
  ///   no batch fits is no fault of theirs, and passes.
  func cut(
    _ samples: any Dataset, by rule: any TrainingRule
  ) throws(TrainingError) -> (cut: BatchCut, note: String?) {
    func refusal(_ size: Int) -> String? {
      rule.refusal(of: BatchType(samples.signature, count: size))
    }
    let kept = BatchCut(samples.count, batchSize: batchSize)
    let largest = min(kept.batchSize, kept.count)
    guard largest > 0 else { return (kept, nil) }
    let images = Numbers.counted(kept.count, "training sample")
    if let why = refusal(largest) {
      guard refusal(largest + 1) == nil else { return (kept, nil) }
      let remedy =
        kept.count > largest
        ? "give a --batch-size of at least \(largest + 1)" : "give more training samples"
      throw TrainingError(
        .invalidSetting,
        "a batch of \(Numbers.counted(largest, "sample")) of the \(images) cannot be learned from "
          + "(\(why)); \(remedy), or freeze the batch norms with --freeze-bn")
    }
    let rest = Numbers.counted(kept.restCount, "sample")
    let dropped = BatchCut(kept.count, batchSize: batchSize, rest: .dropped)
    switch dropLast {
    case .on:
      guard dropped.batchCount > 0 else {
        throw TrainingError(
          .invalidSetting,
          "the \(images) fill no batch of \(batchSize), and --drop-last on leaves a smaller one out; "
            + "give a --batch-size of at most \(kept.count), or --drop-last auto")
      }
      return (dropped, nil)
    case .off:
      guard kept.restCount > 0, kept.count > batchSize, let why = refusal(kept.restCount) else {
        return (kept, nil)
      }
      throw TrainingError(
        .invalidSetting,
        "the last batch of an epoch has \(rest) of the \(images) and cannot be learned from (\(why)); "
          + "--drop-last auto joins it to the one before, --drop-last on leaves it out")
    case .auto:
      guard kept.restCount > 0, kept.count > batchSize, let why = refusal(kept.restCount) else {
        return (kept, nil)
      }
      let fault = "the last batch of an epoch has \(rest) and cannot be learned from (\(why))"
      if refusal(batchSize + kept.restCount) == nil {
        return (
          BatchCut(kept.count, batchSize: batchSize, rest: .merged),
          "\(fault): it joins the one before; --drop-last on leaves it out"
        )
      }
      return (dropped, "\(fault): it is left out")
    }
  }

  /// Steps that the batches of an epoch make.
  func stepsPerEpoch(_ cut: BatchCut) -> Int {
    BatchCut(cut.batchCount, batchSize: accumulation).batchCount
  }

  /// Steps that a model makes of some samples in an epoch.
  ///
  /// - Throws: `TrainingError` where the sizes of batches leave something that cannot be learned from.
  public func stepsPerEpoch(
    of samples: any Dataset, by model: some Layer
  ) throws(TrainingError) -> Int {
    try stepsPerEpoch(of: samples, by: Objective(model))
  }

  /// Steps that a model and its task make of some examples in an epoch.
  ///
  /// - Throws: `TrainingError` where the sizes of batches leave something that cannot be learned from.
  public func stepsPerEpoch(
    of samples: any Dataset, by objective: Objective
  ) throws(TrainingError) -> Int {
    let descent = GradientDescent(
      objective, rule: makeUpdateRule(), frozen: Set(frozen), on: .reference)
    return stepsPerEpoch(try cut(samples, by: descent).cut)
  }
}
