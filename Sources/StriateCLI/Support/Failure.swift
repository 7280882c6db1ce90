import ArgumentParser
import Striate

/// What an error says in one line, and with which code the program ends.
enum Failure {
  /// The exit code; nil for an error of the argument parser.
  static func exitCode(_ error: any Error) -> Int32? {
    switch error {
    case let error as InspectError:
      return error.code == .usage ? Session.Code.usage : Session.Code.failure
    case let error as ModelError:
      return error.code == .unknown ? Session.Code.usage : Session.Code.failure
    case let error as TrainingError:
      return error.code == .invalidSetting ? Session.Code.usage : Session.Code.failure
    case let error as DataError:
      return error.code == .invalidRequest ? Session.Code.usage : Session.Code.failure
    case is FormatError, is TraceError, is CPUError, is TensorError:
      return Session.Code.failure
    default:
      let parsers = ["CommandError", "ValidationError", "CleanExit", "ExitCode", "ParserError"]
      let name = String(describing: type(of: error))
      return parsers.contains(name) ? nil : Session.Code.failure
    }
  }

  /// The error in one line.
  static func line(_ error: any Error) -> String { oneLine("\(error)") }

  /// Lines of a text as one.
  static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: "; ")
  }
}
