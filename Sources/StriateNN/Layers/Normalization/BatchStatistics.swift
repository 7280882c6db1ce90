import StriateCore
import StriateIR

/// The weights and statistics of a batch norm: what those of every rank share.
struct BatchStatistics {
  let weight, bias, runningMean, runningVar, numBatchesTracked: Parameter
  let epsilon, momentum: Double

  /// Makes a batch norm's parameters `[C]`; poisoned where its hyperparameters are impossible.
  static func parameters(
    _ kind: String, _ channels: Int, _ epsilon: Double, _ momentum: Double
  ) -> (Parameter.Role, Initializer) -> Parameter {
    var fault: String?
    if channels < 1 {
      fault = "\(kind) takes at least one channel, found \(channels)"
    } else if !(epsilon > 0 && epsilon.isFinite) {
      fault = "\(kind)'s epsilon must be positive, found \(epsilon)"
    } else if !(momentum >= 0 && momentum <= 1) {
      fault = "\(kind)'s momentum must lie in [0, 1], found \(momentum)"
    }
    let shape: Shape = [fault == nil ? channels : 1]
    return { [fault] role, initializer in
      Parameter(shape, role: role, initializer: initializer, fault: fault)
    }
  }

  /// The normalisation of `[N, C, …]` of one of these ranks.
  func apply(_ x: Tensor, _ expected: String, ranks: [Int]) -> Tensor {
    let builder = x.builder
    let scale = builder.read(weight)
    if x.isPoisoned { return x }
    if scale.isPoisoned { return scale }
    guard ranks.contains(x.shape.rank), x.shape[1] == scale.shape[0] else {
      return builder.refuse(
        "batch_norm", "takes \(expected) with C = \(scale.shape[0]), found \(x.type)", operands: [x]
      )
    }
    let path = builder.naming.path(of: runningMean) ?? ""
    if builder.options.mode == .inference || builder.options.isFrozen(path) {
      return applyRunning(x, scale)
    }
    return applyBatch(x, scale)
  }

  /// `x·a + (bias − mean·a)` with `a = weight / √(variance + epsilon)`, pointwise, so that it folds.
  private func applyRunning(_ x: Tensor, _ scale: Tensor) -> Tensor {
    let builder = x.builder
    let a = scale * rsqrt(builder.read(runningVar) + epsilon)
    let shift = builder.read(bias) - builder.read(runningMean) * a
    return x * a.alongChannels(like: x) + shift.alongChannels(like: x)
  }

  private func applyBatch(_ x: Tensor, _ scale: Tensor) -> Tensor {
    let builder = x.builder
    let count = x.shape.count / max(x.shape[1], 1)
    guard count > 1 else {
      return builder.refuse(
        "batch_norm", "one value a channel has no variance: \(x.type) in training", operands: [x])
    }
    let (y, mean, variance) = batchNorm(x, scale: scale, shift: bias, epsilon: epsilon)
    let unbiased = variance * (Double(count) / Double(count - 1))
    keep(mean, in: runningMean)
    keep(unbiased, in: runningVar)
    builder.store(builder.read(numBatchesTracked) + 1, into: numBatchesTracked)
    return y
  }

  private func keep(_ batch: Tensor, in running: Parameter) {
    let builder = batch.builder
    builder.store(builder.read(running) * (1 - momentum) + batch * momentum, into: running)
  }
}
