import ArgumentParser
import Striate

/// An option's value that the parser does not take, said with what it would take.
struct BadValue {
  private let option: String
  private let value: String

  /// What the parser says about a value; nil where its message is about something else.
  init?(_ message: String) {
    let pattern = /^The value '(?<value>.*?)' is invalid for '(?<option>--?[a-z0-9-]+)( <[^>]*>)?'/
    guard let match = try? pattern.dotMatchesNewlines().firstMatch(in: message) else { return nil }
    value = String(match.output.value)
    option = String(match.output.option)
  }

  /// One line: what the option takes, what was found, what may have been meant.
  ///
  /// - Parameter arguments: the command line.
  func message(_ arguments: [String]) -> String {
    let argument = Self.arguments(of: arguments).first { $0.names.contains(option) }
    if let values = argument?.values, !values.isEmpty {
      let close = NearMiss.suggestions(for: value, among: values)
      let hint = close.isEmpty ? "" : "; did you mean \(close.joined(separator: ", "))?"
      return "\(option) takes one of \(values.joined(separator: ", ")), found '\(value)'\(hint)"
    }
    let text = argument?.text ?? ""
    if text.contains("C,H,W") {
      return "\(option) takes whole numbers from 1 as C,H,W, such as 3,224,224; found '\(value)'"
    }
    if text.contains("joined by commas") { return "\(option) cannot be '\(value)': \(text)" }
    // What it takes shows when something else stands in the value's place.
    if isTaken("0.5", arguments) { return "\(option) takes a number, found '\(value)'" }
    if isTaken("1", arguments) {
      let isNegative = Int(value).map { $0 < 0 } ?? false
      return "\(option) takes a whole number\(isNegative ? " from 0" : ""), found '\(value)'"
    }
    return "\(option) cannot be '\(value)'\(text.isEmpty ? "" : ": \(text)")"
  }

  /// Whether the parser takes this value in the place of the one that it did not take.
  private func isTaken(_ other: String, _ arguments: [String]) -> Bool {
    var words = arguments
    for (place, word) in words.enumerated() {
      if word == "\(option)=\(value)" { words[place] = "\(option)=\(other)" }
      if word == value, place > 0, words[place - 1] == option { words[place] = other }
    }
    guard words != arguments else { return false }
    do {
      _ = try StriateCommand.parseAsRoot(words)
      return true
    } catch {
      let said = BadValue(StriateCommand.message(for: error))
      return said?.option != option || said?.value != other
    }
  }

  private struct Argument {
    var names: [String]
    var values: [String]
    var text: String
  }

  /// What the parser knows about the options of a command line's verb.
  private static func arguments(of line: [String]) -> [Argument] {
    guard let dump = try? JSON(parsing: StriateCommand._dumpHelp()) else { return [] }
    var command: JSON = dump["command"] ?? .null
    for word in line {
      let inner = command["subcommands"]?.array ?? []
      guard let next = inner.first(where: { $0["commandName"]?.string == word }) else { break }
      command = next
    }
    return (command["arguments"]?.array ?? []).map { argument in
      let names = (argument["names"]?.array ?? []).compactMap { name -> String? in
        guard let text = name["name"]?.string else { return nil }
        return name["kind"]?.string == "long" ? "--\(text)" : "-\(text)"
      }
      let values = argument["allValueStrings"] ?? argument["allValues"]
      return Argument(
        names: names, values: values?.array?.compactMap(\.string) ?? [],
        text: argument["abstract"]?.string ?? "")
    }
  }
}
