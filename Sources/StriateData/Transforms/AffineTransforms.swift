import CImaging
import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A turn, shift, scale and shear of an image about its middle, with torchvision's geometry, and a squeeze after them.
public struct AffineMap: Sendable, Hashable {
  /// Degrees, clockwise.
  public var angle: Double
  /// Pixels to the right and down.
  public var translate: SIMD2<Double>
  /// The factor of both extents.
  public var scale: Double
  /// Degrees along x and along y.
  public var shear: SIMD2<Double>
  /// How much wider the result becomes; as much as that it becomes lower.
  public var squeeze = 1.0
  /// Whether the middle is the point (0, 0) rather than the image's.
  public var isAboutCorner = false

  /// A map; by default nothing changes.
  public init(
    angle: Double = 0, translate: SIMD2<Double> = [0, 0], scale: Double = 1,
    shear: SIMD2<Double> = [0, 0]
  ) {
    self.angle = angle
    self.translate = translate
    self.scale = scale
    self.shear = shear
  }

  /// From the place in the result to that in the image: 2 × 3 by rows.
  func inverse(_ size: ImageSize) -> [Double] {
    let (turn, sx, sy) = (radians(angle), radians(shear.x), radians(shear.y))
    let center: SIMD2<Double> =
      isAboutCorner ? [0, 0] : [Double(size.width) * 0.5, Double(size.height) * 0.5]
    let a = cos(turn - sy) / cos(sy)
    let b = -cos(turn - sy) * tan(sx) / cos(sy) - sin(turn)
    let c = sin(turn - sy) / cos(sy)
    let d = -sin(turn - sy) * tan(sx) / cos(sy) + cos(turn)
    var m = [d, -b, 0, -c, a, 0].map { $0 / scale }
    m = [m[0] / squeeze, m[1] * squeeze, 0, m[3] / squeeze, m[4] * squeeze, 0]
    let moved = -center - translate
    m[2] = m[2] + (m[0] * moved.x + m[1] * moved.y) + center.x
    m[5] = m[5] + (m[3] * moved.x + m[4] * moved.y) + center.y
    return m
  }
}

private func radians(_ degrees: Double) -> Double { degrees * (.pi / 180) }

extension Image {
  /// This image under a map, at its own extent.
  public func mapped(_ map: AffineMap, _ style: MapStyle = MapStyle()) -> Image {
    moved(map.inverse(size), style)
  }

  /// This image turned about its middle by degrees counter-clockwise, at its own extent.
  public func rotated(_ degrees: Double, _ style: MapStyle = MapStyle()) -> Image {
    let rest = degrees.truncatingRemainder(dividingBy: 360)
    if rest == 0 { return self }
    let angle = radians(rest < 0 ? rest + 360 : rest)
    // Pillow cuts both off after 15 digits.
    func cut(_ value: Double) -> Double { (value * 1e15).rounded() / 1e15 }
    let (cosine, sine) = (cut(cos(-angle)), cut(sin(-angle)))
    let (x, y) = (Double(width) / 2, Double(height) / 2)
    return moved(
      [
        cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y,
      ], style)
  }

  private func moved(_ matrix: [Double], _ style: MapStyle) -> Image {
    guard matrix.allSatisfy({ $0.isFinite }) else { return self }
    if style.interpolation == .nearest, matrix[1] == 0, matrix[3] == 0 {
      return gathered(
        places(matrix[0], matrix[2], width), places(matrix[4], matrix[5], height), fill: style.fill)
    }
    let fill = [UInt8](repeating: style.fill, count: 3)
    return mapped { source, target in
      si_affine(
        source, Int64(width), Int64(height), Int32(channels), matrix,
        style.interpolation == .nearest ? 0 : 1, fill, Int64(width), Int64(height), target)
    }
  }

  private func places(_ step: Double, _ offset: Double, _ count: Int) -> [Int32] {
    var at = offset + step * 0.5
    return (0..<count).map { _ in
      defer { at += step }
      return at >= 0 && at < Double(count) ? Int32(at) : -1
    }
  }
}

/// How a mapped image gets its values, and what is where nothing was.
public struct MapStyle: Sendable, Hashable {
  /// `nearest`, or anything else for the mean of four neighbours.
  public var interpolation: Interpolation
  /// The value of what was outside.
  public var fill: UInt8

  /// By default the nearest pixel on black.
  public init(interpolation: Interpolation = .nearest, fill: UInt8 = 0) {
    self.interpolation = interpolation
    self.fill = fill
  }

  var arguments: [String?] {
    [
      interpolation == .nearest ? nil : "interpolation=\(interpolation.rawValue)",
      fill == 0 ? nil : "fill=\(fill)",
    ]
  }
}

/// A turn by a random angle.
public struct RandomRotation: Transform {
  /// Degrees counter-clockwise.
  public var degrees: ClosedRange<Double>
  /// How values come about.
  public var style: MapStyle

  /// A random turn.
  public init(_ degrees: ClosedRange<Double>, _ style: MapStyle = MapStyle()) {
    self.degrees = degrees
    self.style = style
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image { image.rotated(random.uniform(degrees), style) }

  public var description: String {
    callText("rotate", symmetric(degrees), style.arguments[0], style.arguments[1])
  }
}

/// A random turn, shift, scale, shear and squeeze.
public struct RandomAffine: Transform {
  /// Degrees clockwise.
  public var degrees: ClosedRange<Double>
  /// The furthest shift, as shares of the width and of the height.
  public var translate: Double
  /// The factor of both extents.
  public var scale: ClosedRange<Double>
  /// Degrees of shear along x.
  public var shear: ClosedRange<Double>
  /// The most by which an extent grows while the other shrinks, as a share.
  public var squeeze: Double
  /// How values come about.
  public var style: MapStyle

  /// A random map; by default none.
  public init(
    degrees: ClosedRange<Double> = 0...0, translate: Double = 0,
    scale: ClosedRange<Double> = 1...1, shear: ClosedRange<Double> = 0...0, squeeze: Double = 0,
    _ style: MapStyle = MapStyle()
  ) {
    self.degrees = degrees
    self.translate = translate
    self.scale = scale
    self.shear = shear
    self.squeeze = squeeze
    self.style = style
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    var map = AffineMap(angle: random.uniform(degrees))
    func shift(_ extent: Int) -> Double {
      let reach = translate * Double(extent)
      return random.uniform(-reach...reach).rounded(.toNearestOrEven)
    }
    if translate > 0 { map.translate = [shift(image.width), shift(image.height)] }
    map.scale = random.uniform(scale)
    map.shear.x = random.uniform(shear)
    if squeeze > 0 {
      let more = random.uniform(-squeeze...squeeze)
      map.squeeze = more < 0 ? 1 / (1 - more) : 1 + more
    }
    return image.mapped(map, style)
  }

  public var description: String {
    callText(
      "affine", degrees == 0...0 ? nil : symmetric(degrees),
      translate == 0 ? nil : "translate=\(plain(translate))",
      scale == 1...1 ? nil : "scale=\(plain(scale))",
      shear == 0...0 ? nil : "shear=\(symmetric(shear))",
      squeeze == 0 ? nil : "squeeze=\(plain(squeeze))", style.arguments[0], style.arguments[1])
  }
}

/// `15` for a range from -15 to 15.
func symmetric(_ range: ClosedRange<Double>) -> String {
  range.lowerBound == -range.upperBound ? plain(range.upperBound) : plain(range)
}
