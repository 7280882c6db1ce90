import Foundation
import Testing

/// The step loop allocates nothing: watched from outside, by a program that replaces malloc.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct AllocationTests {
  @Test("a hundred warm training steps allocate nothing outside the library's calls")
  func steps() throws {
    let probe = try #require(Self.probe, "StriateAllocationProbe is not built")
    let process = Process()
    process.executableURL = probe
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
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
