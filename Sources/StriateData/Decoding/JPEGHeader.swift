import StriateCore

/// What the markers before the first scan of a JPEG file say (ITU-T T.81, annex B).
struct JPEGHeader {
  /// Pixels a row and rows.
  var width = 0
  var height = 0
  /// Colours a pixel: 1 is grey, 3 are colours, 4 are cyan, magenta, yellow, black.
  var components = 0
  /// Bits a sample.
  var precision = 0
  /// How the image is to be turned.
  var orientation = EXIFOrientation.upright
  /// The byte after the markers that were read, from which on the scans are.
  var end = 2

  /// Reads the markers; the bytes may be only the beginning of a file.
  ///
  /// - Throws: `DataError` where they contradict the format, or end before the frame's header.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(DataError) {
    guard bytes.count >= 2, bytes[0] == 0xFF, bytes[1] == 0xD8 else {
      throw DataError(.malformed, "this is not a JPEG file", offset: 0)
    }
    var at = 2
    while let marker = JPEGHeader.nextMarker(bytes, &at) {
      if marker == 0xDA || marker == 0xD9 { break }
      // Markers that stand alone: TEM and the restarts.
      if marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
      guard at + 2 <= bytes.count else { break }
      let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      guard length >= 2 else {
        throw DataError(.malformed, "a JPEG segment of \(length) bytes", offset: at)
      }
      let end = min(at + length, bytes.count)
      let body = UnsafeBufferPointer(rebasing: bytes[(at + 2)..<max(end, at + 2)])
      if JPEGHeader.isFrame(marker), components == 0 {
        try readFrame(body, offset: at)
      } else if marker == 0xE1, orientation == .upright {
        orientation = EXIFOrientation(segment: body)
      }
      at += length
      if at >= bytes.count { break }
    }
    end = min(at, bytes.count)
    guard components > 0 else {
      throw DataError(.truncated, "the JPEG file ends before its image", offset: bytes.count)
    }
  }

  /// All the frame markers, among them those of kinds that the library refuses.
  private static func isFrame(_ marker: UInt8) -> Bool {
    (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
  }

  /// The next marker; bytes before it and fill bytes are skipped, as libjpeg does.
  private static func nextMarker(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> UInt8? {
    while at + 1 < bytes.count {
      if bytes[at] == 0xFF, bytes[at + 1] != 0xFF, bytes[at + 1] != 0 {
        at += 2
        return bytes[at - 1]
      }
      at += 1
    }
    return nil
  }

  private mutating func readFrame(
    _ body: UnsafeBufferPointer<UInt8>, offset: Int
  ) throws(DataError) {
    guard body.count >= 6 else {
      throw DataError(.truncated, "the JPEG frame's header is cut off", offset: offset)
    }
    precision = Int(body[0])
    height = Int(body[1]) << 8 | Int(body[2])
    width = Int(body[3]) << 8 | Int(body[4])
    let count = Int(body[5])
    guard count == 1 || count == 3 || count == 4 else {
      throw DataError(
        .unsupported, "a JPEG file of \(count) components; 1, 3 and 4 are decoded", offset: offset)
    }
    guard precision == 8 else {
      throw DataError(
        .unsupported, "a JPEG file of \(precision) bits a sample; 8 are decoded", offset: offset)
    }
    components = count
  }
}

extension JPEGHeader {
  /// The extent that a file's beginning announces, sides swapped as its orientation says; nil where it is no JPEG
  /// file or the header lies further in.
  ///
  /// - Throws: `DataError` where the file cannot be read.
  static func size(ofFile path: String, orients: Bool) throws(DataError) -> ImageSize? {
    let head: [UInt8]
    do throws(SystemFailure) {
      let file = try InputFile(path)
      head = try file.bytes(at: 0, count: min(file.count, 1 << 16))
    } catch {
      throw .unreadable(path, error)
    }
    guard let header = head.withUnsafeBufferPointer({ try? JPEGHeader($0) }) else { return nil }
    return orients && header.orientation.swapsSides
      ? ImageSize(width: header.height, height: header.width)
      : ImageSize(width: header.width, height: header.height)
  }
}
