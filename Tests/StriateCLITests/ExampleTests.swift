import Foundation
import Testing

/// The example that the README shows is the one that is compiled, and it learns.
@Suite struct ExampleTests {
  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func readmeShowsTheExample() throws {
    let example = try String(
      contentsOf: root.appendingPathComponent("Examples/XOR/main.swift"), encoding: .utf8)
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\n\(example)```\n"))
  }

  @Test func exampleLearns() throws {
    let data = try SmallData()
    let outcome = try CommandLineProgram.run([], program: "ExampleXOR", in: data.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("accuracy 1.0 "), "\(outcome.output)")
  }
}
