import Foundation
import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

/// Checkpoints as training scripts leave them: Tools/goldens/checkpoints.py writes them with PyTorch.
@Suite struct CheckpointTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens/checkpoints").path

  static let files = [
    "imagenet_example.pth", "imagenet_example_legacy.pth", "lightning.pth", "nested.pth",
    "views.pth", "counter.pth", "old_tar.pth", "script.pt",
  ]

  @Test(
    "the state dictionary is found by what it is, and read as PyTorch reads it", arguments: files)
  func stateDictionary(_ file: String) throws {
    let start = "\(file.prefix { $0 != "." })/"
    let expected = try Safetensors.read("\(Self.folder)/expected.safetensors").tensors
    let names = expected.names.filter { $0.hasPrefix(start) }
    #expect(names.count >= 9)
    let found = try PyTorchFile.read("\(Self.folder)/\(file)")
    #expect(Set(found.names.map { start + $0 }) == Set(names))
    for name in names {
      #expect(found[String(name.dropFirst(start.count))] == expected[name], "\(name)")
    }
  }

  @Test("what else is in a file is counted")
  func besides() throws {
    let text = { (file: String) in
      try WeightsFile("\(Self.folder)/\(file)").besides.joined(separator: "; ")
    }
    let example = try text("imagenet_example.pth")
    #expect(example.contains("4 tensors of an optimizer") || example.contains("6 tensors of an"))
    #expect(example.contains("1 tensor beside the state dictionary"))
    #expect(try text("lightning.pth").contains("1 object that is not built: argparse.Namespace"))
  }

  @Test("damaged anywhere, each gives an error or tensors, never a trap", arguments: files)
  func damaged(_ file: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(file)")))
    var random = RandomStream(seed: 9, "damage")
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do { _ = try PyTorchFile.decode(changed) } catch { #expect(error is FormatError, "\(error)") }
    }
  }

  @Test("a prefix chooses: a key of the checkpoint, or what stands before names in it")
  func choices() throws {
    let path = "\(Self.folder)/imagenet_example.pth"
    #expect(try WeightsFile("\(path)#state_dict").names.first == "module.conv.weight")
    #expect(try WeightsFile("\(path)#state_dict.module").names.first == "conv.weight")
    #expect(try WeightsFile("\(path)#module").names.first == "conv.weight")
    let error = #expect(throws: FormatError.self) { try WeightsFile("\(path)#ema") }
    #expect(error?.message.contains("no tensor lies under 'ema'; they lie under") == true)
  }
}
