import Foundation
import Striate
import Testing

/// Checkpoints on the command line: several networks in a file, backbones, other types, missing heads.
@Suite struct CheckpointCommandTests {
  private func write(
    _ data: SmallData, _ name: String, seeds: [String: UInt64],
    _ change: (inout NamedTensors) throws -> Void = { _ in }
  ) throws -> String {
    var tensors = NamedTensors()
    for (prefix, seed) in seeds.sorted(by: { $0.key < $1.key }) {
      for (name, value) in try Naming(LeNet5(input: [1, 12, 12])).initialWeights(seed: seed) {
        tensors[prefix + name] = value
      }
    }
    try change(&tensors)
    let path = data.path(name)
    try Safetensors.write(tensors, metadata: ["model": "lenet5", "input": "[1,12,12]"], to: path)
    return path
  }

  private func eval(_ weights: String, _ data: SmallData) throws -> CommandLineProgram.Outcome {
    try CommandLineProgram.run([
      "eval", "--weights", weights, "--data", data.name, "--device", "reference", "--json",
    ])
  }

  @Test("two networks that fit equally are refused, each can be chosen, and the same twice is one")
  func twoNetworks() throws {
    let data = try SmallData()
    let plain = try write(data, "plain.safetensors", seeds: ["": 2])
    let loss = try #require(try eval(plain, data).json?["loss"]?.double)
    let two = try write(data, "two.safetensors", seeds: ["ema_model.module.": 1, "model.": 2])
    let refused = try eval(two, data)
    #expect(refused.code == 1 && refused.output.isEmpty)
    for text in ["fit lenet5 equally", "\(two)#model", "\(two)#ema_model.module"] {
      #expect(refused.errors.contains(text), "\(refused.errors)")
    }
    #expect(try eval("\(two)#model", data).json?["loss"]?.double == loss)
    let other = try #require(try eval("\(two)#ema_model.module", data).json?["loss"]?.double)
    #expect(other != loss)
    let same = try write(data, "same.safetensors", seeds: ["ema.": 2, "model.": 2])
    let taken = try eval(same, data)
    #expect(taken.json?["loss"]?.double == loss && taken.errors.contains("networks that fit"))
    let nothing = try eval("\(two)#student", data)
    #expect(nothing.code == 1 && nothing.errors.contains("no tensor lies under 'student'"))
  }

  @Test("a whole network is taken before one without its classifier, and that is said")
  func theWholeOneIsTaken() throws {
    let data = try SmallData()
    let plain = try write(data, "plain.safetensors", seeds: ["": 2])
    let file = try write(data, "part.safetensors", seeds: ["a.": 1, "b.": 2]) {
      ($0["a.fc3.weight"], $0["a.fc3.bias"]) = (nil, nil)
    }
    let taken = try eval(file, data)
    #expect(taken.json?["loss"] == (try eval(plain, data)).json?["loss"])
    #expect(taken.errors.contains("#b") && taken.errors.contains("not \(file)#a"))
  }

  @Test("64-bit weights become the network's, a needed tensor of another kind is named")
  func types() throws {
    let data = try SmallData()
    let plain = try write(data, "plain.safetensors", seeds: ["": 2])
    let wide = try write(data, "wide.safetensors", seeds: ["": 2]) { tensors in
      for name in tensors.names { tensors[name] = tensors[name]?.converted(to: .float64) }
    }
    #expect(try eval(wide, data).json?["loss"] == eval(plain, data).json?["loss"])
    let target = data.path("narrow.safetensors")
    let converted = try CommandLineProgram.run([
      "weights", "convert", wide, target, "--model", "lenet5",
    ])
    #expect(converted.code == 0, "\(converted.errors)")
    #expect(try Safetensors.read(target).tensors == Safetensors.read(plain).tensors)
  }

  @Test("a backbone serves features and training, and answers nothing")
  func backbone() throws {
    let data = try SmallData()
    let file = try write(data, "backbone.safetensors", seeds: ["module.": 2]) {
      ($0["module.fc3.weight"], $0["module.fc3.bias"]) = (nil, nil)
    }
    let refused = try eval(file, data)
    #expect(
      refused.code == 1 && refused.errors.contains("lenet5 without its classifier: fc3.weight"))
    let features = try CommandLineProgram.run([
      "features", "--weights", file, "--data", data.name, "--layer", "fc2", "--features",
      data.path("f.safetensors"), "--device", "reference",
    ])
    #expect(features.code == 0, "\(features.errors)")
    let last = try CommandLineProgram.run([
      "features", "--weights", file, "--data", data.name, "--layer", "fc3", "--features",
      data.path("g.safetensors"), "--device", "reference",
    ])
    #expect(last.code == 1 && last.errors.contains("fc3"))
    let tuned = try CommandLineProgram.run([
      "train", "--model", "lenet5", "--data", data.name, "--weights", file, "--epochs", "1",
      "--output-dir", data.path("run"), "--device", "reference",
    ])
    #expect(tuned.code == 0 && tuned.errors.contains("made anew: fc3.weight, fc3.bias"))
  }

  @Test("inspect takes a run folder; a file without tensors is no empty success")
  func inspect() throws {
    let data = try SmallData()
    let run = data.path("run")
    #expect(
      try CommandLineProgram.run([
        "train", "--model", "lenet5", "--data", data.name, "--epochs", "1", "--output-dir", run,
        "--device", "reference", "--quiet",
      ]).code == 0)
    let shown = try CommandLineProgram.run(["weights", "inspect", run, "--json"])
    #expect(shown.code == 0 && shown.json?["tensors"]?.array?.count == 10)
    let empty = data.path("empty.safetensors")
    try Safetensors.write(NamedTensors(), to: empty)
    for arguments in [["inspect", empty], ["convert", empty, data.path("out.safetensors")]] {
      let outcome = try CommandLineProgram.run(["weights"] + arguments)
      #expect(outcome.code == 1 && outcome.errors.contains("no tensors"), "\(outcome.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: data.path("out.safetensors")))
  }
}
