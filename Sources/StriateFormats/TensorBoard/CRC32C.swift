import CCodecs

/// The check sum of TensorFlow's record files: CRC-32C (Castagnoli), rotated and shifted.
///
/// A check sum of bytes that hold check sums themselves would be weak, so what stands in the file is masked.
enum CRC32C {
  /// The plain CRC-32C of bytes.
  static func checksum(_ bytes: [UInt8]) -> UInt32 { codecs_crc32c(0, bytes, bytes.count) }

  /// The masked one: rotated right by 15 bits, plus `0xA282EAD8`.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let crc = checksum(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
