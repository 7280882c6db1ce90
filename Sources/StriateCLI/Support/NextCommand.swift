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
    commands(for: error, Arguments(arguments)).first { command in
      let verb = command.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      // A name of two lines cannot stand on the error's one.
      return verbs.contains(verb) && !command.contains(where: \.isNewline)
    }
  }

  private struct Arguments {
    let verb: String
    let words: [String]

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

  /// The commands that may help, the best one first.
  private static func commands(for error: any Error, _ line: Arguments) -> [String] {
    switch error {
    case is ModelError: return ["striate models"]
    case let error as DataError: return commands(for: error, line)
    case let error as TrainingError: return commands(for: error, line)
    case let error as FormatError: return commands(for: error, line)
    case let error as InspectError:
      switch error.code {
      case .missing: return error.message.contains("device") ? ["striate doctor"] : weights(line)
      case .mismatch where error.message.contains("classes") && line["data"] != nil:
        return ["striate data inspect \(quoted(line["data"] ?? ""))"]
      case .mismatch: return line["model"].map { ["striate summary \(quoted($0))"] } ?? []
      case .unanswered: return []
      // A verb that is not known names those that may have been meant.
      case .usage: return error.message.contains("no verb") ? [] : ["striate help \(line.verb)"]
      }
    case is CPUError: return ["striate doctor"]
    // What cannot be built names its layer and its shapes: no list of networks mends it.
    default: return []
    }
  }

  private static func commands(for error: DataError, _ line: Arguments) -> [String] {
    switch error.code {
    // What is packed must be unpacked first.
    case _ where error.message.contains("unpack it with"): return []
    // An image of one's own is none of the data.
    case .notFound where line.verb == "predict" && error.location.path != nil: return []
    // Of a library or a known data set the message ends with the command that gets it.
    case .notFound:
      return error.message.contains("get it") ? [] : ["striate data list", "striate doctor"]
    case .invalidRequest where line["data"].map { InputFile.isFolder($0) } ?? false:
      return ["striate data inspect \(quoted("imagefolder:\(line["data"] ?? "")"))"]
    // A message that names the option to give says what to do already.
    case .invalidRequest:
      return error.message.contains("--") || error.message.contains("there is no sample")
        ? [] : ["striate data list", "striate help \(line.verb)"]
    case .unreadable where error.message.contains("Permission denied"): return []
    // What to do about a file is said already; and the data have no part in an image of one's own.
    case _ where error.message.contains("data inspect") || line.verb == "predict": return []
    case _ where line.verb == "data": return []
    default:
      return line["data"].map { ["striate data inspect \(quoted($0))", "striate doctor"] } ?? []
    }
  }

  private static func commands(for error: TrainingError, _ line: Arguments) -> [String] {
    let folder = line["resume"] ?? line["output-dir"]
    switch error.code {
    case .outputExists where line.verb != "train", .differentRun where line.verb != "train":
      return []
    case .differentRun where line["epochs"] != nil && error.message.contains("epochs is "):
      return longer(line)
    case .outputExists, .differentRun:
      return folder.map { ["striate train --resume \(quoted($0))"] } ?? []
    // A message that names the option to give says what to do already.
    case .invalidSetting:
      return error.message.contains("--") ? [] : ["striate help \(line.verb)"]
    // Of layers and settings that the network has not, the data say nothing.
    case .mismatch where error.message.contains("class") || error.message.contains("samples"):
      return line["data"].map { ["striate data inspect \(quoted($0))"] } ?? []
    case .mismatch: return []
    case .storage, .damaged, .notFinite: return []
    }
  }

  /// What is in weights that do not fit can be looked at; a file that cannot be read is no better read by
  /// another verb.
  private static func commands(for error: FormatError, _ line: Arguments) -> [String] {
    guard error.code == .mismatch, line["weights"] != nil, let path = error.location.path,
      InputFile.exists(path)
    else { return [] }
    return ["striate weights inspect \(quoted(path))"]
  }

  /// A run's length shapes its rates from the first step on: a longer one begins anew with its weights.
  private static func longer(_ line: Arguments) -> [String] {
    guard let folder = line["resume"], let epochs = line["epochs"],
      let json = try? JSON(path: RunFolder(folder).configPath),
      let former = try? TrainingConfig(json)
    else { return [] }
    return [
      "striate train --model \(quoted(former.model)) --data \(quoted(former.data)) "
        + "--weights \(quoted(folder)) --epochs \(quoted(epochs))"
    ]
  }

  /// Weights that are not there may be those of a run beside them, else a training makes them, where it is
  /// known of what and on which data.
  private static func weights(_ line: Arguments) -> [String] {
    guard line.verb == "eval" || line.verb == "predict", let place = line["weights"] else {
      return []
    }
    if let other = RunFolder.nearest(to: place) {
      let words = line.words.map { word in
        word == place ? other : word == "--weights=\(place)" ? "--weights=\(other)" : word
      }
      return ["striate \(words.map(quoted).joined(separator: " "))"]
    }
    guard let model = line["model"], let data = line["data"] else { return [] }
    let folder =
      InputFile.isFolder(place) || place.contains(".") ? "" : " --output-dir \(quoted(place))"
    return ["striate train --model \(quoted(model)) --data \(quoted(data))\(folder)"]
  }

  private static func quoted(_ word: String) -> String {
    word.allSatisfy { !$0.isWhitespace && !"'\"$&;|<>()\\*?".contains($0) } ? word : "'\(word)'"
  }
}
