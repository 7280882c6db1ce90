import Striate
import Testing

/// `eval --views` and `features`, on data of a few bright squares.
@Suite struct ViewsCommandTests {
  @Test func viewsAreAveraged() throws {
    let weights = try SmallWeights(SmallData())
    let plain = try CommandLineProgram.run(weights.arguments("eval") + ["--json"])
    let flipped = try CommandLineProgram.run(
      weights.arguments("eval") + ["--views", "flip", "--json"])
    #expect(plain.code == 0 && flipped.code == 0, "\(flipped.errors)")
    #expect(plain.json?["views"]?.string == "center" && flipped.json?["views"]?.string == "flip")
    #expect(plain.json?["images"] == flipped.json?["images"])
    // The pictures are their own mirror images.
    let losses = [plain, flipped].map { $0.json?["loss"]?.double ?? .nan }
    #expect(Swift.abs(losses[0] - losses[1]) < 1e-5, "\(losses)")
    // Arrays have no crops; asked for as images they have.
    let refused = try CommandLineProgram.run(weights.arguments("eval") + ["--views", "ten-crop"])
    #expect(refused.code == 2 && refused.errors.contains("--input"), "\(refused.errors)")
    let unknown = try CommandLineProgram.run(weights.arguments("eval") + ["--views", "eleven"])
    #expect(unknown.code == 2 && unknown.errors.contains("144-crop"), "\(unknown.errors)")
  }

  @Test func featuresAreWrittenAndProbed() throws {
    let weights = try SmallWeights(SmallData())
    let file = weights.data.path("features.safetensors")
    let found = try CommandLineProgram.run(
      weights.arguments("features") + ["--layer", "fc1", "--features", file, "--probe", "--json"])
    #expect(found.code == 0, "\(found.errors)")
    #expect(found.json?["width"]?.int == 120)
    #expect((found.json?["probe"]?["acc1"]?.double ?? -1) >= 0)
    let tensors = try Safetensors.read(file)
    #expect(tensors.metadata["layer"] == "fc1" && tensors.metadata["model"] == "lenet5")
    let train = try #require(tensors.tensors["train.features"])
    #expect(train.shape.rank == 2 && train.shape[1] == 120)
    #expect(tensors.tensors["train.labels"]?.shape == [train.shape[0]])
    let list = try CommandLineProgram.run(weights.arguments("features") + ["--layer", "list"])
    #expect(list.code == 0 && list.output.contains("fc1"))
    for (arguments, code, text) in [
      (["--layer", "fc1"], 2, "--probe"), (["--layer", "fc9", "--probe"], 2, "fc3"),
      (["--layer", "fc1", "--probe", "--shots", "100000"], 2, "100000 samples of every class"),
      (["--layer", "fc1", "--features", "x.npz"], 2, ".safetensors"),
    ] {
      let refused = try CommandLineProgram.run(weights.arguments("features") + arguments)
      #expect(refused.code == code && refused.errors.contains(text), "\(refused.errors)")
    }
  }
}
