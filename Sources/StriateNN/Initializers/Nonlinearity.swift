/// What follows a layer, and so by how much its weights must make up for it.
///
/// The gains are PyTorch's `calculate_gain`.
public enum Nonlinearity: Sendable, Hashable, CustomStringConvertible {
  /// Nothing, a convolution or a logistic function: 1.
  case linear
  /// A rectifier: √2.
  case relu
  /// A leaky rectifier with this slope below zero: √(2 / (1 + slope²)).
  case leakyReLU(slope: Double)
  /// A hyperbolic tangent: 5/3.
  case tanh
  /// A scaled exponential unit: 3/4.
  case selu

  /// By how much the standard deviation of the weights grows.
  public var gain: Double { squaredGain.squareRoot() }

  var squaredGain: Double {
    switch self {
    case .linear: 1
    case .relu: 2
    case .leakyReLU(let slope): 2 / (1 + slope * slope)
    case .tanh: 25 / 9
    case .selu: 9 / 16
    }
  }

  /// `leakyReLU(slope: 0.1)`.
  public var description: String {
    switch self {
    case .linear: "linear"
    case .relu: "relu"
    case .leakyReLU(let slope): "leakyReLU(slope: \(slope))"
    case .tanh: "tanh"
    case .selu: "selu"
    }
  }
}
