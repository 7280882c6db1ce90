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

  @Test(
    "the articles show the examples' own code",
    arguments: ["YourOwnData", "CustomLayersAndLosses", "Programs"])
  func articles(_ name: String) throws {
    let folder = root.appendingPathComponent("Examples")
    let examples = try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
      try String(contentsOf: folder.appendingPathComponent("\($0)/main.swift"), encoding: .utf8)
    }
    let article = try String(
      contentsOf: root.appendingPathComponent("Sources/Striate/Striate.docc/\(name).md"),
      encoding: .utf8)
    let blocks = article.matches(of: /```swift\n([\s\S]*?)\n```/).map { String($0.1) }
    #expect(blocks.count >= 3)
    for block in blocks { #expect(examples.contains { $0.contains(block) }, "\(block)") }
  }

  @Test func exampleLearns() throws {
    #expect(try run("XOR").hasPrefix("accuracy 1.0 "))
  }

  @Test func ownDataAreLearned() throws {
    let output = try run("CustomDataset")
    #expect(try number(after: "test accuracy", in: output) > 0.95)
    for shape in ["circle", "square", "cross"] {
      #expect(output.contains("a \(shape) looks like a \(shape)"), "\(output)")
    }
  }

  @Test func aProgramAloneSharpens() throws {
    let output = try run("ProgramOnly")
    let seen = try number(after: "seen", in: output)
    #expect(try number(after: "sharpened", in: output) < 0.5 * seen)
    #expect(try number(after: "step 300 loss", in: output) < 0.01)
  }

  @Test func ownLayersLearn() throws {
    let output = try run("CustomLayer")
    #expect(try number(after: "test accuracy", in: output) > 0.95)
    #expect(output.contains("LearnedSwish"))
    let slopes = try #require(output.firstMatch(of: /slopes from (\S+) to (\S+)/))
    #expect(try #require(Double(slopes.1)) < 0.95 && #require(Double(slopes.2)) > 1.05)
  }

  @Test func ownLossIsLowered() throws {
    let output = try run("CustomLoss")
    #expect(try number(after: "margin loss", in: output) < 0.3)
    #expect(try number(after: "test accuracy", in: output) > 0.9)
  }

  @Test func ownOptimizerLearns() throws {
    let lines = try run("CustomOptimizer").split(separator: "\n").map(String.init)
    #expect(lines.count == 2)
    for line in lines { #expect(try number(after: "accuracy", in: line) > 0.95, "\(line)") }
  }

  @Test("each example fits on two screens and imports nothing but the library")
  func examplesAreShort() throws {
    let folder = root.appendingPathComponent("Examples")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count >= 6)
    for name in names {
      let file = folder.appendingPathComponent("\(name)/main.swift")
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      #expect(lines.count <= 80, "\(name)")
      #expect(lines.filter { $0.hasPrefix("import ") } == ["import Striate"], "\(name)")
    }
  }

  /// What an example prints.
  private func run(_ name: String) throws -> String {
    let data = try SmallData()
    let outcome = try CommandLineProgram.run([], program: "Example\(name)", in: data.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome.output
  }

  /// The first number after some words.
  private func number(after words: String, in text: String) throws -> Double {
    let rest = try #require(text.range(of: words + " ")).upperBound
    let word = text[rest...].prefix { !$0.isWhitespace && $0 != "," }
    return try #require(Double(word), "\(text)")
  }
}
