import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Brightness, contrast, saturation and hue changed at random, in random order.
public struct ColorJitter: Transform {
  /// Factors from 1 − b to 1 + b, not below 0.
  public var brightness: Double
  /// Factors from 1 − c to 1 + c, not below 0.
  public var contrast: Double
  /// Factors from 1 − s to 1 + s, not below 0.
  public var saturation: Double
  /// Shares of the circle from −h to h, at most ½.
  public var hue: Double

  /// A random change; 0 leaves one out.
  public init(
    brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0
  ) {
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    var order = [0, 1, 2, 3]
    for last in [3, 2, 1] { order.swapAt(last, random.index(last + 1)) }
    let factors = [brightness, contrast, saturation].map {
      $0 > 0 ? random.uniform(max(1 - $0, 0)...1 + $0) : 1
    }
    let turn = hue > 0 ? random.uniform(-hue...hue) : 0
    var image = image
    for change in order {
      switch change {
      case 0 where brightness > 0: image = image.brightened(factors[0])
      case 1 where contrast > 0: image = image.contrasted(factors[1])
      case 2 where saturation > 0: image = image.saturated(factors[2])
      case 3 where hue > 0: image = image.hueTurned(turn)
      default: break
      }
    }
    return image
  }

  public var description: String {
    if brightness == contrast, contrast == saturation {
      return callText("color-jitter", plain(brightness), hue == 0 ? nil : "hue=\(plain(hue))")
    }
    func named(_ name: String, _ value: Double) -> String? {
      value == 0 ? nil : "\(name)=\(plain(value))"
    }
    return callText(
      "color-jitter", named("brightness", brightness), named("contrast", contrast),
      named("saturation", saturation), named("hue", hue))
  }
}

/// Light of a random colour along the principal components of natural images' colours.
///
/// Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, §4.1, with
/// the components of ImageNet that are in general use. Grey images stay.
public struct Lighting: Transform {
  /// The deviation of the components' weights; 0.1 in the paper.
  public var deviation: Double

  /// Random light.
  public init(_ deviation: Double = 0.1) { self.deviation = deviation }

  static let values = [0.2175, 0.0188, 0.0045]
  static let vectors = [
    [-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203],
  ]

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    let weights = Lighting.values.map { $0 * random.normal() * deviation }
    guard image.channels == 3 else { return image }
    return image.shifted(
      Lighting.vectors.map { row in 255 * zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 } })
  }

  public var description: String {
    callText("lighting", deviation == 0.1 ? nil : plain(deviation))
  }
}

/// A change that is made with a probability.
public struct RandomChange: Transform {
  /// What is changed.
  public enum Kind: Sendable, Hashable {
    /// Grey in as many channels as before.
    case grayscale
    /// Bright and dark changed places.
    case invert
    /// Each channel stretched to its full range.
    case autocontrast
    /// Each channel's histogram made flat.
    case equalize
    /// Values from a threshold on inverted.
    case solarize(threshold: Double)
    /// So many bits left.
    case posterize(bits: Int)
    /// A blend with the smoothed image by a factor.
    case sharpness(Double)
    /// A blur by a Gaussian of random deviation, cut off at an odd number of taps.
    case blur(taps: Int, sigma: ClosedRange<Double>)
  }
  /// What is changed.
  public var kind: Kind
  /// How often.
  public var probability: Double

  /// A change.
  public init(_ kind: Kind, probability: Double) {
    self.kind = kind
    self.probability = probability
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    guard random.happens(probability) else { return image }
    switch kind {
    case .grayscale: return image.channels == 3 ? image.grey().rgb() : image
    case .invert: return image.inverted()
    case .autocontrast: return image.autocontrasted()
    case .equalize: return image.equalized()
    case .solarize(let threshold): return image.solarized(from: threshold)
    case .posterize(let bits): return image.posterized(bits: bits)
    case .sharpness(let factor): return image.sharpened(factor)
    case .blur(let taps, let sigma):
      return try image.blurred(taps: taps, sigma: random.uniform(sigma))
    }
  }

  public var description: String {
    func often(_ usual: Double) -> String? {
      probability == usual ? nil : "p=\(plain(probability))"
    }
    return switch kind {
    case .grayscale: callText("grayscale", probability == 0.1 ? nil : plain(probability))
    case .invert: callText("invert", probability == 0.5 ? nil : plain(probability))
    case .autocontrast: callText("autocontrast", probability == 0.5 ? nil : plain(probability))
    case .equalize: callText("equalize", probability == 0.5 ? nil : plain(probability))
    case .solarize(let threshold):
      callText("solarize", threshold == 128 ? nil : plain(threshold), often(0.5))
    case .posterize(let bits): callText("posterize", "\(bits)", often(0.5))
    case .sharpness(let factor): callText("sharpness", plain(factor), often(0.5))
    case .blur(let taps, let sigma):
      callText(
        "gaussian-blur", "\(taps)", sigma == 0.1...2 ? nil : "sigma=\(plain(sigma))", often(1))
    }
  }
}

/// The weights of a Gaussian, their sum 1.
func gaussian(_ taps: Int, _ sigma: Double) -> [Float] {
  let middle = Double(taps - 1) / 2
  let powers = (0..<taps).map {
    exp(-0.5 * ((Double($0) - middle) / sigma) * ((Double($0) - middle) / sigma))
  }
  let sum = powers.reduce(0, +)
  return powers.map { Float($0 / sum) }
}
