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
    let make = BatchStatistics.parameters("BatchNorm2D", channels, epsilon, momentum)
    weight = make(.weight, .ones)
    bias = make(.weight, .zeros)
    runningMean = make(.buffer, .zeros)
    runningVar = make(.buffer, .ones)
    numBatchesTracked = Parameter(.scalar, dtype: .int64, role: .buffer, initializer: .zeros)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// Maps `[N, C, H, W]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    statistics.apply(x, "images [N, C, H, W]", ranks: [4])
  }

  private var statistics: BatchStatistics {
    BatchStatistics(
      weight: weight, bias: bias, runningMean: runningMean, runningVar: runningVar,
      numBatchesTracked: numBatchesTracked, epsilon: epsilon, momentum: momentum)
  }
}

/// Batch normalisation of features or sequences, channel by channel (Ioffe and Szegedy, 2015).
///
/// `[N, C]` or `[N, C, L]` → the same; otherwise it is `BatchNorm2D`. Keys `weight`, `bias`, `running_mean`, `running_var` `[C]` and
/// `num_batches_tracked`, an i64 scalar.
public struct BatchNorm1D: Layer {
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
    let make = BatchStatistics.parameters("BatchNorm1D", channels, epsilon, momentum)
    weight = make(.weight, .ones)
    bias = make(.weight, .zeros)
    runningMean = make(.buffer, .zeros)
    runningVar = make(.buffer, .ones)
    numBatchesTracked = Parameter(.scalar, dtype: .int64, role: .buffer, initializer: .zeros)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// Maps `[N, C]` or `[N, C, L]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    statistics.apply(x, "features [N, C] or sequences [N, C, L]", ranks: [2, 3])
  }

  private var statistics: BatchStatistics {
    BatchStatistics(
      weight: weight, bias: bias, runningMean: runningMean, runningVar: runningVar,
      numBatchesTracked: numBatchesTracked, epsilon: epsilon, momentum: momentum)
  }
}
