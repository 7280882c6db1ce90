import ArgumentParser
import Striate

/// `striate help`: pages in the manner of manuals, made from the commands themselves.
struct HelpPages {
  let style: TerminalStyle
  private let verbs: [JSON]

  /// Reads what the argument parser knows about the commands.
  init(style: TerminalStyle) throws {
    self.style = style
    let dump = try JSON(parsing: StriateCommand._dumpHelp())
    verbs = (dump["command"]?["subcommands"]?.array ?? []).filter {
      $0["shouldDisplay"]?.bool != false && $0["commandName"]?.string != "help"
    }
  }

  /// The names of the verbs.
  var names: [String] { verbs.compactMap { $0["commandName"]?.string } }

  private var width: Int { min(max(style.columns, 40), 100) }

  // MARK: Overview

  private static let groups: [(title: String, verbs: [String])] = [
    ("LOOK AROUND", ["doctor", "models", "summary", "explain", "data"]),
    ("LEARN AND ANSWER", ["train", "eval", "predict", "run"]),
    ("MEASURE", ["bench", "profile", "verify", "quantize", "prune", "lab", "claims", "lineage"]),
    ("FILES AND SERVICES", ["weights", "import", "export", "serve", "completion"]),
  ]

  /// The verbs by purpose, and how to begin.
  var overview: String {
    var lines = [
      head("striate") + " \(version): convolutional networks: train, run and inspect them", "",
    ]
    lines += [head("USAGE"), "  striate VERB [OPTIONS]", "", head("BEGIN WITH")]
    lines += examples(Examples.first)
    let grouped = Self.groups.flatMap(\.verbs)
    let rest = ("OTHERS", names.filter { !grouped.contains($0) })
    for (title, members) in Self.groups + [rest] {
      let found = members.compactMap { name in verbs.first { $0["commandName"]?.string == name } }
      if found.isEmpty { continue }
      lines += ["", head(title)]
      for verb in found {
        let name = verb["commandName"]?.string ?? ""
        lines += entry(style.paint(name, .accent), verb["abstract"]?.string ?? "", at: 14)
      }
    }
    lines += [
      "",
      "'striate help VERB' says all about a verb, 'striate VERB --help' its options in short.",
      "Every verb has --json for scripts. Exit status: 0 success, 1 failure, 2 wrong usage.",
    ]
    return lines.flatMap {
      TerminalText.width($0) > width ? TerminalText.wrapped($0, columns: width) : [$0]
    }
    .joined(separator: "\n")
  }

  // MARK: Pages

  /// All about a verb.
  ///
  /// - Throws: `InspectError` where there is no such verb.
  func page(_ name: String) throws -> String {
    guard let verb = verbs.first(where: { $0["commandName"]?.string == name }) else {
      throw InspectError(
        .usage, "there is no verb '\(name)'; \(NearMiss.hint(for: name, among: names))")
    }
    let inner = verb["subcommands"]?.array?.filter { $0["commandName"]?.string != "help" } ?? []
    var lines = [head("NAME")]
    lines += wrap("striate \(name) - \(verb["abstract"]?.string ?? "")")
    lines += ["", head("SYNOPSIS")]
    for one in inner.isEmpty ? [verb] : inner {
      lines += synopsis(one, of: name, isInner: !inner.isEmpty)
    }
    if let text = verb["discussion"]?.string, !text.isEmpty {
      lines += ["", head("DESCRIPTION")] + wrap(text)
    }
    for one in inner {
      lines +=
        ["", head((one["commandName"]?.string ?? "").uppercased())]
        + wrap(one["abstract"]?.string ?? "") + options(one)
    }
    if inner.isEmpty { lines += options(verb) }
    if let examples = Examples.all[name] {
      lines += ["", head("EXAMPLES")] + self.examples(examples)
    }
    lines += ["", head("EXIT STATUS")]
    for (code, text) in [
      ("0", "success"), ("1", "failure: one line on standard error says what and what to do"),
      ("2", "a command line that makes no sense"),
    ] { lines += entry(code, text, at: 8) }
    lines += ["", head("FILES")]
    for (path, text) in Self.files { lines += entry(path, text, at: 30) }
    lines += ["", head("ENVIRONMENT")]
    for (variable, text) in Self.environment { lines += entry(variable, text, at: 30) }
    return lines.joined(separator: "\n")
  }

  /// All examples, each of which the parser has taken.
  ///
  /// - Throws: what the parser says about one that it does not take.
  func allExamples() throws -> String {
    var lines: [String] = []
    for name in names {
      guard let list = Examples.all[name] else { continue }
      for example in list {
        _ = try StriateCommand.parseAsRoot(example.line.split(separator: " ").map(String.init))
      }
      lines += (lines.isEmpty ? [] : [""]) + [head(name)] + examples(list)
    }
    return lines.joined(separator: "\n")
  }

