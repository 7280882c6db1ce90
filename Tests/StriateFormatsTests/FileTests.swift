import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite struct FileTests {
  @Test func writesReplaceWhole() throws {
    let folder = try Scratch()
    let path = folder.path + "/a.txt"
    try AtomicFile.write("first, the longer one", to: path)
    try AtomicFile.write("second", to: path)
    #expect(try InputFile.contents(path) == Array("second".utf8))
    #expect(folder.names == ["a.txt"])
  }

  @Test func failuresLeaveTheOldContent() throws {
    struct Stop: Error {}
    let folder = try Scratch()
    let path = folder.path + "/a.txt"
    try AtomicFile.write("old", to: path)
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: path) { file in
        try file.append(Array("new".utf8))
        throw Stop()
      }
    }
    #expect(try InputFile.contents(path) == Array("old".utf8))
    #expect(folder.names == ["a.txt"])
  }

  @Test func missingFoldersSaySo() {
    let error = #expect(throws: FormatError.self) {
      try AtomicFile.write("x", to: "/no/such/folder/a")
    }
    #expect(
      error?.description
        == "/no/such/folder/a: cannot be written: open: No such file or directory")
  }

  @Test func aFolderIsNotReplaced() throws {
    let folder = try Scratch()
    #expect(throws: FormatError.self) { try AtomicFile.write("x", to: folder.path) }
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0)) func fullDevicesThrow() throws {
    let error = #expect(throws: FormatError.self) { try AtomicFile.write("x", to: "/dev/full") }
    #expect(error?.description == "/dev/full: cannot be written: write: No space left on device")
    #expect(access("/dev/full", W_OK) == 0)
  }

  /// A file system of 64 KiB; only root can mount one, elsewhere there is nothing to see.
  #if os(Linux)
    @Test func aFullDiskKeepsTheOldFile() throws {
      let folder = try Scratch()
      guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else { return }
      defer { _ = umount(folder.path) }
      let path = folder.path + "/w.npy"
      let small = HostTensor([1, 2] as [Float])
      try NPY.write(small, to: path)
      let error = #expect(throws: FormatError.self) {
        try NPY.write(HostTensor(zeros: TensorType(.float32, [100_000])), to: path)
      }
      #expect(error?.code == .unwritable)
      #expect(error?.message.contains("No space left on device") == true)
      #expect(folder.names == ["w.npy"])
      #expect(try NPY.read(path) == small)
    }
  #endif

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func digests(text: String, expected: String) {
    #expect(SHA256.hex(of: Array(text.utf8)) == expected)
  }

  @Test func digestsInPieces() throws {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for length in [1, 55, 56, 63, 64, 65, 119, 120, 128, 1000] {
      var digest = SHA256()
      var rest = bytes.prefix(length)
      while !rest.isEmpty {
        digest.update(Array(rest.prefix(37)))
        rest = rest.dropFirst(37)
      }
      #expect(digest.hexDigest() == SHA256.hex(of: Array(bytes.prefix(length))))
    }
    let folder = try Scratch()
    try AtomicFile.write(bytes, to: folder.path + "/b")
    #expect(try SHA256.hex(ofFile: folder.path + "/b") == SHA256.hex(of: bytes))
  }
}
