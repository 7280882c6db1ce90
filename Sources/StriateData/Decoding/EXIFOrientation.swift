/// How an image is turned, as the tag Orientation of EXIF (274) says; the value names where the first row
/// and the first column of the file belong.
enum EXIFOrientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  case transposed = 5
  case quarterRight = 6
  case antiTransposed = 7
  case quarterLeft = 8

  /// Whether width and height change places.
  var swapsSides: Bool { rawValue >= 5 }

  /// Reads an APP1 segment of a JPEG file; anything that is no sound EXIF leaves the image upright.
  init(segment: UnsafeBufferPointer<UInt8>) {
    let mark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
    guard segment.count > mark.count, segment.starts(with: mark) else {
      self = .upright
      return
    }
    self.init(tiff: UnsafeBufferPointer(rebasing: segment[mark.count...]))
  }

  /// Reads EXIF's TIFF structure; anything that is not sound leaves the image upright.
  init(tiff: UnsafeBufferPointer<UInt8>) {
    self = EXIFOrientation.find(tiff).flatMap { EXIFOrientation(rawValue: $0) } ?? .upright
  }

  private static func find(_ tiff: UnsafeBufferPointer<UInt8>) -> Int? {
    guard tiff.count >= 8, tiff[0] == tiff[1], tiff[0] == 0x49 || tiff[0] == 0x4D else {
      return nil
    }
    let isLittle = tiff[0] == 0x49
    func number(_ at: Int, _ count: Int) -> Int? {
      guard at >= 0, at + count <= tiff.count else { return nil }
      let bytes = tiff[at..<(at + count)]
      return isLittle
        ? bytes.reversed().reduce(0) { $0 << 8 | Int($1) } : bytes.reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(2, 2) == 42, let folder = number(4, 4), let entries = number(folder, 2) else {
      return nil
    }
    for entry in 0..<entries {
      let at = folder + 2 + 12 * entry
      guard let tag = number(at, 2) else { return nil }
      guard tag == 274 else { continue }
      switch number(at + 2, 2) {
      case 1: return number(at + 8, 1)
      case 3: return number(at + 8, 2)
      case 4: return number(at + 8, 4)
      default: return nil
      }
    }
    return nil
  }
}

extension Image {
  /// This image turned as the orientation says.
  func oriented(_ orientation: EXIFOrientation) -> Image {
    guard orientation != .upright else { return self }
    let newWidth = orientation.swapsSides ? height : width
    let newHeight = orientation.swapsSides ? width : height
    // The source of the result's first pixel, and the steps to the next column's and the next row's.
    let (right, down) = (width - 1, height - 1)
    let (x, y, across, along): (Int, Int, (Int, Int), (Int, Int)) =
      switch orientation {
      case .upright: (0, 0, (1, 0), (0, 1))
      case .mirrored: (right, 0, (-1, 0), (0, 1))
      case .upsideDown: (right, down, (-1, 0), (0, -1))
      case .mirroredUpsideDown: (0, down, (1, 0), (0, -1))
      case .transposed: (0, 0, (0, 1), (1, 0))
      case .quarterRight: (0, down, (0, -1), (1, 0))
      case .antiTransposed: (right, down, (0, -1), (-1, 0))
      case .quarterLeft: (right, 0, (0, 1), (-1, 0))
      }
    let channels = channels
    let step = (across.0 + across.1 * width) * channels
    let rowStep = (along.0 + along.1 * width) * channels
    let start = (x + y * width) * channels
    let turned = pixels.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: source.count) { result, filled in
        var place = 0
        for row in 0..<newHeight {
          var from = start + row * rowStep
          for _ in 0..<newWidth {
            for channel in 0..<channels { result[place + channel] = source[from + channel] }
            place += channels
            from += step
          }
        }
        filled = source.count
      }
    }
    return Image(unchecked: newWidth, newHeight, channels, turned)
  }
}
