import StriateData
extension TrainingConfig {
  /// Does nothing where every setting makes sense.
  ///
  /// - Throws: `TrainingError` naming the first that does not.
  public func validate() throws(TrainingError) {
    try expect(epochs >= 1 && epochs < 1 << 32, "epochs", "at least 1", epochs)
    try expect(batchSize >= 1 && batchSize < 1 << 32, "batch size", "at least 1", batchSize)
    try expect(
      learningRate >= 0 && learningRate.isFinite, "learning rate", "at least 0", learningRate)
    try expect(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum)
    try expect(!nesterov || momentum > 0, "momentum", "above 0 for Nesterov's", momentum)
    for (name, decay) in [
      ("weight decay", weightDecay), ("the weight decay of normalisation", normWeightDecay ?? 0),
      ("the weight decay of biases", biasWeightDecay ?? 0),
    ] {
      try expect(decay >= 0 && decay.isFinite, name, "at least 0", decay)
    }
    try expect(
      (epsilon ?? 1) > 0 && (epsilon ?? 1).isFinite, "what is added to denominators", "above 0",
      epsilon ?? 0)
    try expect(alpha >= 0 && alpha < 1, "the share of the former mean square", "in [0, 1)", alpha)
    try expect(smoothing >= 0 && smoothing < 1, "label smoothing", "in [0, 1)", smoothing)
    do throws(DataError) {
      _ = try Pipeline(augmentation)
      try preparation.validate()
    } catch {
      throw TrainingError(.invalidSetting, "augmentation: \(error.message)", cause: error)
    }
    try makeUpdateRule().validate()
    try mixing.validate()
    try expect(evaluateEvery >= 1, "epochs between tests", "at least 1", evaluateEvery)
    if let patience { try expect(patience >= 1, "patience", "at least 1", patience) }
    try expect(minDelta >= 0 && minDelta.isFinite, "the least improvement", "at least 0", minDelta)
    try schedule.validate()
    if let warmup {
      try expect(warmup.steps >= 0, "steps of warm-up", "at least 0", warmup.steps)
      try expect(
        warmup.factor >= 0 && warmup.factor <= 1, "the warm-up's factor", "in [0, 1]",
        warmup.factor)
      if case .oneCycle = schedule, warmup.steps > 0 {
        throw TrainingError(
          .invalidSetting,
          "a one-cycle schedule warms up by itself; leave the other warm-up out or choose another schedule"
        )
      }
    }
  }
}

extension Schedule {
  /// Does nothing where every number makes sense.
  func validate() throws(TrainingError) {
    switch self {
    case .constant: break
    case .step(let every, let factor):
      try expect(every >= 1, "the schedule's step size", "at least 1", every)
      try expect(factor >= 0 && factor.isFinite, "the schedule's factor", "at least 0", factor)
    case .multistep(let milestones, let factor):
      try expect(milestones.allSatisfy { $0 >= 0 }, "milestones", "numbers of steps", milestones)
      try expect(factor >= 0 && factor.isFinite, "the schedule's factor", "at least 0", factor)
    case .staged(let shares, let factors):
      try expect(
        shares.count == factors.count && shares == shares.sorted()
          && shares.allSatisfy { $0 >= 0 && $0 <= 1 }, "stages",
        "ascending shares of the run, a factor each", shares)
      try expect(
        factors.allSatisfy { $0 >= 0 && $0.isFinite }, "a stage's factor", "at least 0", factors)
    case .exponential(let factor):
      try expect(factor >= 0 && factor <= 1, "the schedule's factor", "in [0, 1]", factor)
    case .polynomial(let power, let minimum):
      try expect(power > 0 && power.isFinite, "the schedule's power", "above 0", power)
      try expect(minimum >= 0 && minimum.isFinite, "the least rate", "at least 0", minimum)
    case .cosine(let minimum):
      try expect(minimum >= 0 && minimum.isFinite, "the least rate", "at least 0", minimum)
    case .oneCycle(let warmup, let initial, let final):
      try expect(warmup >= 0 && warmup <= 1, "warm-up", "in [0, 1]", warmup)
      try expect(initial > 0 && initial.isFinite, "the initial divisor", "positive", initial)
      try expect(final > 0 && final.isFinite, "the final divisor", "positive", final)
    case .plateau(let plateau):
      try expect(
        plateau.factor >= 0 && plateau.factor < 1, "the schedule's factor", "in [0, 1)",
        plateau.factor)
      try expect(plateau.patience >= 0, "the plateau's patience", "at least 0", plateau.patience)
      try expect(plateau.cooldown >= 0, "the plateau's cooldown", "at least 0", plateau.cooldown)
      try expect(
        plateau.threshold >= 0 && plateau.threshold < 1, "the plateau's threshold", "in [0, 1)",
        plateau.threshold)
      try expect(
        plateau.minimum >= 0 && plateau.minimum.isFinite, "the least rate", "at least 0",
        plateau.minimum)
    }
  }
}

/// Throws what a setting must be where it is not.
func expect(
  _ holds: Bool, _ name: String, _ rule: String, _ found: Any
) throws(TrainingError) {
  if !holds { throw TrainingError(.invalidSetting, "\(name) must be \(rule), found \(found)") }
}
