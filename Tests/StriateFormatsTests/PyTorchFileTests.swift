import Foundation
import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

/// Files of `torch.save`.
@Suite struct PyTorchFileTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens").path

  @Test(
    "both formats and a checkpoint's state dictionary hold the tensors of the safetensors file",
    arguments: ["torch_save", "torch_save_legacy", "torch_checkpoint"])
  func agrees(_ name: String) throws {
    let expected = try Safetensors.read("\(Self.folder)/torch_save.safetensors").tensors
    let path = "\(Self.folder)/\(name).pth"
    let found = try PyTorchFile.read(path)
    #expect(Set(found.names) == Set(expected.names))
    #expect(found.names.first == "plain", "the order of the dictionary")
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    #expect(try WeightsFile(path).whole() == found)
    #expect(try WeightsFile("\(Self.folder)/torch_save.safetensors").whole() == expected)
  }

  @Test(
    "a file that is cut off or damaged anywhere gives an error or its tensors, never a trap",
    arguments: ["torch_save", "torch_save_legacy"])
  func damaged(_ name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name).pth")))
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: FormatError.self, "cut at \(count)") {
        try PyTorchFile.decode(Array(bytes[..<count]))
      }
    }
    var random = RandomStream(seed: 5, "damage")
    for _ in 0..<3000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do { _ = try PyTorchFile.decode(changed) } catch { #expect(error is FormatError, "\(error)") }
    }
  }

  /// An old file whose main pickle is this.
  private func file(_ pickle: [UInt8]) -> [UInt8] {
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]
    let facts: [UInt8] = [0x80, 2, 0x7D, 0x2E]
    return magic + version + facts + pickle + [0x80, 2, 0x5D, 0x2E]
  }

  static let refused: [(String, [UInt8], String)] = [
    ("a function", Array("\u{2}cposix\nsystem\n(X\u{2}\0\0\0lstR.".utf8), "posix.system"),
    ("a class", Array("\u{2}ctorch.nn.modules.linear\nLinear\n)R.".utf8), "Linear"),
    ("an old instance", Array("\u{2}(iargparse\nNamespace\n.".utf8), "argparse.Namespace"),
    ("an instruction", [2, 0x97], "NEXT_BUFFER (0x97)"),
    ("no dictionary", Array("\u{2}K\u{1}.".utf8), "an integer"),
    ("a dictionary without tensors", Array("\u{2}}X\u{1}\0\0\0aK\u{1}s.".utf8), "a dictionary"),
    ("nothing on the stack", Array("\u{2}R.".utf8), "not there"),
    ("two values", Array("\u{2}NN.".utf8), "2 values"),
    ("a value that was not kept", Array("\u{2}h\u{7}.".utf8), "value 7"),
    ("no mark", Array("\u{2}t.".utf8), "mark"),
    ("a call of a text", Array("\u{2}X\u{1}\0\0\0a)R.".utf8), "is called"),
    ("a storage by another name", Array("\u{2}X\u{1}\0\0\0aQ.".utf8), "no storage"),
  ]

  @Test("what is no tensor is refused by name", arguments: refused)
  func refuses(_ what: String, _ pickle: [UInt8], _ words: String) throws {
    let error = #expect(throws: FormatError.self) {
      try PyTorchFile.decode(file([0x80] + pickle))
    }
    #expect(error?.message.contains(words) == true, "\(what): \(error?.message ?? "")")
  }

  /// A pickle that is no file of torch.save at all says what it would do, or what it is.
  @Test(
    "a bare pickle is refused by name too",
    arguments: [
      (refused[0].1, "posix.system"), (refused[1].1, "Linear"),
      (Array("\u{2}}X\u{1}\0\0\0aK\u{1}s.".utf8), "no file of torch.save"),
    ])
  func refusesBarePickles(_ pickle: [UInt8], _ words: String) throws {
    let scratch = try Scratch()
    try scratch.write("bare.pth", [0x80] + pickle)
    let error = #expect(throws: FormatError.self) {
      try WeightsFile("\(scratch.path)/bare.pth")
    }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("tuples in tuples, lists in lists and circles end without recursion")
  func nested() throws {
    let tuples = [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 200_000) + [0x2E]
    #expect(throws: FormatError.self) { try PyTorchFile.decode(file(tuples)) }
    // ] q0 ] q0 h… : each list is put into the one before it.
    var lists: [UInt8] = [0x80, 2, 0x5D]
    for _ in 0..<100_000 { lists += [0x5D] }
    lists += [UInt8](repeating: 0x61, count: 100_000) + [0x2E]
    #expect(throws: FormatError.self) { try PyTorchFile.decode(file(lists)) }
    let circle: [UInt8] = [0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E]
    #expect(throws: FormatError.self) { try PyTorchFile.decode(file(circle)) }
  }
}
