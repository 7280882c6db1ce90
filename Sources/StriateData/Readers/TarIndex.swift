import StriateCore

/// Where the files in a tar archive are: POSIX ustar with pax headers, and GNU tar's long names.
struct TarIndex {
  /// A regular file in the archive.
  struct Entry: Hashable {
    /// The name as it stands in the archive, which need not be UTF-8.
    var bytes: [UInt8]
    var offset: Int
    var count: Int

    /// The name for messages.
    var name: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// The files, in the order of the archive.
  private(set) var entries: [Entry] = []
  /// What keeps the rest of the archive from being read; nil where all of it was.
  private(set) var fault: DataError?

  /// What a header of another kind says about the file after it.
  fileprivate struct Extension {
    var name: [UInt8]?
    var count: Int?
  }

  /// Walks the headers; a fault ends that.
  init(_ file: InputFile) {
    do throws(DataError) { try walk(file) } catch { fault = error.at(path: file.path) }
  }

  private mutating func walk(_ file: InputFile) throws(DataError) {
    var at = 0
    var said = Extension()
    while at < file.count {
      let block = try TarIndex.bytes(file, at, 512)
      if at == 0, GzipReader.recognizes(block) {
        throw DataError(
          .unsupported, "the archive is compressed; samples are read in any order, so unpack it")
      }
      guard block.count == 512 else {
        throw DataError(.truncated, "the archive is cut off in a header", offset: at)
      }
      // An empty block ends the archive.
      if block.allSatisfy({ $0 == 0 }) { return }
      guard TarIndex.hasChecksum(block) else {
        throw DataError(.malformed, "this is no header of a tar archive", offset: at)
      }
      guard let own = TarIndex.number(block[124..<136]) else {
        throw DataError(.malformed, "the header's size is no number", offset: at + 124)
      }
      let kind = block[156]
      let isFile = [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(kind)
      let count = isFile ? said.count ?? own : own
      let start = at + 512
      guard count <= file.count - start else {
        throw DataError(
          .truncated,
          "the archive is cut off: \(count) bytes should follow, \(file.count - start) do",
          offset: start)
      }
      switch kind {
      case UInt8(ascii: "x"):
        try said.read(pax: TarIndex.small(file, start, count))
      case UInt8(ascii: "L"):
        said.name = TarIndex.text(try TarIndex.small(file, start, count)[...])
      case UInt8(ascii: "K"), UInt8(ascii: "g"): break
      default:
        if isFile {
          entries.append(
            Entry(bytes: said.name ?? TarIndex.name(block), offset: start, count: count))
        }
        said = Extension()
      }
      at = start + (count + 511) / 512 * 512
    }
  }

  private static func bytes(
    _ file: InputFile, _ offset: Int, _ count: Int
  ) throws(DataError) -> [UInt8] {
    do throws(SystemFailure) {
      return try file.bytes(at: offset, count: count)
    } catch {
      throw .unreadable(file.path, error)
    }
  }

  /// A header's own content.
  private static func small(
    _ file: InputFile, _ offset: Int, _ count: Int
  ) throws(DataError) -> [UInt8] {
    guard count <= 1 << 20 else {
      throw DataError(
        .unsupported, "a header of \(count) bytes; at most 1 MiB is read", offset: offset)
    }
    return try bytes(file, offset, count)
  }

  /// The sum of the header's bytes, its own field taken as spaces.
  private static func hasChecksum(_ block: [UInt8]) -> Bool {
    var sum = 8 * 32
    for (index, byte) in block.enumerated() where !(148..<156).contains(index) { sum += Int(byte) }
    return number(block[148..<156]) == sum
  }

  /// A number in octal digits, or in base 256 where the first bit is set.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first == 0x80, field.dropFirst().prefix(field.count - 8).allSatisfy({ $0 == 0 }) else {
        return nil
      }
      let value = field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
      return value < 1 << 50 ? value : nil
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 & 7) }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
    Array(field.prefix { $0 != 0 })
  }

  /// The name of 100 bytes, with ustar's prefix of 155.
  private static func name(_ block: [UInt8]) -> [UInt8] {
    let name = text(block[0..<100])
    // GNU tar's own format has other fields in the prefix's place: its magic ends in spaces.
    guard block[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0]) else { return name }
    let prefix = text(block[345..<500])
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }
}

extension TarIndex.Extension {
  /// Reads records `LENGTH KEY=VALUE\n`; what is not sound ends that.
  mutating func read(pax bytes: [UInt8]) {
    var at = 0
    while at < bytes.count {
      let digits = bytes[at...].prefix { (0x30...0x39).contains($0) }
      guard (1...7).contains(digits.count), digits.endIndex < bytes.count,
        bytes[digits.endIndex] == 0x20
      else { return }
      let length = digits.reduce(0) { $0 * 10 + Int($1 & 15) }
      let end = at + length
      guard length > digits.count + 1, end <= bytes.count else { return }
      let record = bytes[(digits.endIndex + 1)..<(end - 1)]
      if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
        let value = record[(equals + 1)...]
        switch String(decoding: record[..<equals], as: UTF8.self) {
        case "path": name = Array(value)
        case "size":
          count = Int(String(decoding: value, as: UTF8.self)).flatMap {
            $0 >= 0 && $0 < 1 << 50 ? $0 : nil
          }
        default: break
        }
      }
      at = end
    }
  }
}
