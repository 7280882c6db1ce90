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

  static func run(_ arguments: [String]) -> Int32 {
    do {
      if arguments.isEmpty {
        try Output.result(StriateCommand.helpMessage())
        return Code.success
      }
      try checkVerb(arguments)
      var command = try StriateCommand.parseAsRoot(arguments)
      try command.run()
      return Code.success
    } catch {
      return report(error, verb: arguments.first ?? "")
    }
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

  private static func report(_ error: any Error, verb: String) -> Int32 {
    if let code = Failure.exitCode(error) {
      Output.error(Failure.line(error))
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
    let help = verbs.contains(verb) ? "striate \(verb) --help" : "striate --help"
    var message = Failure.oneLine(StriateCommand.message(for: error))
    if message.hasSuffix(".") { message.removeLast() }
    Output.error("\(message); see '\(help)'")
    return Code.usage
  }
}
