import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// An archive where a folder is expected is named, with how it is unpacked.
@Suite struct PackedFolderTests {
  private static let kinds: [(name: String, bytes: [UInt8], command: String)] = [
    ("a.zip", [0x50, 0x4B, 0x03, 0x04, 20, 0], "unzip"),
    ("b.tgz", [0x1F, 0x8B, 8, 0], "tar -xzf"),
    ("c.tar.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "tar -xJf"),
    ("d.tar", [UInt8](repeating: 97, count: 257) + Array("ustar".utf8) + [0], "tar -xf"),
    ("e", [0x50, 0x4B, 0x03, 0x04, 20, 0], "unzip"),
  ]

  @Test("archives", arguments: kinds.indices)
  func archives(_ index: Int) throws {
    let (name, bytes, command) = Self.kinds[index]
    let scratch = try Scratch()
    let path = try scratch.write(name, bytes)
    for text in [path, "imagefolder:\(path)", "segfolder:\(path)"] {
      let error = #expect(throws: DataError.self, "\(text)") {
        _ = try DataSource.parse(text).load(DataSource.Request())
      }
      let message = error?.description ?? ""
      #expect(message.contains(command) && message.contains(path), "\(message)")
    }
  }

  @Test("other files are not taken for archives")
  func others() throws {
    let scratch = try Scratch()
    try scratch.write("note.txt", Array("P5 1 1 255".utf8))
    let error = #expect(throws: DataError.self) {
      _ = try DataSource.parse("imagefolder:\(scratch.path)/note.txt")
        .load(DataSource.Request())
    }
    #expect(error?.description.contains("a folder is expected") == true)
  }
}
