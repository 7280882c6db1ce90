import StriateCore
import StriateData

/// Image files of Tests/Goldens/images.
enum Pictures {
  static let folder =
    "/" + "\(#filePath)".split(separator: "/").dropLast(2).joined(separator: "/")
    + "/Goldens/images"

  static func bytes(_ name: String) throws -> [UInt8] {
    try InputFile.contents("\(folder)/\(name)")
  }
}

/// The bytes of a tar header and its content, padded to whole blocks.
func tar(_ name: String, _ content: [UInt8], kind: Character = "0", size: Int? = nil) -> [UInt8] {
  var block = [UInt8](repeating: 0, count: 512)
  func put(_ text: String, _ at: Int) {
    block.replaceSubrange(at..<(at + text.utf8.count), with: text.utf8)
  }
  func octal(_ value: Int, _ width: Int) -> String {
    let digits = String(value, radix: 8)
    return String(repeating: "0", count: width - digits.count) + digits
  }
  put(String(name.prefix(100)), 0)
  put(octal(0o644, 7), 100)
  put(octal(size ?? content.count, 11), 124)
  put(String(repeating: " ", count: 8), 148)
  put(String(kind), 156)
  put("ustar\0" + "00", 257)
  put(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
  return block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
}

/// The two empty blocks that end an archive.
let tarEnd = [UInt8](repeating: 0, count: 1024)
