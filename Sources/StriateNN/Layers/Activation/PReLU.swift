import StriateCore
import StriateIR

/// A rectifier that learns its slope below zero, one for all elements or one a channel.
///
/// Any shape, or `[N, C, …]` with a slope a channel → the same. Key `weight` `[1]` or `[C]`.
/// He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015, equation 1.
public struct PReLU: Layer {
  /// The slopes `[1]` or `[C]`.
  public let weight: Parameter

  /// A rectifier with one learned slope, or with one for each of this many channels.
  public init(_ channels: Int = 1, slope: Double = 0.25) {
    weight = Parameter(
      [max(channels, 1)], initializer: .constant(slope),
      fault: channels < 1 ? "PReLU takes at least one channel, found \(channels)" : nil)
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    let slope = x.builder.read(weight)
    if x.isPoisoned || slope.isPoisoned { return x.isPoisoned ? x : slope }
    if slope.shape[0] == 1 { return select(x .> 0.0, x, x * slope.reshaped(.scalar)) }
    guard x.shape.rank >= 2, x.shape[1] == slope.shape[0] else {
      return x.builder.refuse(
        "prelu", "takes [N, \(slope.shape[0]), …], found \(x.type)", operands: [x])
    }
    return select(x .> 0.0, x, x * slope.alongChannels(like: x))
  }
}
