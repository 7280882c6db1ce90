import Foundation
import Testing

/// The project's own files.
enum Project {
  /// The folder of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The Swift files below a folder.
  static func swiftFiles(_ folder: String) -> [URL] {
    let all = FileManager.default.enumerator(
      at: root.appending(path: folder), includingPropertiesForKeys: nil)
    return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
  }
}

@Suite struct ManifestTests {
  /// Target → imports of the project's own targets, as the manifest has them.
  private func manifest() throws -> [String: Set<String>] {
    let text = try Project.text("Package.swift")
    var result: [String: Set<String>] = [:]
    let libraries = /library\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?(?:,\s*embedding: \[[^\]]*\])?\s*\)/
    for match in text.matches(of: libraries) {
      result[String(match.1)] = Set((match.2 ?? "").matches(of: /"(\w+)"/).map { String($0.1) })
    }
    for match in text.matches(of: /\.target\(name: "(C\w+)"\)/) { result[String(match.1)] = [] }
    let executable = /executableTarget\(\s*name: "(StriateCLI)",\s*dependencies: \[([^\]]*)\]/
    for match in text.matches(of: executable) {
      let own = match.2.matches(of: /\n\s*"(\w+)"/).map { String($0.1) }
      result[String(match.1)] = Set(own)
    }
    return result
  }

  /// The same as the architecture page's table has them.
  private func table() throws -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    for line in try Project.text("Documentation/Design/architecture.md").split(separator: "\n")
    where line.hasPrefix("| `") {
      let cells = line.split(separator: "|")
      guard let first = cells.first?.prefix(while: { $0 != "(" }), let last = cells.last else {
        continue
      }
      for target in first.matches(of: /`(\w+)`/) {
        result[String(target.1)] = Set(last.matches(of: /\w+/).map { String($0.0) })
      }
    }
    return result
  }

  @Test("the manifest's targets and imports are those of the architecture page")
  func tableMatches() throws {
    let (manifest, table) = try (manifest(), table())
    #expect(Set(manifest.keys) == Set(table.keys))
    #expect(manifest.count > 14)
    for (target, imports) in manifest { #expect(table[target] == imports, "\(target)") }
  }

  @Test("no file is longer than 600 lines, and the median is at most 180")
  func filesAreSmall() throws {
    let lengths = try Project.swiftFiles("Sources").map {
      (
        try String(contentsOf: $0, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false
        ).count,
        $0.lastPathComponent
      )
    }.sorted { $0.0 < $1.0 }
    #expect(lengths.count > 100)
    #expect((lengths.last?.0 ?? 0) <= 600, "\(lengths.last.map { "\($0)" } ?? "")")
    #expect(lengths[lengths.count / 2].0 <= 180)
  }

  @Test("no source names a trap that input could reach")
  func sourcesDoNotTrap() throws {
    for file in Project.swiftFiles("Sources") {
      let text = try String(contentsOf: file, encoding: .utf8)
      let traps = text.matches(
        of: /fatalError\(|try!|as!|preconditionFailure\(|[^a-z]precondition\(/)
      #expect(traps.isEmpty, "\(file.lastPathComponent)")
    }
  }
}
