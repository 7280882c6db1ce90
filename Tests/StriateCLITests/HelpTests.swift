import Foundation
import Striate
import Testing

/// Help, completion, and errors that say what to try next.
@Suite struct HelpTests {
  private static let verbs = [
    "doctor", "models", "summary", "train", "eval", "predict", "run", "bench", "weights",
    "completion",
  ]

  @Test(arguments: verbs) func pagesHaveTheirSections(_ verb: String) throws {
    let outcome = try CommandLineProgram.run(["help", verb], environment: ["COLUMNS": "64"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    var rest = outcome.output[...]
    for head in [
      "NAME\n", "SYNOPSIS\n", "\nEXAMPLES\n", "\nEXIT STATUS\n", "\nFILES\n", "\nENVIRONMENT\n",
    ] {
      let place = rest.range(of: head)
      #expect(place != nil, "\(head) is missing or out of order")
      if let place { rest = rest[place.upperBound...] }
    }
    #expect(outcome.output.contains("striate \(verb)"))
    #expect(!outcome.output.contains("\u{1B}"))
    // Only what cannot be broken is wider: a command line.
    for line in outcome.output.split(separator: "\n") where !line.contains("striate ") {
      #expect(line.count <= 64, "\(line)")
    }
    // Every option that the parser knows is on the page.
    let short = try CommandLineProgram.run([verb, "--help"]).output
    for option in short.matches(of: /\n +(--[a-z0-9-]+)/).map({ String($0.1) })
    where option != "--help" && option != "--version" {
      #expect(outcome.output.contains(option), "\(option)")
    }
  }

  @Test func overviewGroupsEveryVerb() throws {
    let pages = try [["--help"], ["help"], []].map { try CommandLineProgram.run($0) }
    #expect(pages.allSatisfy { $0.code == 0 && $0.output == pages[0].output })
    for verb in Self.verbs { #expect(pages[0].output.contains("\n  \(verb)")) }
    for head in ["BEGIN WITH", "LEARN AND ANSWER", "MEASURE"] {
      #expect(pages[0].output.contains(head))
    }
    #expect(pages[0].output.matches(of: /\n  striate [a-z]+/).count >= 3)
    let narrow = try CommandLineProgram.run(["--help"], environment: ["COLUMNS": "40"]).output
    for line in narrow.split(separator: "\n") where !line.contains("striate ") {
      #expect(line.count <= 40, "\(line)")
    }
  }

  /// The program parses each example before it prints it.
  @Test func examplesParse() throws {
    let outcome = try CommandLineProgram.run(["help", "examples"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for verb in Self.verbs { #expect(outcome.output.contains("  striate \(verb)"), "\(verb)") }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionNamesWhatThereIs(_ shell: String) throws
  {
    let outcome = try CommandLineProgram.run(["completion", shell])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    for word in ["train", "lenet5", "resnet20", "fashion-mnist", "lenet5-fashion", "reference"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    let data = try SmallData()
    try Data(outcome.output.utf8).write(to: URL(fileURLWithPath: data.path("script")))
    let check = try CommandLineProgram.shell(
      "command -v \(shell) >/dev/null || exit 0; \(shell) -n \"$1\"", [data.path("script")])
    #expect(check.code == 0, "\(check.errors)")
  }

  /// What bash offers for a line that ends where the cursor is; the words are parted as bash does.
  @Test(arguments: [
    (["striate", "help", "pr"], "pr", ["predict", "profile"]),
    (["striate", "eval", "--conf"], "--conf", ["--confusion", "--confusion-csv"]),
    (["striate", "eval", "--confusion"], "--confusion", ["--confusion", "--confusion-csv"]),
    (["striate", "eval", "--confusion", "--conf"], "--conf", ["--confusion-csv"]),
    (
      ["striate", "train", "--data", "imagefolder", ":", "FOLDER/ti"], "FOLDER/ti", ["FOLDER/tiny"]
    ),
    (["striate", "train", "--data", "imagef"], "imagef", ["imagefolder:"]),
  ])
  func bashCompletes(_ words: [String], _ word: String, _ offers: [String]) throws {
    let data = try SmallData()
    try FileManager.default.createDirectory(
      atPath: data.path("tiny"), withIntermediateDirectories: true)
    let outcome = try CommandLineProgram.run(["completion", "bash"])
    try data.write("script", Array(outcome.output.utf8))
    func filled(_ text: String) -> String {
      text.replacingOccurrences(of: "FOLDER", with: data.folder)
    }
    let list = words.map { "'\(filled($0))'" }.joined(separator: " ")
    let line = filled(words.joined(separator: " ")).replacingOccurrences(of: " : ", with: ":")
    try data.write(
      "ask",
      Array(
        """
        source '\(data.path("script"))'
        COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1)
        COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}
        _striate_names striate '\(filled(word))' '\(words[words.count - 2])'
        printf '%s\\n' "${COMPREPLY[@]}"

        """.utf8))
    let asked = try CommandLineProgram.shell(
      "command -v bash >/dev/null || exit 0; bash \"$1\"; exit 7", [data.path("ask")])
    guard asked.code == 7 else { return }
    #expect(
      Set(asked.output.split(separator: "\n").map(String.init)) == Set(offers.map(filled)),
      "\(asked.errors)")
  }

  struct Fault: Sendable, CustomStringConvertible {
    var line: String
    /// What the line ends with.
    var ends: String
    /// What the line does not say; empty for anything.
    var isAbsent = ""
    var environment: [String: String] = [:]
    var description: String { line }
  }

  @Test(arguments: [
    Fault(line: "summary lenet", ends: "; try: striate models"),
    Fault(line: "train --model lenet --data fashion-mnist", ends: "; try: striate models"),
    Fault(line: "train --recipe lenet5-fashon", ends: "; try: striate help train"),
    Fault(
      line: "train --recipe lenet5-fashion --output-dir EXISTING",
      ends: "; try: striate train --resume EXISTING"),
    Fault(
      line: "train --recipe lenet5-fashion --output-dir TWOLINES",
      ends: "or choose another --output-dir"),
    Fault(line: "train --epohcs 3", ends: "; see 'striate help train'"),
    Fault(
      line: "eval --weights /nonexistent --data idx:DATA",
      ends: "there is no file or run folder /nonexistent"),
    Fault(
      line: "eval --model lenet5 --weights /nonexistent --data idx:DATA",
      ends: "; try: striate train --model lenet5 --data idx:DATA --output-dir /nonexistent"),
    Fault(line: "predict --weights EXISTING x.png", ends: "it holds no checkpoint"),
    // A file that is no weights is not mended by training others.
    Fault(
      line: "eval --model lenet5 --weights BAD.png --data idx:DATA",
      ends: "", isAbsent: "; try: "),
    Fault(
      line: "eval --model resnet20 --weights WEIGHTS --data idx:DATA",
      ends: "; try: striate weights inspect WEIGHTS"),
    // What cannot be built is not mended by a list of networks.
    Fault(
      line: "summary lenet5 --input 1,4,4 --device reference", ends: "", isAbsent: "; try: "),
    Fault(
      line: "predict --weights WEIGHTS BAD.png",
      ends: ": this is neither a JPEG nor a PNG image"),
    Fault(
      line: "train --model resnet20 --data EXISTING",
      ends: "; try: striate data inspect imagefolder:EXISTING"),
    Fault(
      line: "train --model lenet5 --data imagefolder:FLAT",
      ends: "hold out a part of it with --val-split, such as --val-split 0.1"),
    Fault(line: "predict --weights WEIGHTS", ends: "; see 'striate help predict'"),
    Fault(line: "summary lenet5 --device cuda:0", ends: "; try: striate doctor"),
    Fault(
      line: "summary lenet5 --device cpu", ends: "; try: striate doctor",
      environment: ["STRIATE_ONEDNN": "/nonexistent"]),
    Fault(
      line: "eval --weights WEIGHTS --data mnist", ends: "get it: striate data fetch mnist",
      environment: ["HOME": "/nonexistent", "STRIATE_DATA": "/nonexistent"]),
    Fault(line: "trian", ends: "did you mean train?"),
  ])
  func errorsSayWhatToTry(_ row: Fault) throws {
    let data = try SmallData()
    let weights = try SmallWeights(data)
    let folder = data.path("existing")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let twoLines = data.path("two\nlines")
    try FileManager.default.createDirectory(atPath: twoLines, withIntermediateDirectories: true)
    try data.write("BAD.png", [1, 2, 3])
    let flat = data.path("flat")
    for name in ["a", "b"] {
      let place = "\(flat)/\(name)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      try data.write(
        "flat/\(name)/0.png",
        Image(width: 8, height: 8, channels: 1, pixels: .init(repeating: 9, count: 64)).png())
    }
    func filled(_ text: String) -> String {
      text.replacingOccurrences(of: "EXISTING", with: folder)
        .replacingOccurrences(of: "idx:DATA", with: data.name)
        .replacingOccurrences(of: "WEIGHTS", with: weights.path)
        .replacingOccurrences(of: "FLAT", with: flat)
        .replacingOccurrences(of: "TWOLINES", with: twoLines)
        .replacingOccurrences(of: "BAD.png", with: data.path("BAD.png"))
    }
    let outcome = try CommandLineProgram.run(
      filled(row.line).split(separator: " ").map(String.init), environment: row.environment)
    #expect(outcome.code != 0 && outcome.output.isEmpty)
    let line = try #require(outcome.errorLines.last)
    #expect(line.hasPrefix("error: ") && line.hasSuffix(filled(row.ends)), "\(line)")
    #expect(row.isAbsent.isEmpty || !line.contains(row.isAbsent), "\(line)")
  }

  /// A suggested command parses: it is not refused as one that makes no sense.
  @Test func suggestionsAreCommands() throws {
    for line in ["models", "help train", "doctor"] {
      #expect(try CommandLineProgram.run(line.split(separator: " ").map(String.init)).code == 0)
    }
  }
}
