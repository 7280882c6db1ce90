import Foundation
import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

/// Archives of `numpy.savez`.
@Suite struct NPZTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens").path

  static let files = ["numpy_savez", "numpy_savez_compressed"]

  @Test(arguments: files)
  func arraysAreThoseOfTheSafetensorsFile(_ file: String) throws {
    let expected = try Safetensors.read("\(Self.folder)/torch_save.safetensors").tensors
    let path = "\(Self.folder)/\(file).npz"
    let found = try NPZ.read(path)
    #expect(Set(found.names) == Set(expected.names))
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    #expect(try WeightsFile(path).whole() == found)
  }

  @Test(arguments: files)
  func damagedArchivesGiveAnErrorOrArrays(_ file: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(file).npz")))
    let scratch = try Scratch()
    let path = "\(scratch.path)/damaged.npz"
    func read(_ bytes: [UInt8]) throws -> NamedTensors {
      try Data(bytes).write(to: URL(filePath: path))
      return try NPZ.read(path)
    }
    for count in stride(from: 0, to: bytes.count, by: 61) {
      #expect(throws: FormatError.self, "cut at \(count)") { try read(Array(bytes[..<count])) }
    }
    var random = RandomStream(seed: 6, "damage")
    for _ in 0..<1500 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do { _ = try read(changed) } catch { #expect(error is FormatError, "\(error)") }
    }
  }
}
