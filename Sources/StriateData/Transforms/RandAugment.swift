import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Some changes out of fourteen, drawn anew for each image, all of one magnitude: Cubuk et al.,
/// "RandAugment: practical automated data augmentation with a reduced search space", 2019.
///
/// The changes and what a magnitude means for each are torchvision's.
public struct RandAugment: Transform {
  /// Changes an image.
  public var count: Int
  /// The magnitude, from 0 to `bins - 1`.
  public var magnitude: Int
  /// Magnitudes that there are.
  public var bins: Int
  /// How mapped images get their values.
  public var style: MapStyle

  /// Random changes.
  public init(
    count: Int = 2, magnitude: Int = 9, bins: Int = 31, _ style: MapStyle = MapStyle()
  ) {
    self.count = count
    self.magnitude = magnitude
    self.bins = bins
    self.style = style
  }

  /// The changes, in torchvision's order.
  public enum Change: Int, Sendable, Hashable, CaseIterable {
    case identity, shearX, shearY, translateX, translateY, rotate, brightness, color, contrast
    case sharpness, posterize, solarize, autocontrast, equalize

    /// Whether the magnitude may be negative.
    var isSigned: Bool {
      rawValue >= Change.shearX.rawValue && rawValue <= Change.sharpness.rawValue
    }
  }

  /// What the magnitude means for a change of an image of some extent.
  public func strength(_ change: Change, _ size: ImageSize) -> Double {
    let part = Double(magnitude) / Double(max(bins - 1, 1))
    // torchvision's magnitudes are numbers of 32 bits.
    func scaled(_ most: Double) -> Double { Double(Float(most * part)) }
    return switch change {
    case .identity, .autocontrast, .equalize: 0
    case .shearX, .shearY: scaled(0.3)
    case .translateX: scaled(150.0 / 331 * Double(size.width))
    case .translateY: scaled(150.0 / 331 * Double(size.height))
    case .rotate: scaled(30)
    case .brightness, .color, .contrast, .sharpness: scaled(0.9)
    case .posterize: 8 - (part * 4).rounded(.toNearestOrEven)
    case .solarize: 255 - scaled(255)
    }
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    var image = image
    for _ in 0..<max(count, 0) {
      let change = Change.allCases[random.index(Change.allCases.count)]
      let strength = strength(change, image.size)
      let sign: Double = change.isSigned && random.index(2) == 1 ? -1 : 1
      image = image.changed(by: change, sign * strength, style)
    }
    return image
  }

  public var description: String {
    callText(
      "randaugment", count == 2 ? nil : "ops=\(count)",
      magnitude == 9 ? nil : "magnitude=\(magnitude)", bins == 31 ? nil : "bins=\(bins)",
      style.arguments[0], style.arguments[1])
  }
}

extension Image {
  /// This image after one of RandAugment's changes.
  public func changed(
    by change: RandAugment.Change, _ strength: Double, _ style: MapStyle = MapStyle()
  ) -> Image {
    let degrees = atan(strength) / (.pi / 180)
    switch change {
    case .identity: return self
    case .shearX: return sheared([degrees, 0], style)
    case .shearY: return sheared([0, degrees], style)
    case .translateX:
      return mapped(AffineMap(translate: [strength.rounded(.towardZero), 0]), style)
    case .translateY:
      return mapped(AffineMap(translate: [0, strength.rounded(.towardZero)]), style)
    case .rotate: return rotated(strength, style)
    case .brightness: return brightened(1 + strength)
    case .color: return saturated(1 + strength)
    case .contrast: return contrasted(1 + strength)
    case .sharpness: return sharpened(1 + strength)
    case .posterize: return posterized(bits: whole(strength.rounded(.towardZero)))
    case .solarize: return solarized(from: strength)
    case .autocontrast: return autocontrasted()
    case .equalize: return equalized()
    }
  }

  private func sheared(_ degrees: SIMD2<Double>, _ style: MapStyle) -> Image {
    var map = AffineMap(shear: degrees)
    map.isAboutCorner = true
    return mapped(map, style)
  }
}
