import Foundation
import Striate
import Testing

/// Each verb's answer, by the keys that the command line's contract promises.
@Suite struct VerbTests {
  @Test func doctor() throws {
    let json = try answer(["doctor"])
    expect(json, ["version", "devices", "libraries", "interpreted_ops", "engine_gaps"])
    #expect(json["interpreted_ops"]?.array != nil && json["engine_gaps"]?.array != nil)
    for gap in json["engine_gaps"]?.array ?? [] {
      expect(gap, ["op", "shape", "implementation", "reason", "place"])
    }
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

  @Test(arguments: [40, 60, 80, 120]) func summaryFitsTheColumns(_ columns: Int) throws {
    let outcome = try CommandLineProgram.run(
      ["summary", "resnet20", "--depth", "2", "--device", "reference"],
      environment: ["COLUMNS": "\(columns)"])
    for line in outcome.output.split(separator: "\n") {
      #expect(line.count <= max(columns, 54), "\(line)")
    }
    #expect(outcome.output.contains("activation") == (columns >= 66))
  }

  @Test func tapsAreListedWithoutInputAndWeights() throws {
    let json = try answer(["run", "--model", "lenet5", "--tap", "list", "--device", "reference"])
    let paths = (json["taps"]?.array ?? []).compactMap { $0["path"]?.string }
    #expect(paths.contains("conv1") && paths.contains("fc3"))
  }

  /// Weights that do not tell how inputs are normalised get them from the data, the picture of one too.
  @Test func predictShowsWhatTheNetworkSees() throws {
    let data = try SmallData()
    let splits = try DataSource.parse(data.name).load(DataSource.Request())
    let known = [
      "mean": JSON.array(splits.mean.map { JSON($0) }).text(),
      "std": JSON.array(splits.std.map { JSON($0) }).text(),
    ]
    let pictures = try [known, [:]].map { metadata in
      let weights = try SmallWeights(data, metadata: metadata)
      let outcome = try CommandLineProgram.run(
        [
          "predict", "--weights", weights.path, "--data", data.name, "--index", "6", "--images",
          "blocks", "--device", "reference",
        ], environment: ["CLICOLOR_FORCE": "1", "COLORTERM": "truecolor", "NO_COLOR": ""])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return outcome.output
    }
    // The seventh image has rows of 6 and one of 255.
    #expect(pictures[0].contains("38;2;6;6;6") && pictures[0].contains("2;255;255;255"))
    #expect(pictures[1] == pictures[0])
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
    #if os(Linux)
      #expect((json[0]?["resident_bytes"]?.int ?? 0) > 0)
    #endif
    #expect(json[0]?["bound_ms"] == nil)
  }

  @Test func benchTimesTheBound() throws {
    let line = [
      "bench", "--model", "lenet5", "--batch", "2", "--repeat", "3", "--warmup", "1", "--bound",
    ]
    let refused = try CommandLineProgram.run(line + ["--device", "reference"])
    #expect(refused.code == 2 && refused.errors.contains("it needs the device cpu"))
    guard CommandLineProgram.device == "cpu" else { return }
    let json = try answer(line + ["--device", "cpu"])
    expect(json[0], ["median_ms", "bound_ms", "bound_naive_kernels"])
    #expect((json[0]?["bound_ms"]?.double ?? 0) > 0)
    #expect(json[0]?["resident_bytes"] == nil)
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

  @Test(arguments: [
    "doctor", "models", "summary", "train", "eval", "predict", "run", "bench", "profile",
  ])
  func help(_ verb: String) throws {
    let outcome = try CommandLineProgram.run([verb, "--help"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("--json") && outcome.errors.isEmpty)
    let all = try CommandLineProgram.run(["--help"])
    #expect(all.output.contains(verb))
  }

  @Test func profile() throws {
    let data = try SmallData()
    let json = try answer([
      "profile", "lenet5", "--mode", "train", "--batch", "2", "--repeat", "2", "--device",
      "reference",
      "--input", "1,12,12", "--by", "layer", "--trace", data.path("trace.json"),
    ])
    expect(json, ["rows", "phases", "step_ms", "kernels_ms", "overhead_ms", "trace", "batch"])
    expect(json["rows"]?[0], ["name", "implementation", "calls", "ms", "share", "gflops"])
    #expect(json["rows"]?.array?.contains { $0["name"]?.string == "pool#1" } == true)
    let trace = try JSON(parsing: String(contentsOfFile: data.path("trace.json"), encoding: .utf8))
    #expect((trace["traceEvents"]?.array?.count ?? 0) > 100)
    // Without a number of steps a short one is made twenty times.
    let usual = try answer([
      "profile", "lenet5", "--batch", "1", "--device", "reference", "--input", "1,12,12",
    ])
    #expect(usual["repeat"]?.int == 20)
    let none = try CommandLineProgram.run(["profile", "lenet5", "--batch", "0"])
    #expect(none.code == 2)
    let full = try CommandLineProgram.run([
      "profile", "lenet5", "--repeat", "1", "--batch", "1", "--mode", "infer", "--trace",
      data.path("no/such/folder.json"),
    ])
    #expect(full.code == 1 && full.errorLines.last?.hasPrefix("error: ") == true)
  }

  @Test(arguments: ["layers", "ops", "kernels"]) func explainGraph(_ level: String) throws {
    let data = try SmallData()
    let json = try answer([
      "explain", "graph", "lenet5", "--mode", "train", "--level", level, "--device", "reference",
      "--output", data.path("g.svg"),
    ])
    expect(json, ["boxes", "edges", "file"])
    let svg = try String(contentsOfFile: data.path("g.svg"), encoding: .utf8)
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    let missing = try CommandLineProgram.run(["explain", "graph", "lenet5"])
    #expect(missing.code == 2 && missing.errors.contains("--output"))
    let unknown = try CommandLineProgram.run(["explain", "grahp", "lenet5"])
    #expect(unknown.code == 2)
  }

  @Test func tapsOfGradients() throws {
    let data = try SmallData()
    try NPY.write(
      HostTensor((0..<288).map { Float($0 % 17) / 17 }, shape: [2, 1, 12, 12]),
      to: data.path("x.npy"))
    try NPY.write(HostTensor([Int64(3), 7]), to: data.path("y.npy"))
    let arguments = [
      "run", "--model", "lenet5", "--seed", "1", "--input", data.path("x.npy"), "--device",
      "reference",
    ]
    let list = try answer(arguments + ["--tap", "list"])
    let paths = (list["taps"]?.array ?? []).compactMap { $0["path"]?.string }
    #expect(paths == ["conv1", "pool", "conv2", "pool#1", "fc1", "fc2", "fc3"])
    let taps = ["pool#1", "pool#1.grad", "conv1.grad", "fc3:0"]
    _ = try answer(
      arguments + ["--target", data.path("y.npy")]
        + taps.flatMap { ["--tap", "\($0)=\(data.path("\($0).npy"))"] })
    for (tap, shape) in zip(taps, [[2, 16, 1, 1], [2, 16, 1, 1], [2, 6, 12, 12], [2, 10]]) {
      #expect(try NPY.read(data.path("\(tap).npy")).shape.dims == shape, "\(tap)")
    }
    for (tap, hint) in [
      ("conv9=a.npy", "conv1"), ("conv1.grad=a.npy", "--target"), ("conv1:2=a.npy", "1 output"),
      ("conv1", "list"), ("=a.npy", "list"), ("conv1=", "list"),
    ] {
      let outcome = try CommandLineProgram.run(arguments + ["--tap", tap], in: data.folder)
      #expect(outcome.code == 2 && outcome.errors.contains(hint), "\(tap): \(outcome.errors)")
    }
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
