import CCodecs
import StriateCore

/// The directory of a ZIP file, such as PyTorch and NumPy write.
///
/// APPNOTE 6.3.10 of PKWARE; files beyond 4 GiB (ZIP64) too. Nothing that the directory claims is believed: an entry's
/// bytes are those that the file has.
struct ZipArchive {
  /// A stretch of the file.
  struct Entry {
    let offset, count: Int
    /// The bytes that it has when it is unpacked, as the directory claims.
    let size: Int
    /// The CRC-32 of these bytes, as the directory claims.
    let crc: UInt32
    let isStored, isDeflated: Bool
  }

  /// The entries under their names.
  let entries: [String: Entry]

  /// Whether a file begins like a ZIP file.
  static func isAtStart(of source: ByteSource) -> Bool {
    (try? source.bytes(at: 0, count: 4)) == [0x50, 0x4B, 0x03, 0x04]
  }

  /// The directory at the end of a file.
  ///
  /// - Throws: `FormatError` where the file is cut off or contradicts the format.
  init(_ source: ByteSource) throws(FormatError) {
    let (begin, count) = try Self.directory(source)
    var entries: [String: Entry] = [:]
    var at = begin
    for _ in 0..<count {
      guard try source.integer(at: at, bytes: 4) == 0x0201_4B50 else {
        throw FormatError(.malformed, "the directory of the ZIP file is damaged", offset: at)
      }
      func field(_ offset: Int, _ size: Int) throws(FormatError) -> Int {
        Int(truncatingIfNeeded: try source.integer(at: at + offset, bytes: size))
      }
      let (method, nameLength) = (try field(10, 2), try field(28, 2))
      let (extraLength, commentLength) = (try field(30, 2), try field(32, 2))
      let name = String(
        decoding: try source.bytes(at: at + 46, count: nameLength), as: UTF8.self)
      var (stored, size, header) = (try field(20, 4), try field(24, 4), try field(42, 4))
      try Self.widen(
        &size, &stored, &header,
        extra: source.bytes(at: at + 46 + nameLength, count: extraLength))
      guard header >= 0, stored >= 0, header < source.count else {
        throw FormatError(
          .malformed, "the entry \(name) of the ZIP file lies outside of it", offset: at)
      }
      // The bytes follow the entry's own header, whose extra field may be another than the directory's.
      guard try source.integer(at: header, bytes: 4) == 0x0403_4B50 else {
        throw FormatError(
          .malformed, "the entry \(name) of the ZIP file has no header", offset: header)
      }
      let skipped =
        Int(try source.integer(at: header + 26, bytes: 2))
        + Int(try source.integer(at: header + 28, bytes: 2))
      let offset = header + 30 + skipped
      guard offset <= source.count, stored <= source.count - offset else {
        throw FormatError(
          .truncated, "the entry \(name) of \(stored) bytes does not fit into the file",
          offset: header)
      }
      entries[name] = Entry(
        offset: offset, count: stored, size: size,
        crc: UInt32(truncatingIfNeeded: try field(16, 4)),
        isStored: method == 0 && stored == size, isDeflated: method == 8)
      at += 46 + nameLength + extraLength + commentLength
    }
    self.entries = entries
  }

