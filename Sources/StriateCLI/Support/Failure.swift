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
  static func line(_ error: any Error) -> String { oneLine("\(error)\(advice(error))") }

  /// What to do about a file that cannot be written, where that is known.
  private static func advice(_ error: any Error) -> String {
    guard let error = error as? FormatError, error.code == .unwritable,
      let failure = error.cause as? SystemFailure, failure.isMissing,
      let path = error.location.path,
      let slash = path.lastIndex(of: "/")
    else { return "" }
    return "; make the folder \(path[..<slash]) first, or choose another place"
  }

  /// Lines of a text as one, without what would steer a terminal, as names of files may hold it, and without
  /// the middle of what nobody would read.
  static func oneLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    let plain = line.unicodeScalars.map { isControl($0) ? "?" : $0 }
    return String(String.UnicodeScalarView(plain)).shortened(to: 2000)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 || (127..<160).contains(scalar.value)
  }
}
