import Foundation
import Striate
import Testing

/// Each verb's answer, by the keys that the command line's contract promises.
@Suite struct VerbTests {
  @Test func doctor() throws {
    let json = try answer(["doctor"])
    expect(json, ["version", "devices", "libraries", "interpreted_ops"])
    expect(json["devices"]?[0], ["id", "name", "available", "reason"])
    expect(json["libraries"]?[0], ["name", "found", "version", "path", "install"])
  }

  @Test func models() throws {
    let json = try answer(["models"])
    let keys = ["id", "year", "title", "paper", "parameters", "macs", "input"]
    for entry in json.array ?? [] { expect(entry, keys) }
    let lenet = json.array?.first { $0["id"]?.string == "lenet5" }
    #expect(lenet?["parameters"]?.int == 61_706)
  }

  @Test func summaryAgreesWithTheCatalogue() throws {
    for entry in Catalog.all {
      let json = try answer(["summary", entry.id, "--device", "reference"])
      expect(
        json,
        [
          "layers", "parameters", "macs", "inference_bytes", "training_bytes", "reorders", "fused",
        ])
      let rows = json["layers"]?.array ?? []
      let keys = [
        "name", "kind", "output", "parameters", "macs", "receptive_field", "activation_bytes",
      ]
      for row in rows { expect(row, keys) }
      #expect(json["parameters"]?.int == entry.parameters)
      #expect(json["macs"]?.int == entry.macs)
      #expect(rows.reduce(0) { $0 + ($1["parameters"]?.int ?? 0) } == entry.parameters)
      #expect(rows.reduce(0) { $0 + ($1["macs"]?.int ?? 0) } == entry.macs)
    }
  }

  @Test func receptiveFieldsOfLeNet() throws {
    let json = try answer(["summary", "lenet5", "--device", "reference"])
    let fields = (json["layers"]?.array ?? []).map { $0["receptive_field"]?.int }
    #expect(fields == [5, 6, 14, 16, 32, 32, 32])
  }

  @Test(arguments: ["train", "infer"]) func bench(_ mode: String) throws {
    let json = try answer([
      "bench", "--model", "lenet5", "--mode", mode, "--batch", "2", "--repeat", "3", "--warmup",
      "1", "--device", "reference", "--input", "1,12,12",
    ])
    #expect(json.array?.count == 1)
    expect(
      json[0],
      [
        "model", "mode", "batch", "device", "threads", "median_ms", "p90_ms", "images_per_sec",
        "gflops", "peak_bytes", "compile_ms",
      ])
    #expect((json[0]?["median_ms"]?.double ?? 0) > 0)
  }

  @Test func runGivesOutputsLossGradientsAndTaps() throws {
    let data = try SmallData()
    let images = try HostTensor(
      (0..<288).map { Float($0 % 17) / 17 }, shape: [2, 1, 12, 12])
    try NPY.write(images, to: data.path("x.npy"))
    try NPY.write(HostTensor([Int64(3), 7]), to: data.path("y.npy"))
    let arguments = [
      "run", "--model", "lenet5", "--seed", "1", "--input", "input=" + data.path("x.npy"),
      "--output-dir", data.path("out"), "--device", "reference",
    ]
    let json = try answer(
      arguments + [
        "--target", data.path("y.npy"), "--loss", "cross-entropy", "--gradients",
        data.path("g.safetensors"), "--tap", "conv1=" + data.path("tap.npy"),
      ])
    expect(json, ["outputs", "loss"])
    expect(json["outputs"]?[0], ["name", "shape", "file"])
    #expect(try NPY.read(data.path("out/output.npy")).shape == [2, 10])
    #expect(try NPY.read(data.path("tap.npy")).shape == [2, 6, 12, 12])
    let gradients = try Safetensors.read(data.path("g.safetensors")).tensors
    let model = try Catalog.find("lenet5").model(input: [1, 12, 12])
    #expect(Set(gradients.names) == Set(Naming(model).parameters.map(\.path)))

    let unknown = try CommandLineProgram.run(arguments + ["--tap", "conv3=" + data.path("t.npy")])
    #expect(unknown.code == 2)
    #expect(unknown.errors.contains("conv1"))
    try NPY.write(HostTensor([Int64(3), 10]), to: data.path("bad.npy"))
    let bad = try CommandLineProgram.run(arguments + ["--target", data.path("bad.npy")])
    #expect(bad.code == 1)
    #expect(bad.errors.contains("class 10"))
  }

  @Test(arguments: ["doctor", "models", "summary", "train", "eval", "predict", "run", "bench"])
  func help(_ verb: String) throws {
    let outcome = try CommandLineProgram.run([verb, "--help"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("--json") && outcome.errors.isEmpty)
    let all = try CommandLineProgram.run(["--help"])
    #expect(all.output.contains(verb))
  }

  /// The JSON value that a command line answers with.
  private func answer(_ arguments: [String]) throws -> JSON {
    let outcome = try CommandLineProgram.run(arguments + ["--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try #require(outcome.json)
  }

  private func expect(_ json: JSON?, _ keys: [String]) {
    for key in keys { #expect(json?[key] != nil, "\(key)") }
  }
}
