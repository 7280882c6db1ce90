import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Resizing: to an extent, or so that the shorter side has a length.
public struct Resize: Transform {
  /// What it is resized to.
  public enum Goal: Sendable, Hashable {
    /// The shorter side is that long, the other in proportion.
    case shorterSide(Int)
    /// Exactly that extent; nil is the network's.
    case exact(ImageSize?)
  }
  /// What it is resized to.
  public var goal: Goal
  /// How values come about.
  public var interpolation: Interpolation

  /// A resizing.
  public init(_ goal: Goal, _ interpolation: Interpolation = .bilinear) {
    self.goal = goal
    self.interpolation = interpolation
  }

  public var setsSize: Bool { true }

  public func largest(of size: ImageSize) -> ImageSize? {
    if case .shorterSide(let side) = goal { size.shorterSide(side) } else { nil }
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    switch goal {
    case .exact(let own): try image.resized(own ?? size, interpolation)
    case .shorterSide(let side): try image.resized(image.size.shorterSide(side), interpolation)
    }
  }

  public var description: String {
    let side: String? =
      switch goal {
      case .shorterSide(let side): "\(side)"
      case .exact(let size?): "\(size.width)x\(size.height)"
      case .exact(nil): nil
      }
    return callText(
      "resize", side, interpolation == .bilinear ? nil : "interpolation=\(interpolation.rawValue)")
  }
}

extension ImageSize {
  /// The extent whose shorter side has a length, the longer rounded down as torchvision does.
  func shorterSide(_ side: Int) -> ImageSize {
    func longer(_ long: Int, _ short: Int) -> Int {
      let (product, overflow) = side.multipliedReportingOverflow(by: long)
      return overflow ? .max : max(product / max(short, 1), 1)
    }
    return width <= height
      ? ImageSize(width: side, height: longer(height, width))
      : ImageSize(width: longer(width, height), height: side)
  }
}

/// The middle of an image.
public struct CenterCrop: Transform {
  /// The extent; nil is the network's.
  public var size: ImageSize?

  /// A crop of the middle.
  public init(_ size: ImageSize? = nil) { self.size = size }

  public var setsSize: Bool { size != nil }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image { try image.centerCropped(to: self.size ?? size) }

  public var description: String { callText("center-crop", size?.description) }
}

/// A crop at a random place of the image with a border around it.
///
/// With 4 pixels of zeros this is the augmentation of CIFAR since He et al., 2015. An image that is
/// smaller than the crop even with its border gets as much more as it needs.
public struct RandomCrop: Transform {
  /// The extent; nil is the network's.
  public var size: ImageSize?
  /// Pixels added on every side.
  public var padding: Int
  /// What they are.
  public var edge: Edge

  /// A crop at a random place.
  public init(_ size: ImageSize? = nil, padding: Int = 0, edge: Edge = .zero) {
    self.size = size
    self.padding = padding
    self.edge = edge
  }

  public var setsSize: Bool { size != nil }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    let size = self.size ?? size
    let border = min(max(padding, 0), 1 << 20)
    func place(_ extent: Int, _ wanted: Int) -> Int {
      let room = extent + 2 * border - wanted
      return room >= 0 ? random.index(room + 1) - border : (extent - wanted) / 2
    }
    let y = place(image.height, size.height)
    let x = place(image.width, size.width)
    return try image.cropped(
      to: ImageRect(x: x, y: y, width: size.width, height: size.height), edge: edge)
  }

  public var description: String {
    callText(
      "random-crop", size?.description, padding == 0 ? nil : "padding=\(padding)",
      edge == .zero ? nil : "mode=\(edge.rawValue)")
  }
}

/// A part of random area and proportions, resized: Szegedy et al., "Going deeper with convolutions", 2015.
public struct RandomResizedCrop: Transform {
  /// The extent; nil is the network's.
  public var size: ImageSize?
  /// The part's share of the image's area.
  public var scale: ClosedRange<Double>
  /// Its width over its height, drawn on a logarithmic scale.
  public var ratio: ClosedRange<Double>
  /// How values come about.
  public var interpolation: Interpolation

  /// The whole range of parts in general use.
  public static let usualScale = 0.08...1.0
  /// The whole range of proportions in general use.
  public static let usualRatio = 3.0 / 4...4.0 / 3

  /// A random part.
  public init(
    _ size: ImageSize? = nil, scale: ClosedRange<Double> = usualScale,
    ratio: ClosedRange<Double> = usualRatio, interpolation: Interpolation = .bilinear
  ) {
    self.size = size
    self.scale = scale
    self.ratio = ratio
    self.interpolation = interpolation
  }

  public var setsSize: Bool { true }

  /// A part of an image, drawn as torchvision does: ten tries, then the largest middle of the right
  /// proportions.
  public func part(of image: ImageSize, _ random: inout RandomStream) -> ImageRect {
    let area = Double(image.width) * Double(image.height)
    let ratios = log(max(ratio.lowerBound, 1e-6))...log(max(ratio.upperBound, 1e-6))
    for _ in 0..<10 {
      let target = area * random.uniform(scale)
      let shape = exp(random.uniform(ratios))
      let width = whole((target * shape).squareRoot())
      let height = whole((target / shape).squareRoot())
      if width > 0, height > 0, width <= image.width, height <= image.height {
        let y = random.index(image.height - height + 1)
        let x = random.index(image.width - width + 1)
        return ImageRect(x: x, y: y, width: width, height: height)
      }
    }
    var (width, height) = (image.width, image.height)
    let shape = Double(width) / Double(height)
    if shape < ratio.lowerBound {
      height = min(max(whole(Double(width) / ratio.lowerBound), 1), height)
    } else if shape > ratio.upperBound {
      width = min(max(whole(Double(height) * ratio.upperBound), 1), width)
    }
    return ImageRect(
      x: (image.width - width) / 2, y: (image.height - height) / 2, width: width, height: height)
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    try image.resized(from: part(of: image.size, &random), self.size ?? size, interpolation)
  }

  public var description: String {
    callText(
      "random-resized-crop", size?.description,
      scale == Self.usualScale ? nil : "scale=\(plain(scale))",
      ratio == Self.usualRatio ? nil : "ratio=\(plain(ratio))",
      interpolation == .bilinear ? nil : "interpolation=\(interpolation.rawValue)")
  }
}

/// Mirroring with a probability.
public struct RandomFlip: Transform {
  /// Whether above and below change places, rather than left and right.
  public var isVertical: Bool
  /// How often.
  public var probability: Double

  /// A mirroring.
  public init(vertical: Bool = false, probability: Double = 0.5) {
    isVertical = vertical
    self.probability = probability
  }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    random.happens(probability) ? image.flipped(vertically: isVertical) : image
  }

  public var description: String {
    callText(
      isVertical ? "vertical-flip" : "flip", probability == 0.5 ? nil : plain(probability))
  }
}
