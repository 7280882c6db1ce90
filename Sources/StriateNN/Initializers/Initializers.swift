import StriateCore
import StriateIR

/// Which side of a layer keeps its variance when the weights are drawn.
public enum Fan: String, Sendable, Hashable {
  /// The inputs of one output: keeps the variance of activations.
  case `in`
  /// The outputs of one input: keeps the variance of gradients.
  case out
}

/// The distribution from which first weights are drawn; both have the same variance.
public enum Distribution: String, Sendable, Hashable { case uniform, normal }

extension Initializer {
  /// Zeros.
  public static let zeros = constant(0)
  /// Ones.
  public static let ones = constant(1)

  /// The same number everywhere.
  public static func constant(_ value: Double) -> Initializer {
    Initializer("constant(\(value))") { builder, shape in
      builder.fill(value, TensorType(.float32, shape))
    }
  }

  /// Uniform between two numbers.
  public static func uniform(_ low: Double, _ high: Double) -> Initializer {
    let name = "uniform(\(low), \(high))"
    return Initializer(name) { builder, shape in
      guard low <= high, low.isFinite, high.isFinite else {
        return builder.refuse(name, "the bounds must be finite and in order")
      }
      return builder.random(.uniform, shape) * (high - low) + low
    }
  }

  /// Uniform within ±1/√fan, of an output with as many inputs: how PyTorch's own layers start, biases too.
  ///
  /// LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 4.6, with a third of its variance.
  public static func uniform(fan: Double) -> Initializer {
    let bound = 1 / max(fan, 1).squareRoot()
    return uniform(-bound, bound)
  }

  /// Normal with this mean and standard deviation.
  public static func normal(mean: Double = 0, deviation: Double = 1) -> Initializer {
    let name = "normal(mean: \(mean), deviation: \(deviation))"
    return Initializer(name) { builder, shape in
      guard deviation >= 0, deviation.isFinite, mean.isFinite else {
        return builder.refuse(name, "the mean must be finite, the deviation finite and at least 0")
      }
      return builder.random(.normal, shape) * deviation + mean
    }
  }

  /// Variance `gain² / fan`; by default, for layers followed by a rectifier, `2 / fan`.
  ///
  /// He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015, equations 10 and 14; PyTorch's
  /// `kaiming_normal_` and `kaiming_uniform_`.
  public static func he(
    fan: Fan = .in, _ distribution: Distribution = .normal,
    before nonlinearity: Nonlinearity = .relu
  ) -> Initializer {
    let suffix = nonlinearity == .relu ? "" : ", before: .\(nonlinearity)"
    return scaled("he(fan: .\(fan), .\(distribution)\(suffix))", distribution) { fans in
      nonlinearity.squaredGain / (fan == .in ? fans.in : fans.out)
    }
  }

  /// Variance `2·gain² / (fan in + fan out)`, for layers followed by tanh or nothing.
  ///
  /// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
  /// AISTATS 2010, equations 12 and 16; PyTorch's `xavier_uniform_` and `xavier_normal_`.
  public static func glorot(
    _ distribution: Distribution = .uniform, gain: Double = 1
  ) -> Initializer {
    let suffix = gain == 1 ? "" : ", gain: \(gain)"
    return scaled("glorot(.\(distribution)\(suffix))", distribution) {
      gain * gain * 2 / ($0.in + $0.out)
    }
  }

  /// Variance `1 / fan in`.
  ///
  /// LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, equation 16.
  public static func lecun(_ distribution: Distribution = .normal) -> Initializer {
    scaled("lecun(.\(distribution))", distribution) { 1 / $0.in }
  }

  private static func scaled(
    _ name: String, _ distribution: Distribution,
    variance: @escaping @Sendable (Fans) -> Double
  ) -> Initializer {
    Initializer(name) { builder, shape in
      guard let fans = Fans(of: shape) else {
        return builder.refuse(name, "a weight of shape \(shape) has no fans")
      }
      let variance = variance(fans)
      guard variance >= 0, variance.isFinite else {
        return builder.refuse(name, "its gain must be finite, found a variance of \(variance)")
      }
      switch distribution {
      case .normal:
        return builder.random(.normal, shape) * variance.squareRoot()
      case .uniform:
        let bound = (3 * variance).squareRoot()
        return builder.random(.uniform, shape) * (2 * bound) - bound
      }
    }
  }
}

/// How many inputs an output has, and how many outputs an input.
///
/// Of a filter `[O, I/groups, k…]` or a matrix `[out, in]`; as in PyTorch, the fan out of a grouped filter
/// counts the outputs of all groups.
struct Fans: Sendable {
  let `in`: Double
  let out: Double

  /// The fans of a weight; nil for a shape that is no weight's.
  init?(of shape: Shape) {
    guard shape.rank >= 2, shape.count > 0 else { return nil }
    let taps = shape.dims.dropFirst(2).reduce(1.0) { $0 * Double($1) }
    self.in = Double(shape[1]) * taps
    out = Double(shape[0]) * taps
  }
}
