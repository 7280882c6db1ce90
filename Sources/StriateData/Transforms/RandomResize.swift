import StriateCore

/// Resizing so that the shorter side has a random length, both ends included: scale jitter.
///
/// Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015, section 3.1; a crop
/// follows it.
public struct RandomResize: Transform {
  /// The lengths of the shorter side.
  public var side: ClosedRange<Int>
  /// How values come about.
  public var interpolation: Interpolation

  /// A resizing to one of these lengths.
  public init(_ side: ClosedRange<Int>, _ interpolation: Interpolation = .bilinear) {
    self.side = side
    self.interpolation = interpolation
  }

  public var setsSize: Bool { true }

  public func largest(of size: ImageSize) -> ImageSize? { size.shorterSide(side.upperBound) }

  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image {
    let length = side.lowerBound + random.index(side.upperBound - side.lowerBound + 1)
    return try image.resized(image.size.shorterSide(length), interpolation)
  }

  public var description: String {
    callText(
      "random-resize", "\(side.lowerBound)..\(side.upperBound)",
      interpolation == .bilinear ? nil : "interpolation=\(interpolation.rawValue)")
  }
}
