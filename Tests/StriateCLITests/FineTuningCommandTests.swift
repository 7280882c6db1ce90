import Striate
import Testing

/// `train --weights`: what is taken over, what is made anew, and what stays.
@Suite struct FineTuningCommandTests {
  private func run(_ arguments: String...) throws -> CommandLineProgram.Outcome {
    try CommandLineProgram.run(arguments + ["--device", "reference", "--quiet"])
  }

  @Test func aClassifierIsMadeAnewAndWhatIsFrozenStays() throws {
    let (many, few) = (try SmallData(), try SmallData(classes: 3))
    let (first, second) = (many.path("first"), few.path("second"))
    let begun = try run(
      "train", "--model", "lenet5", "--data", many.name, "--epochs", "1", "--output-dir", first)
    #expect(begun.code == 0, "\(begun.errors)")
    let tuned = try run(
      "train", "--model", "lenet5", "--data", few.name, "--classes", "3", "--weights", first,
      "--freeze-until", "fc2", "--layer-decay", "0.5", "--epochs", "2", "--output-dir", second)
    #expect(tuned.code == 0, "\(tuned.errors)")
    let before = try Safetensors.read(TrainedModel.locate(first)).tensors
    let after = try Safetensors.read("\(second)/last/weights.safetensors").tensors
    for key in ["conv1.weight", "conv2.bias", "fc1.weight"] { #expect(after[key] == before[key]) }
    for key in ["fc2.weight", "fc2.bias"] { #expect(after[key] != before[key]) }
    #expect(after["fc3.weight"]?.shape == [3, 84])
    // A run goes on without its first weights, and not with others.
    #expect(try run("train", "--resume", second, "--epochs", "2").code == 0)
    let refused = try run("train", "--resume", second, "--weights", first)
    #expect(refused.code == 2 && refused.errors.contains("goes on with its own weights"))
  }

  @Test func weightsOfAnotherNetworkSayWhichOne() throws {
    let data = try SmallData()
    let first = data.path("first")
    #expect(
      try run(
        "train", "--model", "lenet5", "--data", data.name, "--epochs", "1", "--output-dir", first
      ).code == 0)
    let wrong = try run(
      "train", "--model", "lenet-300-100", "--data", data.name, "--weights", first,
      "--output-dir", data.path("second"))
    #expect(wrong.code == 1)
    #expect(wrong.errors.contains("do not fit the network") && wrong.errors.contains("lenet5"))
    #expect(!InputFile.isFolder(data.path("second")))
    let unknown = try run(
      "train", "--model", "lenet5", "--data", data.name, "--weights", first, "--freeze-until",
      "fc9",
      "--output-dir", data.path("second"))
    #expect(unknown.code != 0 && unknown.errors.contains("no parameter lies under 'fc9'"))
  }

  @Test(
    arguments: ["grad-cam", "guided-backprop", "deconvnet", "occlusion", "activation-maximisation"])
  func everyMethodWritesAPicture(_ method: String) throws {
    let data = try SmallData()
    let first = data.path("first")
    #expect(
      try run(
        "train", "--model", "lenet5", "--data", data.name, "--epochs", "1", "--output-dir", first
      ).code == 0)
    let image = method == "activation-maximisation" ? ["--class", "3"] : ["\(data.name):2"]
    let file = data.path("picture.png")
    let answer = try CommandLineProgram.run(
      ["explain"] + image
        + [
          "--weights", first, "--method", method, "--output", file, "--device", "reference",
          "--json",
        ])
    #expect(answer.code == 0, "\(answer.errors)")
    let json = try JSON(parsing: answer.output)
    #expect(json["method"]?.string == method)
    let picture = try Image(file: file)
    #expect((picture.width, picture.height) == (12, 12))
  }

  @Test func explainRefusesWhatIsMissing() throws {
    for (arguments, code, text) in [
      (["explain", "--weights", "w"], 2, "give an image"),
      (["explain", "a.png", "--weights", "w", "--method", "top-images"], 2, "--data and --unit"),
      (["explain", "--weights", "w", "--method", "activation-maximisation"], 2, "--class"),
      (["explain", "a.png", "--weights", "/nowhere"], 1, "there is no file or run folder"),
    ] as [([String], Int32, String)] {
      let answer = try CommandLineProgram.run(arguments)
      #expect(answer.code == code, "\(arguments): \(answer.errors)")
      #expect(answer.errors.contains(text), "\(arguments): \(answer.errors)")
    }
  }
}
