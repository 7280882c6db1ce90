import StriateCore

/// How image files are decoded.
public struct ImageDecoding: Sendable, Hashable {
  /// What is done with files that are damaged but not beyond decoding.
  public enum Damage: Sendable, Hashable {
    /// Files that are cut off, or whose damage costs pixels, are errors; what costs none is let pass.
    case refuse
    /// What can be decoded is taken, the rest is as the library leaves it.
    case accept
  }

  /// A colour that transparent pixels are blended over: red, green, blue.
  public struct Background: Sendable, Hashable {
    /// The colour's parts.
    public var red, green, blue: UInt8

    /// A colour.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    /// The colour beneath a grey image, weighted as ITU-R BT.601 does.
    var grey: UInt8 {
      let sum = Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471
      return UInt8(truncatingIfNeeded: (sum + 0x8000) >> 16)
    }
  }

  /// Where given, a JPEG file may be decoded at a half, a quarter or an eighth of its size, as long as
  /// the shorter side keeps so many pixels.
  public var minimum: Int?
  /// Whether an image is turned upright as its EXIF orientation says.
  public var orients = true
  /// What is done with damaged files.
  public var damage = Damage.refuse
  /// The colour beneath transparent pixels; nil leaves alpha out and keeps the colours as they are.
  public var background: Background?

  /// Decoding at full size, upright, damage refused, alpha left out.
  public init(
    minimum: Int? = nil, orients: Bool = true, damage: Damage = .refuse,
    background: Background? = nil
  ) {
    self.minimum = minimum
    self.orients = orients
    self.damage = damage
    self.background = background
  }

  /// The bytes that an image file may have at most.
  static let fileLimit = 1 << 30
}

extension Image {
  /// The pixels a side that the image in a file may have at most.
  public static let sideLimit = 1 << 15

  /// Decodes a JPEG or PNG file; which of them is told by its content.
  ///
  /// Grey files give one channel, all others three: CMYK is converted as Pillow does. The image is turned
  /// upright as its EXIF orientation says, unless `decoding` says otherwise.
  ///
  /// - Throws: `DataError` where the file is missing, empty, damaged, too large, of another kind, or the
  ///   library that decodes it is not there.
  public init(file path: String, decoding: ImageDecoding = ImageDecoding()) throws(DataError) {
    let bytes = try DataError.imageContents(of: path)
    do throws(DataError) {
      try self.init(encoded: bytes, decoding: decoding)
    } catch {
      throw error.at(path: path)
    }
  }

  /// Decodes the bytes of a JPEG or PNG file; which of them is told by their beginning.
  ///
  /// - Throws: `DataError` as `init(file:decoding:)` does.
  public init(
    encoded bytes: [UInt8], decoding: ImageDecoding = ImageDecoding()
  ) throws(DataError) {
    switch try Image.format(of: bytes) {
    case .png: try self.init(png: bytes, decoding: decoding)
    default: try self.init(jpeg: bytes, decoding: decoding)
    }
  }

  /// The kind of an image file's bytes.
  ///
  /// - Throws: `DataError` where they are empty, no image's, or of a kind that is not decoded.
  static func format(of bytes: [UInt8]) throws(DataError) -> ImageFormat {
    guard !bytes.isEmpty else {
      throw DataError(.truncated, "the file is empty; expected a JPEG or PNG image")
    }
    guard let format = ImageFormat.detect(bytes) else {
      throw DataError(.malformed, "this is neither a JPEG nor a PNG image", offset: 0)
    }
    guard format.isDecoded else {
      throw DataError(
        .unsupported, "this is a \(format.rawValue) image; convert it to JPEG or PNG", offset: 0)
    }
    return format
  }

  /// Checks the extents that a file announces, before anything is allocated for them.
  static func checkDecoded(width: Int, height: Int) throws(DataError) {
    guard width > 0, height > 0 else {
      throw DataError(.malformed, "the image has \(width)×\(height) pixels")
    }
    guard width <= sideLimit, height <= sideLimit, width * height <= pixelLimit else {
      throw DataError(
        .unsupported,
        "the image has \(width)×\(height) pixels; at most \(sideLimit) a side and "
          + "\(pixelLimit >> 20) Mi in all are decoded: make it smaller")
    }
  }
}

extension DataError {
  /// The bytes of an image file.
  static func imageContents(of path: String) throws(DataError) -> [UInt8] {
    let file: InputFile
    do throws(SystemFailure) { file = try InputFile(path) } catch { throw .unreadable(path, error) }
    return try imageBytes(of: file, at: 0, count: file.count)
  }

  /// The bytes of an image in a file.
  static func imageBytes(
    of file: InputFile, at offset: Int, count: Int
  ) throws(DataError) -> [UInt8] {
    guard count <= ImageDecoding.fileLimit else {
      throw DataError(
        .unsupported, "an image file of \(count) bytes; at most 1 GiB is read", path: file.path)
    }
    do throws(SystemFailure) {
      return try file.bytes(at: offset, count: count)
    } catch {
      throw .unreadable(file.path, error)
    }
  }
}
