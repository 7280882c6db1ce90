import Foundation
import Striate
import Testing

/// `striate weights`: files of weights.
@Suite struct WeightsTests {
  private static let goldens = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens").path

  @Test func inspectListsTensors() throws {
    let file = "\(Self.goldens)/torch_save.pth"
    let json = try #require(
      try CommandLineProgram.run(["weights", "inspect", file, "--json"]).json)
    let tensors = try #require(json["tensors"]?.array)
    #expect(tensors.count == 15)
    let plain = try #require(tensors.first { $0["name"]?.string == "plain" })
    #expect(plain["shape"]?.array?.compactMap(\.int) == [4, 6] && plain["dtype"]?.string == "f32")
    #expect(plain["min"]?.double == -1 && plain["max"]?.double == 1.875)
    let text = try CommandLineProgram.run(["weights", "inspect", file, "--filter", "shared"])
    #expect(text.code == 0 && text.output.contains("shared.b") && text.output.contains("2 tensors"))
    #expect(!text.output.contains("transposed"))
  }

  @Test func convertWritesTheSameTensors() throws {
    let data = try SmallData()
    let target = data.path("out.safetensors")
    let outcome = try CommandLineProgram.run([
      "weights", "convert", "\(Self.goldens)/torch_save_legacy.pth", target,
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let expected = try Safetensors.read("\(Self.goldens)/torch_save.safetensors").tensors
    let found = try Safetensors.read(target).tensors
    #expect(Set(found.names) == Set(expected.names))
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
  }

  @Test func badFilesAreNamed() throws {
    let data = try SmallData()
    let pickle = "\(Self.goldens)/torch_save.pth"
    for (arguments, code, words) in [
      (["inspect", data.path("none.pth")], Int32(1), "none.pth"),
      (["convert", pickle, data.path("x.npz")], 2, ".safetensors"),
      (["convert", pickle, data.path("x.safetensors"), "--model", "lenet5"], 1, "conv1.weight"),
    ] {
      let outcome = try CommandLineProgram.run(["weights"] + arguments)
      #expect(outcome.code == code && outcome.errors.contains(words), "\(outcome.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: data.path("x.safetensors")))
  }
}