  private static let files: [(String, String)] = [
    ("runs/", "run folders, where --output-dir names no other"),
    ("RUN/config.json", "the settings of a run"),
    ("RUN/metrics.jsonl", "its log, an object a line"),
    ("RUN/summary.html", "its curves and results, for a browser"),
    ("RUN/events.out.tfevents.*", "the same for TensorBoard: tensorboard --logdir runs"),
    ("RUN/last, RUN/best", "links to checkpoints with weights.safetensors"),
    ("~/.local/share/striate", "libraries (lib) and data sets (data)"),
  ]

  private static let environment: [(String, String)] = [
    ("STRIATE_DATA", "a folder of data sets by name, searched first"),
    ("STRIATE_ONEDNN", "the file of the oneDNN library"),
    ("NO_COLOR", "set and not empty: no colours"),
    ("CLICOLOR_FORCE", "not 0: colours also where there is no terminal"),
    ("COLORTERM", "truecolor or 24bit: colours of 24 bits"),
    ("COLUMNS", "the width where the terminal does not tell it"),
  ]

  // MARK: Parts

  private func head(_ text: String) -> String { style.paint(text, .strong) }

  private func wrap(_ text: String) -> [String] {
    TerminalText.wrapped(text, columns: width, indent: 2)
  }

  /// A name with its text beside it, or beneath it where the name is long.
  private func entry(_ name: String, _ text: String, at column: Int) -> [String] {
    let lines = TerminalText.wrapped(text, columns: width, indent: column)
    guard TerminalText.width(name) + 4 <= column, let first = lines.first else {
      return ["  \(name)"] + lines
    }
    return [TerminalText.padded("  \(name)", columns: column) + first.dropFirst(column)]
      + lines.dropFirst()
  }

  private func examples(_ list: [Examples.Example]) -> [String] {
    list.flatMap { line, purpose in
      ["  " + style.paint("striate \(line)", .accent)]
        + TerminalText.wrapped(purpose, columns: width, indent: 6)
    }
  }

  private func synopsis(_ verb: JSON, of name: String, isInner: Bool) -> [String] {
    var words = ["striate", name] + (isInner ? [verb["commandName"]?.string ?? ""] : [])
    for argument in shown(verb) {
      let isOptional = argument["isOptional"]?.bool != false
      if argument["kind"]?.string != "positional", isOptional { continue }
      let word = Self.spelled(argument) + (argument["isRepeating"]?.bool == true ? "…" : "")
      words.append(isOptional ? "[\(word)]" : word)
    }
    return wrap((words + ["[OPTIONS]"]).joined(separator: " "))
  }

  private func shown(_ verb: JSON) -> [JSON] {
    (verb["arguments"]?.array ?? []).filter { argument in
      let name = argument["preferredName"]?["name"]?.string
      return argument["shouldDisplay"]?.bool != false && name != "help" && name != "version"
    }
  }

  private func options(_ verb: JSON) -> [String] {
    var lines: [String] = []
    var section: String??
    for argument in shown(verb) {
      let title = argument["sectionTitle"]?.string
      if section == nil || section != .some(title) {
        let text = argument["kind"]?.string == "positional" ? "ARGUMENTS" : "OPTIONS"
        lines += ["", head(title?.uppercased() ?? text)]
        section = .some(title)
      }
      lines.append("  " + style.paint(Self.spelled(argument), .accent))
      var text = argument["abstract"]?.string ?? ""
      if let value = argument["defaultValue"]?.string { text += " By default \(value)." }
      if let values = argument["allValueStrings"]?.array?.compactMap(\.string), !values.isEmpty {
        text += " One of \(values.joined(separator: ", "))."
      }
      lines += TerminalText.wrapped(text, columns: width, indent: 6)
    }
    return lines
  }

  /// `-q, --quiet`, `--model <model>`, `<images>`.
  private static func spelled(_ argument: JSON) -> String {
    let value = argument["valueName"]?.string ?? "value"
    if argument["kind"]?.string == "positional" { return "<\(value)>" }
    let names = (argument["names"]?.array ?? []).compactMap { name -> String? in
      guard let text = name["name"]?.string else { return nil }
      return name["kind"]?.string == "long" ? "--\(text)" : "-\(text)"
    }
    let sorted = names.sorted { $0.count < $1.count }.joined(separator: ", ")
    return argument["kind"]?.string == "flag" ? sorted : "\(sorted) <\(value)>"
  }
}
