import StriateCore
import StriateIR

/// Batch normalisation of images, channel by channel (Ioffe and Szegedy, 2015).
///
/// `[N, C, H, W]` → the same. In training it normalises with the batch's own statistics and moves the
/// running ones towards them: `running = (1 − momentum)·running + momentum·batch`, the variance unbiased
/// (`n/(n − 1)`) as PyTorch's, not biased as Keras'. In use, and where the layer is frozen, it applies the
/// running ones and keeps them. Keys `weight`, `bias`, `running_mean`, `running_var` `[C]` and
/// `num_batches_tracked`, an i64 scalar.
public struct BatchNorm2D: Layer {
  /// The scale of each channel.
  public let weight: Parameter
  /// The shift of each channel.
  public let bias: Parameter
  /// The mean of each channel in use.
  public let runningMean: Parameter
  /// The variance of each channel in use, unbiased.
  public let runningVar: Parameter
  /// The number of training batches seen.
  public let numBatchesTracked: Parameter
  /// What is added to the variance.
  public let epsilon: Double
  /// The share of a batch in the running statistics; Keras' momentum is one minus this.
  public let momentum: Double

  /// A normalisation of this many channels.
  public init(_ channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1) {
    let fault = Self.fault(channels, epsilon, momentum)
    let shape: Shape = [fault == nil ? channels : 1]
    func make(_ role: Parameter.Role, _ initializer: Initializer) -> Parameter {
      Parameter(shape, role: role, initializer: initializer, fault: fault)
    }
    weight = make(.weight, .ones)
    bias = make(.weight, .zeros)
    runningMean = make(.buffer, .zeros)
    runningVar = make(.buffer, .ones)
    numBatchesTracked = Parameter(.scalar, dtype: .int64, role: .buffer, initializer: .zeros)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  private static func fault(_ channels: Int, _ epsilon: Double, _ momentum: Double) -> String? {
    if channels < 1 { return "BatchNorm2D takes at least one channel, found \(channels)" }
    if !(epsilon > 0 && epsilon.isFinite) {
      return "BatchNorm2D's epsilon must be positive, found \(epsilon)"
    }
    if !(momentum >= 0 && momentum <= 1) {
      return "BatchNorm2D's momentum must lie in [0, 1], found \(momentum)"
    }
    return nil
  }

  /// Maps `[N, C, H, W]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    let builder = x.builder
    let scale = builder.read(weight)
    if x.isPoisoned { return x }
    if scale.isPoisoned { return scale }
    guard x.shape.rank == 4, x.shape[1] == scale.shape[0] else {
      return builder.refuse(
        "batch_norm", "takes images [N, \(scale.shape[0]), H, W], found \(x.type)", operands: [x])
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
