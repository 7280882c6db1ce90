import StriateCore

/// A file where a folder is expected: an archive of one is named with how to unpack it.
enum PackedFolder {
  /// How an archive is unpacked, told by its first bytes; nil for other files.
  static func remedy(_ path: String) -> String? {
    guard let file = try? InputFile(path),
      let head = try? file.bytes(at: 0, count: min(file.count, 512))
    else { return nil }
    let place = "'\(path)' -d FOLDER"
    let kinds: [(magic: [UInt8], at: Int, name: String, command: String)] = [
      ([0x50, 0x4B, 0x03, 0x04], 0, "a ZIP archive", "unzip \(place)"),
      ([0x1F, 0x8B], 0, "gzip-compressed", "tar -xzf '\(path)'"),
      ([0x42, 0x5A, 0x68], 0, "bzip2-compressed", "tar -xjf '\(path)'"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], 0, "xz-compressed", "tar -xJf '\(path)'"),
      (Array("7z".utf8) + [0xBC, 0xAF], 0, "a 7-Zip archive", "7z x '\(path)'"),
      (Array("Rar!".utf8), 0, "a RAR archive", "unrar x '\(path)'"),
      (
        Array("ustar".utf8), 257, "a tar archive",
        "tar -xf '\(path)', or read samples in it as webdataset:\(path)"
      ),
    ]
    for kind in kinds where head.dropFirst(kind.at).starts(with: kind.magic) {
      return "is \(kind.name); unpack it with \(kind.command), and give the folder that it makes"
    }
    return nil
  }
}
