import ArgumentParser
import Striate

/// The version that `--version` prints.
let version = Version.current

/// Runs a command line: results to standard output, one error line to standard error, and an exit code.
enum Session {
  /// Exit codes of the command line's contract.
  enum Code {
    static let success: Int32 = 0
    static let failure: Int32 = 1
    static let usage: Int32 = 2
  }

  static func run(_ words: [String]) -> Int32 {
    let arguments = joined(words)
    do {
      if let page = try help(arguments) {
        try Output.result(page)
        return Code.success
      }
      try checkVerb(arguments)
      var command = try StriateCommand.parseAsRoot(arguments)
      try command.run()
      return Code.success
    } catch {
      return report(error, arguments)
    }
  }

  /// The page of help that a command line asks for; nil where it asks for none.
  private static func help(_ arguments: [String]) throws -> String? {
    switch arguments.first {
    case nil, "--help", "-h": return try HelpPages(style: .output).overview
    case "help":
      let pages = try HelpPages(style: .output)
      guard let verb = arguments.dropFirst().first else { return pages.overview }
      return verb == "examples" ? try pages.allExamples() : try pages.page(verb)
    default: return nil
    }
  }

  /// The words with negative numbers joined to the options before them, `--lr -1` as `--lr=-1`: the parser
  /// would take them for options of their own.
  private static func joined(_ words: [String]) -> [String] {
    var result: [String] = []
    for word in words {
      if let last = result.last, last.hasPrefix("--"), last.count > 2, !last.contains("="),
        word.hasPrefix("-"), Double(word) != nil
      {
        result[result.count - 1] = "\(last)=\(word)"
      } else {
        result.append(word)
      }
    }
    return result
  }

  private static var verbs: [String] {
    StriateCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
  }

  /// Refuses a first word that is no verb, with those that may have been meant.
  private static func checkVerb(_ arguments: [String]) throws {
    guard let verb = arguments.first, !verb.hasPrefix("-"), !verbs.contains(verb) else { return }
    throw InspectError(
      .usage, "there is no verb '\(verb)'; \(NearMiss.hint(for: verb, among: verbs))")
  }

  private static func report(_ error: any Error, _ arguments: [String]) -> Int32 {
    let verb = arguments.first ?? ""
    if let code = Failure.exitCode(error) {
      let next = NextCommand.after(error, arguments: arguments, verbs: verbs)
      Output.error(Failure.line(error) + (next.map { "; try: \($0)" } ?? ""))
      return code
    }
    // The parser's own: requests for help and version are errors too.
    if StriateCommand.exitCode(for: error) == .success {
      do {
        try Output.result(StriateCommand.fullMessage(for: error))
        return Code.success
      } catch {
        Output.error(Failure.line(error))
        return Code.failure
      }
    }
    let help = verbs.contains(verb) && verb != "help" ? "striate help \(verb)" : "striate --help"
    let said = StriateCommand.message(for: error)
    var message = Failure.oneLine(BadValue(said)?.message(arguments) ?? said)
    if message.hasSuffix(".") { message.removeLast() }
    Output.error("\(message); see '\(help)'")
    return Code.usage
  }
}
