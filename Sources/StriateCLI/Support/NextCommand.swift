import Striate

/// The command that mends an error, or brings one nearer to what is wrong.
enum NextCommand {
  /// The command to try after an error; nil where its message already ends with one.
  ///
  /// - Parameters:
  ///   - arguments: the command line that failed, without the program.
  ///   - verbs: the verbs that there are; no other is suggested.
  static func after(
    _ error: any Error, arguments: [String], verbs: [String]
  ) -> String? {
    guard let command = command(for: error, Arguments(arguments)) else { return nil }
    let verb = command.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    return verbs.contains(verb) || verb == "help" ? command : nil
  }

  private struct Arguments {
    let verb: String
    private let words: [String]

    init(_ words: [String]) {
      self.words = words
      verb = words.first ?? "help"
    }

    /// The value of an option, as `--name value` or `--name=value`.
    subscript(name: String) -> String? {
      for (word, next) in zip(words, words.dropFirst() + [""]) {
        if word == "--\(name)", !next.isEmpty { return next }
        if word.hasPrefix("--\(name)=") { return String(word.dropFirst(name.count + 3)) }
      }
      return nil
    }
  }

  private static func command(for error: any Error, _ line: Arguments) -> String? {
    switch error {
    case is ModelError: return "striate models"
    case let error as DataError: return command(for: error, line)
    case let error as TrainingError: return command(for: error, line)
    case let error as FormatError:
      return error.code == .unwritable ? nil : weights(line)
    case let error as InspectError:
      switch error.code {
      case .missing: return error.message.contains("device") ? "striate doctor" : weights(line)
      case .mismatch: return "striate summary \(line["model"] ?? "lenet5")"
      case .usage: return "striate help \(line.verb)"
      }
    case is CPUError: return "striate doctor"
    case is TraceError: return "striate models"
    default: return nil
    }
  }

  private static func command(for error: DataError, _ line: Arguments) -> String? {
    switch error.code {
    // A library or a known data set: the message ends with the command that gets it.
    case .notFound: return nil
    case .invalidRequest: return "striate data list"
    default:
      if let data = line["data"] { return "striate data inspect \(quoted(data))" }
      return line.verb == "predict"
        ? "striate predict --weights \(quoted(line["weights"] ?? "RUN")) --data fashion-mnist --index 0"
        : nil
    }
  }

  private static func command(for error: TrainingError, _ line: Arguments) -> String? {
    let folder = line["resume"] ?? line["output-dir"]
    switch error.code {
    case .outputExists: return folder.map { "striate train --resume \(quoted($0))" }
    case .invalidSetting: return "striate help train"
    case .differentRun: return folder.map { "striate train --resume \(quoted($0))" }
    case .mismatch: return line["data"].map { "striate data inspect \(quoted($0))" }
    case .damaged: return "striate train --recipe lenet5-fashion"
    case .storage, .notFinite: return nil
    }
  }

  /// Weights that are not there are made by training.
  private static func weights(_ line: Arguments) -> String? {
    guard line.verb == "eval" || line.verb == "predict", line["weights"] != nil else { return nil }
    return "striate train --recipe lenet5-fashion --output-dir runs/first"
  }

  private static func quoted(_ word: String) -> String {
    word.allSatisfy { !$0.isWhitespace && !"'\"$&;|<>()\\*?".contains($0) } ? word : "'\(word)'"
  }
}