  /// Where the directory begins and how many entries it has.
  private static func directory(
    _ source: ByteSource
  ) throws(FormatError) -> (begin: Int, count: Int) {
    // The last record has 22 bytes and a comment of at most 65,535.
    let tail = max(0, source.count - 22 - 65_535)
    let bytes = try source.bytes(at: tail, count: source.count - tail)
    let marks = bytes.indices.dropLast(21).reversed()
    guard let last = marks.first(where: { bytes[$0...].starts(with: [0x50, 0x4B, 0x05, 0x06]) })
    else {
      throw FormatError(
        .truncated, "the ZIP file has no directory at its end: it is cut off", offset: source.count)
    }
    let end = tail + last
    var count = Int(try source.integer(at: end + 10, bytes: 2))
    var begin = Int(try source.integer(at: end + 16, bytes: 4))
    if count == 0xFFFF || begin == 0xFFFF_FFFF {
      guard end >= 20, try source.integer(at: end - 20, bytes: 4) == 0x0706_4B50 else {
        throw FormatError(.malformed, "the ZIP file lacks its ZIP64 directory", offset: end)
      }
      let record = Int(truncatingIfNeeded: try source.integer(at: end - 12, bytes: 8))
      guard record >= 0, record <= source.count - 56 else {
        throw FormatError(.malformed, "the ZIP64 directory lies outside of the file", offset: end)
      }
      count = Int(truncatingIfNeeded: try source.integer(at: record + 32, bytes: 8))
      begin = Int(truncatingIfNeeded: try source.integer(at: record + 48, bytes: 8))
    }
    // An entry of the directory has at least 46 bytes.
    guard begin >= 0, begin <= end, count >= 0, count <= (end - begin) / 46 else {
      throw FormatError(
        .malformed, "the directory of the ZIP file lies outside of it", offset: end)
    }
    return (begin, count)
  }

  /// Takes sizes and offset from the ZIP64 field, where the 32-bit ones are full.
  private static func widen(
    _ size: inout Int, _ stored: inout Int, _ header: inout Int, extra: [UInt8]
  ) throws(FormatError) {
    var at = 0
    while at + 4 <= extra.count {
      let id = Int(extra[at]) | Int(extra[at + 1]) << 8
      let length = Int(extra[at + 2]) | Int(extra[at + 3]) << 8
      at += 4
      guard id == 1, at + length <= extra.count else {
        at += length
        continue
      }
      var place = at
      func next() -> Int? {
        guard place + 8 <= at + length else { return nil }
        defer { place += 8 }
        return Int(
          truncatingIfNeeded: extra[place..<place + 8].reversed().reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
          })
      }
      if size == 0xFFFF_FFFF, let wide = next() { size = wide }
      if stored == 0xFFFF_FFFF, let wide = next() { stored = wide }
      if header == 0xFFFF_FFFF, let wide = next() { header = wide }
      return
    }
  }
}

extension ZipArchive {
  /// The bytes of an entry, unpacked.
  ///
  /// - Throws: `FormatError` where they are damaged, compressed by another method than deflate, or zlib is missing.
  static func content(
    of entry: Entry, named name: String, in source: ByteSource
  ) throws(FormatError) -> [UInt8] {
    let bytes = try source.bytes(at: entry.offset, count: entry.count)
    if entry.isStored { return bytes }
    guard entry.isDeflated else {
      throw FormatError(
        .unsupported, "\(name) is compressed by another method than deflate", offset: entry.offset)
    }
    if let reason = codecs_find_zlib().error {
      throw FormatError(
        .unsupported,
        "\(name) is compressed, and zlib was not found: \(String(cString: reason)); get it with: apt-get "
          + "install zlib1g", offset: entry.offset)
    }
    // Deflate never expands by more than 1032: nothing is made for a size that is only claimed.
    let damaged = FormatError(
      .malformed, "\(name) is damaged: it cannot be decompressed", offset: entry.offset)
    guard entry.size >= 0, entry.size / 1032 <= bytes.count else { throw damaged }
    var failed = false
    let unpacked = [UInt8](unsafeUninitializedCapacity: entry.size) { room, filled in
      guard let start = room.baseAddress else { return }
      failed = codecs_inflate_whole(bytes, bytes.count, start, entry.size, -15) != 0
      filled = failed ? 0 : entry.size
    }
    guard !failed, checksum(unpacked) == entry.crc else { throw damaged }
    return unpacked
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
      var (sum, at) = (UInt(0), 0)
      while at < buffer.count, let start = buffer.baseAddress {
        let count = min(buffer.count - at, 1 << 30)
        sum = codecs_crc32(sum, start + at, UInt32(count))
        at += count
      }
      return UInt32(truncatingIfNeeded: sum)
    }
  }
}
