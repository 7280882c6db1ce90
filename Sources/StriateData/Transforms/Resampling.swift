import CImaging
import StriateCore

/// How a resized image gets its values; all but `nearest` average what they cover where the image shrinks.
public enum Interpolation: String, Sendable, Hashable, CaseIterable {
  /// The nearest pixel.
  case nearest
  /// The mean of the area.
  case box
  /// Triangles two pixels wide.
  case bilinear
  /// Keys' cubic with a = −½, four pixels wide.
  case bicubic
  /// A sinc windowed by a sinc, six pixels wide.
  case lanczos

  var filter: Int32 {
    switch self {
    case .nearest, .box: Int32(SI_BOX)
    case .bilinear: Int32(SI_BILINEAR)
    case .bicubic: Int32(SI_BICUBIC)
    case .lanczos: Int32(SI_LANCZOS)
    }
  }
}

extension Image {
  /// The pixels a side that can be resized.
  static let resizeLimit = 1 << 20

  /// This image at another size, with the values that Pillow's `resize` gives, up to 12.3 or of 13.0.
  ///
  /// - Throws: `DataError` where an extent is not positive or the image would be too large.
  public func resized(
    _ size: ImageSize, _ interpolation: Interpolation, order: ResizeOrder = .widthFirst
  ) throws(DataError) -> Image {
    try resized(
      from: ImageRect(x: 0, y: 0, width: width, height: height), size, interpolation, order: order)
  }

  /// A part of this image at another size; the values outside the part take no part in it.
  ///
  /// - Throws: `DataError` where the part is not inside, or an extent makes no sense.
  public func resized(
    from part: ImageRect, _ size: ImageSize, _ interpolation: Interpolation,
    order: ResizeOrder = .widthFirst
  ) throws(DataError) -> Image {
    try resized(
      from: part, size, interpolation,
      heightFirst: order.beginsWithHeight(from: self.size, to: size))
  }

  /// All of this image at another size, the sides in this order.
  ///
  /// - Throws: `DataError` as the public ones do.
  func resized(
    _ size: ImageSize, _ interpolation: Interpolation, heightFirst isHeightFirst: Bool
  ) throws(DataError) -> Image {
    try resized(
      from: ImageRect(x: 0, y: 0, width: width, height: height), size, interpolation,
      heightFirst: isHeightFirst)
  }

  private func resized(
    from part: ImageRect, _ size: ImageSize, _ interpolation: Interpolation,
    heightFirst isHeightFirst: Bool
  ) throws(DataError) -> Image {
    try Image.check(width: size.width, height: size.height, channels: channels)
    guard part.x >= 0, part.y >= 0, part.size.width > 0, part.size.height > 0,
      part.x <= width - part.size.width, part.y <= height - part.size.height
    else {
      throw DataError(
        .invalidRequest, "there is no part \(part.size) at \(part.x), \(part.y) in \(self.size)")
    }
    guard max(width, height, size.width, size.height) <= Image.resizeLimit else {
      throw DataError(
        .unsupported, "an image of \(self.size) pixels has too long a side to be resized")
    }
    if part.size == size { return window(part) }
    if interpolation == .nearest {
      return gathered(
        nearestPlaces(part.x, part.size.width, size.width),
        nearestPlaces(part.y, part.size.height, size.height))
    }
    if isHeightFirst {
      return heightFirst(from: part, size, interpolation.filter)
    }
    return resampled(from: part, size, interpolation.filter)
  }

  private func resampled(from part: ImageRect, _ size: ImageSize, _ filter: Int32) -> Image {
    let narrow = ImageSize(width: size.width, height: part.size.height)
    let across =
      part.size.width == size.width ? nil : ResampleWeights(part.size.width, size.width, filter)
    let down =
      part.size.height == size.height ? nil : ResampleWeights(part.size.height, size.height, filter)
    return pixels.withUnsafeBufferPointer { bytes -> Image in
      guard let base = bytes.baseAddress else { return self }
      let corner = base + (part.y * width + part.x) * channels
      guard let across else {
        return columns(corner, width * channels, size, down)
      }
      let isLast = part.y + part.size.height == height
      let rows = Image(size: narrow, channels: channels) { target in
        si_resample_rows(
          corner, Int64(width * channels), Int64(narrow.height), Int32(channels),
          Int64(size.width), across.taps, across.first, across.count, across.values,
          isLast ? 1 : 0, target)
      }
      guard down != nil else { return rows }
      return rows.pixels.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return rows }
        return columns(base, size.width * channels, size, down)
      }
    }
  }

  private func heightFirst(from part: ImageRect, _ size: ImageSize, _ filter: Int32) -> Image {
    let flat = ImageSize(width: part.size.width, height: size.height)
    let down = ResampleWeights(part.size.height, size.height, filter)
    let short = pixels.withUnsafeBufferPointer { bytes -> Image in
      guard let base = bytes.baseAddress else { return self }
      let corner = base + (part.y * width + part.x) * channels
      return columns(corner, width * channels, flat, down)
    }
    let whole = ImageRect(x: 0, y: 0, width: flat.width, height: flat.height)
    return short.size == size ? short : short.resampled(from: whole, size, filter)
  }

  private func columns(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ size: ImageSize, _ down: ResampleWeights?
  ) -> Image {
    guard let down else { return self }
    return Image(size: size, channels: channels) { target in
      si_resample_columns(
        source, Int64(stride), Int64(size.width * channels), Int64(size.height), down.taps,
        down.first, down.count, down.values, target)
    }
  }

  /// Pillow's places of the nearest pixels: a running sum of steps.
  private func nearestPlaces(_ start: Int, _ from: Int, _ to: Int) -> [Int32] {
    let step = Double(from) / Double(to)
    var at = step * 0.5
    return (0..<to).map { _ in
      defer { at += step }
      return Int32(start + min(Int(at), from - 1))
    }
  }
}

/// For each result the source pixels that take part in it, and how much.
struct ResampleWeights {
  let taps: Int64
  var first: [Int32]
  var count: [Int32]
  var values: [Int32]

  init(_ from: Int, _ to: Int, _ filter: Int32) {
    taps = si_resample_taps(Int64(from), Int64(to), filter)
    first = [Int32](repeating: 0, count: to)
    count = first
    values = [Int32](repeating: 0, count: to * Int(taps))
    si_resample_weights(Int64(from), Int64(to), filter, taps, &first, &count, &values)
  }
}
