import CCodecs
import StriateCore

/// The SHA-256 digest (FIPS 180-4) of bytes that arrive in pieces.
public struct SHA256: Sendable {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var total: UInt64 = 0

  /// The digest of nothing yet.
  public init() {}

  /// Takes in more bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    total &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let head = rest.prefix(64 - pending.count)
      pending.append(contentsOf: head)
      rest = rest.dropFirst(head.count)
      if pending.count < 64 { return }
      pending.withUnsafeBytes { fold($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.prefix(rest.count & ~63)
    fold(UnsafeRawBufferPointer(rebasing: whole))
    pending.append(contentsOf: rest.dropFirst(whole.count))
  }

  /// Takes in more bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of all bytes taken in, in hexadecimal.
  public func hexDigest() -> String {
    var end = self
    let zeros = (119 - pending.count) & 63
    let length = total &* 8
    end.update([0x80] + [UInt8](repeating: 0, count: zeros))
    end.update((0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) })
    return end.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The digest of these bytes, in hexadecimal.
  public static func hex(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.hexDigest()
  }

  /// The digest of a file, in hexadecimal.
  ///
  /// - Throws: `FormatError` where the file cannot be read.
  public static func hex(ofFile path: String) throws(FormatError) -> String {
    let source = try ByteSource(path: path)
    var digest = SHA256()
    var offset = 0
    while offset < source.count {
      let piece = try source.bytes(at: offset, count: min(1 << 20, source.count - offset))
      digest.update(piece)
      offset += piece.count
    }
    return digest.hexDigest()
  }

  private mutating func fold(_ blocks: UnsafeRawBufferPointer) {
    guard let base = blocks.bindMemory(to: UInt8.self).baseAddress else { return }
    state.withUnsafeMutableBufferPointer { state in
      codecs_sha256_blocks(state.baseAddress, base, blocks.count / 64)
    }
  }
}
