import CCodecs
import StriateCore

/// How the pixels of a TIFF file are compressed.
enum TIFFCompression: Int, Sendable {
  case none = 1
  case lzw = 5
  case deflate = 8
  case packBits = 32773
  case oldDeflate = 32946

  /// The bytes that one byte of the file can become at most.
  var expansion: Int {
    switch self {
    case .none: 1
    // A code of 12 bits is a string of at most 4,094 bytes.
    case .lzw: 4096
    case .deflate, .oldDeflate: 1032
    case .packBits: 64
    }
  }

  /// Exactly so many bytes of pixels.
  ///
  /// - Throws: `DataError` where there are fewer, or what is there is damaged.
  func decompressed(
    _ source: ArraySlice<UInt8>, to wanted: Int
  ) throws(DataError) -> [UInt8] {
    let found: [UInt8]?
    switch self {
    case .none: found = source.count >= wanted ? Array(source.prefix(wanted)) : nil
    case .packBits: found = Self.packBits(source, wanted)
    case .lzw: found = Self.lzw(source, wanted)
    case .deflate, .oldDeflate:
      try CodecLibrary.zlib.require()
      var result = [UInt8](repeating: 0, count: wanted)
      let isWhole = source.withUnsafeBufferPointer { bytes in
        codecs_inflate_whole(bytes.baseAddress, bytes.count, &result, wanted, 15) == 0
      }
      found = isWhole ? result : nil
    }
    guard let found else {
      throw DataError(
        .truncated,
        "the TIFF file is damaged: \(source.count) bytes of pixels do not become \(wanted)",
        offset: source.startIndex)
    }
    return found
  }

  /// TIFF 6.0, section 9: counts of bytes as they are, and of one byte again and again.
  private static func packBits(_ source: ArraySlice<UInt8>, _ wanted: Int) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(wanted)
    var at = source.startIndex
    while result.count < wanted, at < source.endIndex {
      let head = Int(Int8(bitPattern: source[at]))
      at += 1
      if head >= 0 {
        guard source.endIndex - at >= head + 1 else { return nil }
        result += source[at..<(at + head + 1)]
        at += head + 1
      } else if head > -128 {
        guard at < source.endIndex else { return nil }
        result += repeatElement(source[at], count: 1 - head)
        at += 1
      }
    }
    return result.count >= wanted ? Array(result.prefix(wanted)) : nil
  }

  /// TIFF 6.0, section 13: codes of 9 to 12 bits, the high ones first, that grow one code early.
  private static func lzw(_ source: ArraySlice<UInt8>, _ wanted: Int) -> [UInt8]? {
    // A string is the one before it and a byte; the first 256 are the bytes, 256 clears the table, 257 ends.
    var before = [Int](repeating: -1, count: 4096)
    var last = [UInt8](repeating: 0, count: 4096)
    var length = [Int](repeating: 1, count: 4096)
    for byte in 0..<256 { last[byte] = UInt8(byte) }
    var (next, width, old) = (258, 9, -1)
    var (bits, held) = (0, 0)
    var result = [UInt8](repeating: 0, count: wanted)
    var done = 0
    var at = source.startIndex
    /// The first byte of a string.
    func first(_ code: Int) -> UInt8 {
      var part = code
      while before[part] >= 0 { part = before[part] }
      return last[part]
    }
    /// Writes a string backwards, what has room of it.
    func write(_ code: Int) {
      var (place, part) = (done + length[code] - 1, code)
      while part >= 0 {
        if place < wanted { result[place] = last[part] }
        place -= 1
        part = before[part]
      }
      done += length[code]
    }
    while done < wanted {
      while held < width {
        guard at < source.endIndex else { return nil }
        bits = (bits << 8 | Int(source[at])) & 0xFF_FFFF
        held += 8
        at += 1
      }
      let code = bits >> (held - width) & ((1 << width) - 1)
      held -= width
      if code == 257 { break }
      if code == 256 {
        (next, width, old) = (258, 9, -1)
        continue
      }
      if old < 0 {
        guard code < 256 else { return nil }
        write(code)
        old = code
        continue
      }
      // The string that is just being made is the one before with its own first byte.
      guard code < next || (code == next && next < 4096) else { return nil }
      if next < 4096 {
        before[next] = old
        length[next] = length[old] + 1
        last[next] = first(code < next ? code : old)
        next += 1
      }
      write(code)
      old = code
      if next >= (1 << width) - 1, width < 12 { width += 1 }
    }
    return done >= wanted ? result : nil
  }
}
