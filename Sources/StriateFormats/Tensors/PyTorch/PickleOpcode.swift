/// The names that Python's pickletools gives to opcodes which build or call what is no plain value.
enum PickleOpcode {
  private static let names: [UInt8: String] = [
    0x69: "INST", 0x6F: "OBJ", 0x81: "NEWOBJ", 0x92: "NEWOBJ_EX", 0x82: "EXT1", 0x83: "EXT2",
    0x84: "EXT4", 0x50: "PERSID", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
    0x96: "BYTEARRAY8", 0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET",
  ]

  /// `INST (0x69)`, or the number alone.
  static func name(_ code: UInt8) -> String {
    let number = "0x\(String(code, radix: 16))"
    return names[code].map { "\($0) (\(number))" } ?? number
  }
}
