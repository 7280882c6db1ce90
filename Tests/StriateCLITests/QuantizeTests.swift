import Foundation
import Striate
import Testing

/// `striate quantize`, and what its file is good for.
@Suite struct QuantizeTests {
  private let device = CommandLineProgram.device

  private func arguments(_ weights: SmallWeights, _ more: String...) -> [String] {
    [
      "quantize", "lenet5", "--weights", weights.path, "--calibrate", weights.data.name,
      "--device", device, "--samples", "24", "--batch-size", "8", "--repeat", "5", "--json",
      "--output", weights.data.path("int8.safetensors"),
    ] + more
  }

  @Test("the verdict, the exit code and the file agree", arguments: CalibrationMethod.allCases)
  func verdict(_ method: CalibrationMethod) throws {
    let weights = try SmallWeights(SmallData())
    let outcome = try CommandLineProgram.run(arguments(weights, "--method", method.rawValue))
    let json = try #require(outcome.json, "\(outcome.errors)")
    for key in [
      "before", "after", "speedup", "size_ratio", "lost_points", "slow_kernels", "layers", "kept",
      "method", "samples", "calibrated_on", "tested_on", "images", "is_optimisation", "fault",
      "file", "device",
    ] {
      #expect(json[key] != nil, "\(key)")
    }
    for side in ["before", "after"] {
      #expect((json[side]?["median_ms"]?.double ?? 0) > 0 && json[side]?["acc1"]?.double != nil)
    }
    #expect((json["size_ratio"]?.double ?? 0) > 3)
    #expect(json["samples"]?.int == 24 && json["layers"]?.array?.count == 5)
    let verdict: Bool? = json["is_optimisation"]?.bool
    let isGood = verdict == true
    #expect(verdict != nil)
    #expect(outcome.code == (isGood ? 0 : 1))
    let isThere = FileManager.default.fileExists(atPath: weights.data.path("int8.safetensors"))
    #expect(isThere == isGood && (json["file"]?.string != nil) == isGood)
    #expect(outcome.errors.contains("no optimisation") == !isGood)
  }

  @Test("eval, predict, run and bench take the file")
  func use() throws {
    let weights = try SmallWeights(SmallData())
    let data = weights.data
    let made = try CommandLineProgram.run(arguments(weights, "--force"))
    #expect(made.code == 0, "\(made.errors)")
    let path = data.path("int8.safetensors")
    func run(_ arguments: [String]) throws -> CommandLineProgram.Outcome {
      try CommandLineProgram.run(arguments + ["--device", device])
    }
    let tested = try run(["eval", "--weights", path, "--data", data.name, "--json"])
    #expect(tested.json?["acc1"] == made.json?["after"]?["acc1"], "\(tested.errors)")
    let answered = try run(
      ["predict", "--weights", path, "--data", data.name, "--index", "0,1", "--json"])
    #expect(answered.json?.array?.count == 2, "\(answered.errors)")
    let images = try HostTensor((0..<288).map { Float($0 % 17) / 17 }, shape: [2, 1, 12, 12])
    try NPY.write(images, to: data.path("x.npy"))
    let input = ["run", "--model", "lenet5", "--weights", path, "--input", data.path("x.npy")]
    let raw = try run(input + ["--output-dir", data.path("out"), "--json"])
    #expect(raw.code == 0, "\(raw.errors)")
    #expect(try NPY.read(data.path("out/output.npy")).shape == [2, 10])
    let timed = try run([
      "bench", "--model", "lenet5", "--mode", "infer", "--batch", "1", "--repeat", "3", "--weights",
      path, "--json",
    ])
    #expect(timed.json?[0]?["model"]?.string == "lenet5 int8", "\(timed.errors)")
    try NPY.write(HostTensor([Int64(3), 7]), to: data.path("y.npy"))
    let target = ["--target", data.path("y.npy"), "--gradients", data.path("g.safetensors")]
    let refusals = [
      ("no gradients", input + target),
      ("does not learn", input + ["--training"]),
      (
        "already",
        ["quantize", "lenet5", "--weights", path, "--calibrate", data.name]
      ),
      (
        "leave out --int8",
        ["bench", "--model", "lenet5", "--mode", "infer", "--weights", path, "--int8"]
      ),
    ]
    for (message, arguments) in refusals {
      let refused = try run(arguments)
      #expect(refused.code != 0 && refused.errors.contains(message), "\(refused.errors)")
    }
  }

  @Test("bench --int8 needs neither weights nor data")
  func bench() throws {
    let outcome = try CommandLineProgram.run([
      "bench", "--model", "lenet5", "--mode", "infer", "--batch", "1", "--repeat", "3", "--int8",
      "--input", "1,12,12", "--device", device, "--json",
    ])
    #expect(outcome.json?[0]?["model"]?.string == "lenet5 int8", "\(outcome.errors)")
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      (["--method", "best"], "minmax", 2), (["--percentile", "0"], "--percentile", 2),
      (["--samples", "0"], "--samples", 2), (["--max-drop", "-1"], "--max-drop", 2),
      (["--keep", "conv9"], "conv", 2), (["--keep", "conv1,conv2,fc1,fc2,fc3"], "but those", 1),
      (["--eval", "idx:/nowhere"], "/nowhere", 1),
    ] as [([String], String, Int32)])
  func faults(_ more: [String], _ message: String, _ code: Int32) throws {
    let weights = try SmallWeights(SmallData())
    let outcome = try CommandLineProgram.run(arguments(weights) + more)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errorLines.filter { $0.hasPrefix("error:") }.count == 1)
  }

  @Test("weights that are not finite")
  func notFinite() throws {
    let weights = try SmallWeights(SmallData()) {
      $0["conv1.weight"] = HostTensor(type: TensorType(.float32, [6, 1, 5, 5])) { bytes in
        bytes.bindMemory(to: Float.self)[0] = .nan
      }
    }
    let outcome = try CommandLineProgram.run(arguments(weights))
    #expect(outcome.code == 1 && outcome.errors.contains("not finite"), "\(outcome.errors)")
  }
}
