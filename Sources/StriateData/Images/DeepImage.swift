import StriateCore

/// An image of any number of channels whose values have 8 or 16 bits or are floating-point numbers: what microscopes and
/// satellites give, where `Image` has bytes of one or three channels.
public struct DeepImage: Sendable, Hashable {
  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Values a pixel.
  public let channels: Int
  /// The values as they stand in the file, rows from the top, those of a pixel next to each other.
  public let values: [Float]
  /// The value that counts as 1: 255 or 65535 of whole numbers, 1 of floating-point ones.
  public let scale: Float
  /// Whether the last channel says how opaque a pixel is.
  public let hasAlpha: Bool

  /// The values that an image may have at most: 1 GiB of them.
  static let valueLimit = 1 << 28
  /// The channels that an image may have at most.
  static let channelLimit = 1024

  /// An image of these values.
  ///
  /// - Throws: `DataError` where their number is not width × height × channels, or there are too many.
  public init(
    width: Int, height: Int, channels: Int, values: [Float], scale: Float = 1,
    hasAlpha: Bool = false
  ) throws(DataError) {
    try Self.check(width: width, height: height, channels: channels)
    guard values.count == width * height * channels, scale > 0, !hasAlpha || channels > 1 else {
      throw DataError(
        .invalidRequest,
        "an image of \(width)×\(height)×\(channels) has \(width * height * channels) values, found "
          + "\(values.count)")
    }
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.values, self.scale, self.hasAlpha) = (values, scale, hasAlpha)
  }

  /// The bytes of an image as values.
  public init(_ image: Image) {
    (width, height, channels) = (image.width, image.height, image.channels)
    (values, scale, hasAlpha) = (image.pixels.map(Float.init), 255, false)
  }

  /// The extent.
  public var size: ImageSize { ImageSize(width: width, height: height) }

  /// Refuses extents that are none, before anything is allocated for them.
  static func check(width: Int, height: Int, channels: Int) throws(DataError) {
    try Image.checkDecoded(width: width, height: height)
    guard (1...channelLimit).contains(channels), width * height <= valueLimit / channels else {
      throw DataError(
        .unsupported,
        "the image has \(width)×\(height) pixels of \(channels) channels; at most "
          + "\(channelLimit) channels and \(valueLimit >> 20) Mi values in all are read")
    }
  }

  /// The same image with so many channels: all of them, or those that are left without alpha, or greys and colours made of
  /// each other as of photographs.
  ///
  /// - Throws: `DataError` where the channels cannot be had from those that are there.
  public func with(channels wanted: Int) throws(DataError) -> DeepImage {
    if wanted == channels { return self }
    let colors = hasAlpha ? channels - 1 : channels
    let take: (Int, Int) -> Float
    switch (colors, wanted) {
    case (wanted, _): take = { values[$0 + $1] }
    case (1, 3): take = { start, _ in values[start] }
    case (3, 1):
      take = { start, _ in
        values[start] * 0.299 + values[start + 1] * 0.587 + values[start + 2] * 0.114
      }
    default:
      throw DataError(
        .malformed,
        "the image has \(channels) channels\(hasAlpha ? ", the last of them alpha" : ""), expected "
          + "\(wanted)")
    }
    var result: [Float] = []
    result.reserveCapacity(width * height * wanted)
    for start in stride(from: 0, to: values.count, by: channels) {
      for channel in 0..<wanted { result.append(take(start, channel)) }
    }
    return try DeepImage(
      width: width, height: height, channels: wanted, values: result, scale: scale)
  }

  /// The image in bytes for the eye: the first three channels, or the first alone, each stretched from its 1st to its 99th
  /// percentile.
  public func preview() throws(DataError) -> Image {
    let colors = hasAlpha ? channels - 1 : channels
    let shown = colors >= 3 ? 3 : 1
    var pixels = [UInt8](repeating: 0, count: width * height * shown)
    for channel in 0..<shown {
      let plane = stride(from: channel, to: values.count, by: channels).map { values[$0] }
      let sorted = plane.sorted()
      let low = sorted[sorted.count / 100]
      let high = sorted[sorted.count - 1 - sorted.count / 100]
      let range = high > low ? high - low : 1
      for (place, value) in plane.enumerated() {
        pixels[place * shown + channel] = UInt8(
          min(max((value - low) / range * 255, 0), 255).rounded())
      }
    }
    return try Image(width: width, height: height, channels: shown, pixels: pixels)
  }
}
