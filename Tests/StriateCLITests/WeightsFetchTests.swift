import Foundation
import Striate
import Testing

/// `striate weights list` and `fetch`: what is published, and what is said where it does not come.
@Suite struct WeightsFetchTests {
  @Test func whatIsPublishedIsListed() throws {
    let all = try CommandLineProgram.run(["weights", "list", "--json"])
    let list = try #require(all.json?.array)
    #expect(all.code == 0 && list.count > 80)
    for entry in list {
      let (file, digits) = (entry["file"]?.string ?? "", entry["sha256_begins"]?.string ?? "")
      #expect(
        digits.count >= 8 && digits.allSatisfy(\.isHexDigit) && file.contains(digits), "\(file)")
    }
    let one = try CommandLineProgram.run(["weights", "list", "resnet50", "--json"])
    let tags = one.json?.array?.compactMap { $0["tag"]?.string }
    #expect(tags == ["IMAGENET1K_V2", "IMAGENET1K_V1"])
    let none = try CommandLineProgram.run(["weights", "list", "lenet5"])
    #expect(none.code != 0 && none.errors.contains("weights list"))
  }

  /// A script stands in for curl.
  @Test func fetchingTellsWhatWentWrong() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let bin = folder.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    func run(_ script: String, _ more: [String] = []) throws -> CommandLineProgram.Outcome {
      let curl = bin.appendingPathComponent("curl").path
      let find =
        "while [ $# -gt 0 ]; do case $1 in --output) out=$2;; --stderr) log=$2;; esac; shift; done"
      try Data("#!/bin/sh\n\(find)\n\(script)\n".utf8).write(to: URL(fileURLWithPath: curl))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: curl)
      return try CommandLineProgram.run(
        ["weights", "fetch", "resnet18"] + more,
        environment: ["PATH": "\(bin.path):/usr/bin:/bin", "STRIATE_WEIGHTS": "\(folder.path)/w"])
    }
    let offline = try run("echo 'curl: (6) Could not resolve host' >$log; exit 6")
    #expect(offline.code == 1)
    let line = offline.errorLines.last ?? ""
    #expect(
      line.contains("download.pytorch.org/models/resnet18-") && line.contains("Without a network"))
    let wrong = try run("echo page >$out")
    #expect(wrong.code == 1 && wrong.errorLines.last?.contains("SHA-256") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/w").isEmpty)
    let tag = try run("exit 0", ["--tag", "IMAGENET1K_V9"])
    #expect(tag.code != 0 && tag.errors.contains("IMAGENET1K_V1"))
    // A file that was put there by hand is checked all the same.
    try Data("no weights".utf8).write(
      to: URL(fileURLWithPath: "\(folder.path)/w/resnet18-f37072fd.pth"))
    let put = try run("exit 6")
    #expect(put.code == 1)
  }
}
