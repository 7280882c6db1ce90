import Foundation
import Striate
import Testing

/// `striate data`: what is known, looking into one's own folder, fetching.
@Suite struct DataVerbTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "striate-data-\(UUID().uuidString)")

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  private func remove() { try? FileManager.default.removeItem(at: folder) }

  @Test func listsWhatIsKnown() throws {
    let outcome = try CommandLineProgram.run(["data", "list", "--json"])
    #expect(outcome.code == 0)
    let names = outcome.json?.array?.compactMap { $0["name"]?.string }
    #expect(names == KnownDataset.allCases.map(\.rawValue))
    for key in ["found", "path", "install", "classes"] {
      #expect(outcome.json?.array?.allSatisfy { $0[key] != nil } == true)
    }
    let text = try CommandLineProgram.run(["data", "list"])
    #expect(text.output.contains("imagefolder:FOLDER"))
  }

  @Test func inspectsAFolder() throws {
    defer { remove() }
    let png = try Image(width: 6, height: 4, color: [255, 0, 51]).png()
    for name in ["a/1.png", "a/2.png", "b/1.png"] { try write("train/\(name)", png) }
    try write("val/a/1.png", try Image(width: 2, height: 2, color: [7]).png())
    try write("train/b/empty.jpg", [])
    try write("train/b/cut.png", Array(png.dropLast(20)))
    let sheet = folder.appendingPathComponent("sheet.png").path
    let outcome = try CommandLineProgram.run([
      "data", "inspect", "imagefolder:\(folder.path)", "--json", "--sheet", sheet, "--duplicates",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let splits = try #require(outcome.json?["splits"]?.array)
    #expect(splits.map { $0["split"]?.string } == ["train", "val"])
    #expect(splits[0]["images"]?.int == 3)
    #expect(splits[0]["per_class"]?.array?.compactMap(\.int) == [2, 1])
    #expect(splits[0]["width"]?["median"]?.int == 6)
    #expect(splits[0]["mean"]?.array?.compactMap(\.double) == [1, 0, 0.2])
    #expect(splits[0]["duplicates"]?[0]?.array?.count == 3)
    #expect(splits[0]["broken"]?.array?.count == 2)
    #expect(splits[1]["channels"]?.int == 1)
    #expect(try Image(file: sheet).width > 84)
    let text = try CommandLineProgram.run(["data", "inspect", "imagefolder:\(folder.path)"])
    #expect(text.output.contains("empty.jpg: the file is empty"))

    let bench = try CommandLineProgram.run([
      "data", "bench", "imagefolder:\(folder.path)/val", "--json", "--repeat", "1",
    ])
    #expect((bench.json?["images_per_sec"]?.double ?? 0) > 0, "\(bench.errors)")
    let refused = try CommandLineProgram.run(["data", "bench", "imagefolder:\(folder.path)"])
    #expect(refused.code == 1)
    #expect(refused.errorLines.count == 1 && refused.errors.contains("empty.jpg"))
  }

  /// What a fetch says where there is no network, or something else comes back.
  ///
  /// A script stands in for curl: its argument after --output is the file.
  @Test func fetchingTellsWhatWentWrong() throws {
    defer { remove() }
    func run(_ script: String) throws -> CommandLineProgram.Outcome {
      try write("bin/curl", Array("#!/bin/sh\n\(script)\n".utf8))
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: folder.appendingPathComponent("bin/curl").path)
      return try CommandLineProgram.run(
        ["data", "fetch", "mnist", "--output-dir", "\(folder.path)/mnist"],
        environment: ["PATH": "\(folder.path)/bin:/usr/bin:/bin"])
    }
    let find = """
      while [ $# -gt 0 ]; do case $1 in --output) out=$2;; --stderr) log=$2;; esac; shift; done
      """
    let offline = try run("\(find)\necho 'curl: (6) Could not resolve host' >$log; exit 6")
    #expect(offline.code == 1)
    let line = offline.errorLines.last ?? ""
    #expect(line.contains("Could not resolve host") && line.contains("Without a network"))
    let wrong = try run("\(find)\necho page >$out")
    #expect(wrong.code == 1)
    #expect(wrong.errorLines.last?.contains("SHA-256") == true)
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/mnist.download")
    #expect(left.isEmpty)
  }

  @Test(arguments: [
    (["data", "fetch", "cifar11"], "cifar10"), (["data", "inspect", "cifr10"], "cifar10"),
    (["data", "inspect", "imagefolder:/nowhere", "--threads", "0"], "--threads"),
    (["data", "inspect", "mnist@5"], "whole"),
  ])
  func usageErrors(_ arguments: [String], _ word: String) throws {
    let outcome = try CommandLineProgram.run(arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains(word), "\(outcome.errors)")
  }
}
