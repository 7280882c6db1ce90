import StriateCore
import StriateIR

/// Zero mean and unit variance over groups of channels of each sample (Wu and He, 2018).
///
/// `[N, C, …]` → the same. The same in training and in use, whatever the batch's size. Keys `weight` and `bias`
/// `[C]`.
public struct GroupNorm: Layer {
  private let id = LayerID()
  /// The scale of each channel; nil where nothing is learned.
  public let weight: Parameter?
  /// The shift of each channel.
  public let bias: Parameter?
  /// Into how many groups the channels fall.
  public let groups: Int
  /// The number of channels.
  public let channels: Int
  /// What is added to the variance.
  public let epsilon: Double

  /// A normalisation of this many channels in groups.
  public init(groups: Int, channels: Int, epsilon: Double = 1e-5, affine: Bool = true) {
    let fault =
      groups < 1 || channels < 1 || channels % groups != 0
      ? "GroupNorm's \(channels) channels do not fall into \(groups) groups" : nil
    let shape: Shape = [fault == nil ? channels : 1]
    weight = affine ? Parameter(shape, initializer: .ones, fault: fault) : nil
    bias = affine ? Parameter(shape, initializer: .zeros, fault: fault) : nil
    self.groups = groups
    self.channels = channels
    self.epsilon = epsilon
  }

  /// Maps `[N, C, …]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    if let weight, weight.fault != nil { return x.builder.read(weight) }
    if x.isPoisoned { return x }
    guard x.shape.rank >= 2, x.shape[1] == channels else {
      return x.builder.refuse(
        "group_norm", "takes [N, \(channels), …], found \(x.type)", operands: [x])
    }
    return groupNorm(x, groups: groups, scale: weight, shift: bias, epsilon: epsilon)
  }
}

/// Zero mean and unit variance of each channel of each image (Ulyanov, Vedaldi and Lempitsky, 2016).
///
/// `[N, C, H, W]` → the same. The same in training and in use: it keeps no running statistics. Keys `weight` and
/// `bias` `[C]` where they are learned; by default, as in PyTorch, nothing is.
public struct InstanceNorm2D: Layer {
  private let id = LayerID()
  /// The scale of each channel.
  public let weight: Parameter?
  /// The shift of each channel.
  public let bias: Parameter?
  /// The number of channels.
  public let channels: Int
  /// What is added to the variance.
  public let epsilon: Double

  /// A normalisation of this many channels.
  public init(_ channels: Int, epsilon: Double = 1e-5, affine: Bool = false) {
    let fault =
      channels < 1 ? "InstanceNorm2D takes at least one channel, found \(channels)" : nil
    let shape: Shape = [max(channels, 1)]
    weight = affine ? Parameter(shape, initializer: .ones, fault: fault) : nil
    bias = affine ? Parameter(shape, initializer: .zeros, fault: fault) : nil
    self.channels = channels
    self.epsilon = epsilon
  }

  /// Maps `[N, C, H, W]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    if let weight, weight.fault != nil { return x.builder.read(weight) }
    if x.isPoisoned { return x }
    guard x.shape.rank == 4, x.shape[1] == channels else {
      return x.builder.refuse(
        "instance_norm", "takes images [N, \(channels), H, W], found \(x.type)", operands: [x])
    }
    guard x.shape[2] * x.shape[3] > 1 else {
      return x.builder.refuse(
        "instance_norm", "one value a channel has no variance: \(x.type)", operands: [x])
    }
    return instanceNorm(x, scale: weight, shift: bias, epsilon: epsilon)
  }
}
