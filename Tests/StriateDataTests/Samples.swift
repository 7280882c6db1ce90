import StriateCore
import StriateData

/// An IDX file of bytes.
func idx(_ dims: [Int], _ bytes: [UInt8]) -> [UInt8] {
  [0, 0, 8, UInt8(dims.count)]
    + dims.flatMap { dim in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dim >> $0) } } + bytes
}

/// The checksum of gzip and PNG.
func crc32(_ content: some Sequence<UInt8>) -> UInt32 {
  var crc: UInt32 = .max
  for byte in content {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~crc
}

/// A gzip member that stores its content as it is.
func gzip(_ content: [UInt8]) -> [UInt8] {
  var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  var rest = content[...]
  repeat {
    let piece = rest.prefix(65535)
    rest = rest.dropFirst(piece.count)
    let length = UInt16(piece.count)
    result += [rest.isEmpty ? 1 : 0]
    result += [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + piece
  } while !rest.isEmpty
  for word in [crc32(content), UInt32(content.count)] {
    result += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }
  return result
}

/// A data set of the given size whose values tell the sample; it can be told to fail.
struct Numbers: SampleDataset {
  struct Failure: Error {}
  var count = 50
  var failing: Int?
  let inputShape: Shape = [1, 2]
  let classNames: [String] = []

  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    if index == failing { throw Failure() }
    return ([Float(index), -Float(index)], index)
  }
}
