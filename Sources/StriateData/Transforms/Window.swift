import CImaging
import StriateCore

/// What lies outside an image.
public enum Edge: String, Sendable, Hashable, CaseIterable {
  /// One colour.
  case zero
  /// The image mirrored about its first and last pixel.
  case reflect
  /// The pixel at the edge.
  case edge

  /// The place in `0..<count` that stands for a place anywhere; -1 for the colour.
  func place(_ at: Int, _ count: Int) -> Int32 {
    if at >= 0, at < count { return Int32(at) }
    switch self {
    case .zero: return -1
    case .edge: return Int32(at < 0 ? 0 : count - 1)
    case .reflect:
      guard count > 1 else { return 0 }
      let period = 2 * (count - 1)
      let rest = ((at % period) + period) % period
      return Int32(rest < count ? rest : period - rest)
    }
  }
}

extension Image {
  /// A part of this image; what is outside the image is as `edge` says, by default black.
  ///
  /// - Throws: `DataError` where the extent is not positive or too large.
  public func cropped(
    to part: ImageRect, edge: Edge = .zero, fill: UInt8 = 0
  ) throws(DataError) -> Image {
    try Image.check(width: part.size.width, height: part.size.height, channels: channels)
    let limit = 1 << 28
    guard abs(part.x) < limit, abs(part.y) < limit else {
      throw DataError(.invalidRequest, "there is no part at \(part.x), \(part.y) in \(size)")
    }
    return window(part, edge: edge, fill: fill)
  }

  /// The middle of this image; what is outside is black.
  ///
  /// - Throws: `DataError` where the extent is not positive or too large.
  public func centerCropped(to size: ImageSize) throws(DataError) -> Image {
    try cropped(to: center(size))
  }

  /// The four corners and the middle, each of an extent inside this image.
  ///
  /// - Throws: `DataError` where the extent is not positive or does not fit.
  public func fiveCrop(_ size: ImageSize) throws(DataError) -> [Image] {
    guard size.width <= width, size.height <= height else {
      throw DataError(.invalidRequest, "an image of \(self.size) has no crops of \(size)")
    }
    let (right, bottom) = (width - size.width, height - size.height)
    var crops: [Image] = []
    for (x, y) in [(0, 0), (right, 0), (0, bottom), (right, bottom)] {
      crops.append(
        try cropped(to: ImageRect(x: x, y: y, width: size.width, height: size.height)))
    }
    return crops + [try centerCropped(to: size)]
  }

  /// `fiveCrop`, then the same of the mirrored image.
  ///
  /// - Throws: `DataError` where the extent is not positive or does not fit.
  public func tenCrop(_ size: ImageSize) throws(DataError) -> [Image] {
    try fiveCrop(size) + flipped().fiveCrop(size)
  }

  /// This image mirrored, left and right changing places; `vertically`, above and below.
  public func flipped(vertically: Bool = false) -> Image {
    let columns = (0..<width).map { Int32(vertically ? $0 : width - 1 - $0) }
    let rows = (0..<height).map { Int32(vertically ? height - 1 - $0 : $0) }
    return gathered(columns, rows)
  }

  /// Where torchvision's centre crop is: halves rounded to even inside the image, a border that is
  /// smaller on the left and above around it.
  func center(_ size: ImageSize) -> ImageRect {
    func place(_ rest: Int) -> Int { rest < 0 ? rest / 2 : whole(Double(rest) / 2) }
    return ImageRect(
      x: place(width - size.width), y: place(height - size.height), width: size.width,
      height: size.height)
  }

  /// A part of a sound extent.
  func window(_ part: ImageRect, edge: Edge = .zero, fill: UInt8 = 0) -> Image {
    if part.x == 0, part.y == 0, part.size == size { return self }
    let columns = (0..<part.size.width).map { edge.place(part.x + $0, width) }
    let rows = (0..<part.size.height).map { edge.place(part.y + $0, height) }
    return gathered(columns, rows, fill: fill)
  }

  /// Chosen columns of chosen rows; negative numbers are filled.
  func gathered(_ columns: [Int32], _ rows: [Int32], fill: UInt8 = 0) -> Image {
    let fill = [UInt8](repeating: fill, count: 3)
    let size = ImageSize(width: columns.count, height: rows.count)
    return pixels.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return self }
      return Image(size: size, channels: channels) { target in
        si_gather(
          source, Int64(width), Int32(channels), columns, Int64(columns.count), rows,
          Int64(rows.count), fill, target)
      }
    }
  }
}
