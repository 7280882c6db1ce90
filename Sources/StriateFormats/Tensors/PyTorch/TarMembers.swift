import StriateCore

/// The files in a tar archive, as far as those of PyTorch and what packs folders need it.
struct TarMembers {
  /// A file.
  struct Member {
    var name: String
    var offset, count: Int
  }

  private(set) var members: [Member] = []

  subscript(name: String) -> Member? { members.first { $0.name == name || $0.name == "./\(name)" } }

  /// Whether a file begins with a header of a tar archive.
  static func isAtStart(of source: ByteSource) -> Bool {
    guard let block = try? source.bytes(at: 0, count: 512) else { return false }
    return hasChecksum(block)
  }

  /// Walks the headers.
  ///
  /// - Throws: `FormatError` where the archive is cut off or damaged.
  init(_ source: ByteSource) throws {
    var at = 0
    while at + 512 <= source.count {
      let block = try source.bytes(at: at, count: 512)
      // An empty block ends the archive.
      if block.allSatisfy({ $0 == 0 }) { return }
      guard Self.hasChecksum(block), let count = Self.number(block[124..<136]) else {
        throw FormatError(.malformed, "this is no header of a tar archive", offset: at)
      }
      guard count <= source.count - at - 512 else {
        throw FormatError(.truncated, "the archive is cut off", offset: at)
      }
      if block[156] == 0 || block[156] == UInt8(ascii: "0") {
        let name = block[0..<100].prefix { $0 != 0 }
        members.append(
          Member(name: String(decoding: name, as: UTF8.self), offset: at + 512, count: count))
      }
      at += 512 + (count + 511) / 512 * 512
    }
  }

  private static func hasChecksum(_ block: [UInt8]) -> Bool {
    guard let claimed = number(block[148..<156]), block[0] != 0 else { return false }
    let sum = block.enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
    }
    return sum == claimed
  }

  /// A number in octal digits, or in bytes where it is larger.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      return Int(
        exactly: field.dropFirst().suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    let digits = field.drop { $0 == 32 }.prefix { (48...55).contains($0) }
    return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
