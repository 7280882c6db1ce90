import StriateCore

/// An image of bytes, grey (1 channel) or red, green, blue (3 channels), rows from the top, the channels
/// of a pixel next to each other.
public struct Image: Sendable, Hashable {
  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Values a pixel: 1 or 3.
  public let channels: Int
  /// The values.
  public private(set) var pixels: [UInt8]

  /// The pixels that an image may have at most.
  public static let pixelLimit = 1 << 27

  /// An image of these values.
  ///
  /// - Throws: `DataError` where their number is not width × height × channels.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(DataError) {
    try Image.check(width: width, height: height, channels: channels)
    guard pixels.count == width * height * channels else {
      throw DataError(
        .invalidRequest,
        "an image of \(width)×\(height)×\(channels) has \(width * height * channels) values, found "
          + "\(pixels.count)")
    }
    self.init(unchecked: width, height, channels, pixels)
  }

  /// An image of one colour.
  ///
  /// - Parameter color: 1 or 3 values, which decide the number of channels.
  /// - Throws: `DataError` where an extent is not positive.
  public init(width: Int, height: Int, color: [UInt8]) throws(DataError) {
    try Image.check(width: width, height: height, channels: color.count)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * color.count)
    for _ in 0..<(width * height) { pixels += color }
    self.init(unchecked: width, height, color.count, pixels)
  }

  init(unchecked width: Int, _ height: Int, _ channels: Int, _ pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  static func check(width: Int, height: Int, channels: Int) throws(DataError) {
    let count = Shape([max(width, 0), max(height, 0)]).count
    guard width > 0, height > 0, count <= pixelLimit, channels == 1 || channels == 3 else {
      throw DataError(
        .unsupported,
        "an image of \(width)×\(height) pixels with \(channels) channels; expected 1 to "
          + "\(pixelLimit) pixels with 1 or 3 channels")
    }
  }

  /// The values of a pixel; nil outside the image.
  public subscript(x: Int, y: Int) -> ArraySlice<UInt8>? {
    guard x >= 0, y >= 0, x < width, y < height else { return nil }
    let start = (y * width + x) * channels
    return pixels[start..<(start + channels)]
  }

  /// Writes a value of a pixel; outside the image nothing happens.
  mutating func set(_ x: Int, _ y: Int, _ channel: Int, _ value: UInt8) {
    guard x >= 0, y >= 0, channel >= 0, x < width, y < height, channel < channels else { return }
    pixels[(y * width + x) * channels + channel] = value
  }

  /// Writes a pixel of an image of three channels; outside the image nothing happens.
  mutating func set(_ x: Int, _ y: Int, _ color: RGB) {
    set(x, y, 0, color.red)
    set(x, y, 1, color.green)
    set(x, y, 2, color.blue)
  }

  /// A pixel as a colour; black outside the image.
  func color(_ x: Int, _ y: Int) -> RGB {
    guard let values = self[x, y], let first = values.first, let last = values.last else {
      return RGB(0, 0, 0)
    }
    return RGB(first, values.count == 3 ? values[values.startIndex + 1] : first, last)
  }

  /// This image in grey, weighted as ITU-R BT.601 does: 0.299 red, 0.587 green, 0.114 blue.
  public func grey() -> Image {
    guard channels == 3 else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(width * height)
    for start in stride(from: 0, to: pixels.count, by: 3) {
      let sum =
        Int(pixels[start]) * 19595 + Int(pixels[start + 1]) * 38470 + Int(pixels[start + 2]) * 7471
      result.append(UInt8(truncatingIfNeeded: (sum + 0x8000) >> 16))
    }
    return Image(unchecked: width, height, 1, result)
  }

  /// This image with three channels, a grey value three times.
  public func rgb() -> Image {
    guard channels == 1 else { return self }
    return Image(unchecked: width, height, 3, pixels.flatMap { [$0, $0, $0] })
  }

  /// The values as f32 of shape `[channels, height, width]`, normalised: `(value / 255 − mean) / std`.
  ///
  /// - Throws: `DataError` where there is not one mean and one positive std a channel.
  public func tensor(mean: [Float] = [], std: [Float] = []) throws(DataError) -> HostTensor {
    let mean = mean.isEmpty ? [Float](repeating: 0, count: channels) : mean
    let std = std.isEmpty ? [Float](repeating: 1, count: channels) : std
    guard mean.count == channels, std.count == channels, std.allSatisfy({ $0 > 0 }) else {
      throw DataError(
        .invalidRequest,
        "\(mean.count) means and \(std.count) deviations for an image of \(channels) channels")
    }
    var values = [Float](repeating: 0, count: pixels.count)
    let plane = width * height
    for channel in 0..<channels {
      let table = (0..<256).map { (Float($0) / 255 - mean[channel]) / std[channel] }
      for at in 0..<plane {
        values[channel * plane + at] = table[Int(pixels[at * channels + channel])]
      }
    }
    do throws(TensorError) {
      return try HostTensor(values, shape: [channels, height, width])
    } catch {
      throw DataError(.invalidRequest, error.message, cause: error)
    }
  }
}

/// A colour of three bytes.
public struct RGB: Sendable, Hashable, CustomStringConvertible {
  /// Its parts.
  public var red, green, blue: UInt8

  /// A colour.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// `(64, 128, 64)`.
  public var description: String { "(\(red), \(green), \(blue))" }
}
