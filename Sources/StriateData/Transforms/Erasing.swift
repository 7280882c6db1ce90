import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Squares about random pixels set to zero.
///
/// DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017. They may reach beyond the edge, as in the paper.
public struct Cutout: Transform {
  /// Pixels a side.
  public var side: Int
  /// How many squares.
  public var count: Int

  /// Random squares.
  public init(_ side: Int, count: Int = 1) {
    self.side = side
    self.count = count
  }

  public func blanks(in size: ImageSize, _ random: inout RandomStream) -> [ImageRect] {
    (0..<max(count, 0)).map { _ in
      let y = random.index(size.height)
      let x = random.index(size.width)
      return ImageRect(x: x - side / 2, y: y - side / 2, width: side, height: side)
    }
  }

  public var description: String {
    callText("cutout", "\(side)", count == 1 ? nil : "count=\(count)")
  }
}

/// A rectangle of random area and proportions set to zero with a probability: Zhong et al., "Random erasing
/// data augmentation", 2017.
public struct RandomErasing: Transform {
  /// How often.
  public var probability: Double
  /// The rectangle's share of the area.
  public var scale: ClosedRange<Double>
  /// Its height over its width, drawn on a logarithmic scale.
  public var ratio: ClosedRange<Double>

  /// The areas in general use.
  public static let usualScale = 0.02...0.33
  /// The proportions in general use.
  public static let usualRatio = 0.3...3.3

  /// A random rectangle.
  public init(
    probability: Double = 0.5, scale: ClosedRange<Double> = usualScale,
    ratio: ClosedRange<Double> = usualRatio
  ) {
    self.probability = probability
    self.scale = scale
    self.ratio = ratio
  }

  public func blanks(in size: ImageSize, _ random: inout RandomStream) -> [ImageRect] {
    guard random.happens(probability) else { return [] }
    let area = Double(size.width) * Double(size.height)
    let ratios = log(max(ratio.lowerBound, 1e-6))...log(max(ratio.upperBound, 1e-6))
    for _ in 0..<10 {
      let target = area * random.uniform(scale)
      let shape = exp(random.uniform(ratios))
      let height = whole((target * shape).squareRoot())
      let width = whole((target / shape).squareRoot())
      guard height < size.height, width < size.width else { continue }
      let y = random.index(size.height - height + 1)
      let x = random.index(size.width - width + 1)
      return [ImageRect(x: x, y: y, width: width, height: height)]
    }
    return []
  }

  public var description: String {
    callText(
      "random-erasing", probability == 0.5 ? nil : plain(probability),
      scale == Self.usualScale ? nil : "scale=\(plain(scale))",
      ratio == Self.usualRatio ? nil : "ratio=\(plain(ratio))")
  }
}
