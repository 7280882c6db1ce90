import Foundation
import Testing

/// The step loop allocates nothing, a loader keeps nothing: watched from outside, by a program that
/// replaces malloc.
@Suite struct AllocationTests {
  @Test(
    "a hundred warm training steps allocate nothing outside the library's calls",
    .enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
  func steps() throws {
    let text = try run([])
    if text == "unavailable\n" { return }
    let counts = text.matches(of: /(\S+) steps=(\d+) ours=(\d+) libraries=(\d+)/)
    let names = ["control", "lenet5", "resnet20", "everything", "accumulated"]
    #expect(counts.map { String($0.1) } == names, "\(text)")
    for count in counts {
      if count.1 == "control" {
        #expect(count.3 == "1", "the probe does not see the control")
      } else {
        #expect(count.3 == "0", "\(count.0)")
      }
    }
  }

  /// In a process of its own: what other tests hold does not count.
  @Test("a loader holds no more after two thousand batches of changing sizes than after some")
  func loader() throws {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(
      path: "loader-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let pictures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/images")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "a"), withIntermediateDirectories: true)
    for name in ["ycc-420.jpg", "progressive.jpg", "cmyk.jpg", "row.jpg", "rgb.png", "grey.jpg"] {
      try FileManager.default.copyItem(
        at: pictures.appending(path: name), to: folder.appending(path: "a/\(name)"))
    }
    let text = try run([folder.path])
    if text == "unavailable\n" { return }
    let sizes = text.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { Double($0) }
    // What is leaked only grows; ended threads may still hold some of their last batches.
    let early = try #require(sizes.prefix(3).max())
    let late = try #require(sizes.suffix(3).min())
    #expect(sizes.count == 6 && early > 1e4 && late < early + 256 * 1024, "\(text)")
  }

  /// What the probe prints.
  private func run(_ arguments: [String]) throws -> String {
    let process = Process()
    let probe = try #require(Self.probe, "StriateAllocationProbe is not built")
    process.executableURL = probe
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text
  }

  /// The program beside the test bundle.
  private static let probe: URL? = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folder = bundle
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("StriateAllocationProbe")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    }
    return nil
  }()
}
