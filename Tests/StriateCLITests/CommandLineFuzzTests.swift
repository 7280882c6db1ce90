import Foundation
import Striate
import Testing

/// Command lines drawn from the verbs and options that the program says it has, with values that make sense
/// and values that make none.
@Suite struct CommandLineFuzzTests {
  /// Command lines in all; `make fuzz` asks for more.
  private static let rounds = min(max(environment("STRIATE_FUZZ_ROUNDS") ?? 150, 1), 20_000)
  /// Another seed draws other command lines.
  private static let seed = environment("STRIATE_FUZZ_SEED") ?? 1

  private static func environment(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  @Test func anyCommandLineEndsWellOrSaysWhyNot() throws {
    let data = try SmallData(train: 24, test: 8)
    let places = try Places(data)
    let grammar = try Grammar()
    var random = SeededNumbers(seed: UInt64(bitPattern: Int64(Self.seed)))
    var ends = [0, 0, 0]
    for _ in 0..<Self.rounds {
      let line = grammar.line(&random, places)
      let program = try RunningProgram(CommandLineProgram.path, line, in: places.folder)
      let isDone = wait(for: program)
      if !isDone { program.send(SIGKILL) }
      let outcome = try program.wait()
      #expect(isDone, "still runs after five minutes: \(line)")
      #expect((0...2).contains(outcome.code), "\(outcome.code): \(line)\n\(outcome.errors)")
      let errors = outcome.errorLines.filter { $0.hasPrefix("error: ") }
      if outcome.code == 0 {
        #expect(errors.isEmpty, "\(line)\n\(outcome.errors)")
      } else {
        #expect(errors.count == 1, "\(line)\n\(outcome.errors)")
        #expect(outcome.errorLines.last == errors.first, "\(line)\n\(outcome.errors)")
      }
      if outcome.code == 0, line.contains("--json"), !line.contains("--help"),
        !line.contains("--version")
      {
        #expect(outcome.json != nil, "\(line)\n\(outcome.output)")
      }
      if ends.indices.contains(Int(outcome.code)) { ends[Int(outcome.code)] += 1 }
      try places.renew()
    }
    print("\(Self.rounds) command lines ended with 0, 1, 2: \(ends)")
    #expect(Self.rounds < 20 || (ends[0] > 0 && ends[2] > 0), "\(ends)")
    // About one in a hundred and fifty is well said and cannot be done.
    #expect(Self.rounds < 1000 || ends[1] > 0, "\(ends)")
  }

  /// Whether it ends within five minutes: the longest takes some forty seconds of one core.
  private func wait(for program: RunningProgram) -> Bool {
    let begun = Date()
    return !program.wait { Date().timeIntervalSince(begun) > 300 }
  }
}

/// The files and folders that command lines find, made anew for each.
private struct Places {
  let data: SmallData
  let folder: String
  private let original: String

  init(_ data: SmallData) throws {
    self.data = data
    folder = data.path("work")
    original = data.path("original")
    try FileManager.default.createDirectory(atPath: original, withIntermediateDirectories: true)
    let training = try CommandLineProgram.run([
      "train", "--model", "lenet5", "--data", data.name, "--epochs", "1", "--batch-size", "8",
      "--device", CommandLineProgram.device, "--threads", "1", "--quiet", "--output-dir",
      "\(original)/run",
    ])
    #expect(training.code == 0, "\(training.errors)")
    let input = try HostTensor([Float](repeating: 0.5, count: 144), shape: [1, 1, 12, 12])
    try NPY.write(input, to: "\(original)/x.npy")
    try data.write("original/text.png", Array("no image".utf8))
    let made = try CommandLineProgram.shell(
      "cd \"$1\" && ln -s loop loop && mkfifo pipe && mkdir empty 'a\nb' && : > zero", [original])
    #expect(made.code == 0, "\(made.errors)")
    try renew()
  }

  /// Puts everything back as it was before a command line wrote.
  func renew() throws {
    let made = try CommandLineProgram.shell(
      "rm -rf \"$2\" && cp -a \"$1\" \"$2\"", [original, folder])
    #expect(made.code == 0, "\(made.errors)")
  }
}

/// What the program says of its verbs and options.
private struct Grammar {
  struct Option {
    var name: String
    var takesValue: Bool
    var values: [String]
  }

  struct Verb {
    var words: [String]
    var options: [Option]
  }

  let verbs: [Verb]

  init() throws {
    let help = try CommandLineProgram.run(["--experimental-dump-help"])
    let dump = try #require(help.json, "\(help.errors)")
    let root = try #require(dump["command"])
    var verbs: [Verb] = []
    func add(_ command: JSON, _ words: [String]) {
      for verb in command["subcommands"]?.array ?? [] {
        add(verb, words + [verb["commandName"]?.string ?? ""])
      }
      // The net is left alone.
      guard command["subcommands"]?.array == nil, words != ["data", "fetch"] else { return }
      let options = (command["arguments"]?.array ?? []).compactMap { argument -> Option? in
        guard let kind = argument["kind"]?.string, kind != "positional",
          let name = argument["preferredName"]?["name"]?.string
        else { return nil }
        return Option(
          name: name, takesValue: kind == "option",
          values: argument["allValues"]?.array?.compactMap(\.string) ?? [])
      }
      verbs.append(Verb(words: words, options: options))
    }
    add(root, [])
    self.verbs = verbs
    #expect(verbs.count > 10 && verbs.map(\.options.count).reduce(0, +) > 100)
  }

  /// A command line: most often one that works, with up to three more options.
  func line(_ random: inout SeededNumbers, _ places: Places) -> [String] {
    let verb = verbs[random.next(below: verbs.count)]
    var line = verb.words
    // A lineage that is told nothing rightly takes ten minutes.
    let isWhole = random.next(below: 10) > 0 || verb.words.first == "lineage"
    if isWhole { line += base(verb.words, places) }
    for _ in 0..<random.next(below: 4) where !verb.options.isEmpty {
      let option = verb.options[random.next(below: verb.options.count)]
      guard option.takesValue else {
        line.append("--\(option.name)")
        continue
      }
      let text = value(of: option, &random)
      line +=
        random.next(below: 3) > 0 ? ["--\(option.name)=\(text)"] : ["--\(option.name)", text]
    }
    if random.next(below: 20) == 0 { line.append(pick(Self.texts, &random)) }
    return line
  }

  /// What a verb needs to work.
  private func base(_ verb: [String], _ places: Places) -> [String] {
    let data = places.data.name
    let engine = ["--device", CommandLineProgram.device, "--threads", "1"]
    switch verb.joined(separator: " ") {
    case "summary": return ["lenet5"] + engine
    case "train":
      return ["--model", "lenet5", "--data", data, "--epochs", "1", "--batch-size", "8"] + engine
    case "eval": return ["--weights", "run", "--data", data] + engine
    case "predict": return ["--weights", "run", "--data", data, "--index", "0,3"] + engine
    case "run": return ["--model", "lenet5", "--seed", "1", "--input", "x.npy"] + engine
    case "bench":
      return ["--model", "lenet5", "--batch", "2", "--repeat", "1", "--warmup", "0"] + engine
    case "profile": return ["lenet5", "--batch", "2", "--repeat", "1"] + engine
    case "explain graph": return ["lenet5", "--output", "graph.svg"] + engine
    case "completion": return ["bash"]
    case "lineage run":
      return ["--data", data, "--budget", "1s", "--only", "linear,lenet5"] + engine
    case "claims run": return ["convolution-arithmetic", "--seeds", "1"] + engine
    case "data inspect": return [data]
    case "data bench": return [data, "--repeat", "1", "--threads", "1"]
    default: return []
    }
  }

  private func value(of option: Option, _ random: inout SeededNumbers) -> String {
    let kind = Self.files.contains(option.name) ? 3 : 0
    switch max(random.next(below: 4), random.next(below: 4) > 0 ? kind : 0) {
    case 0 where !option.values.isEmpty: return pick(option.values, &random)
    case 0: return pick(Self.plausible, &random)
    case 1:
      let value = pick(Self.numbers, &random)
      // These say how long the program works.
      let isLong = ["epochs", "repeat", "warmup", "samples"].contains(option.name)
      return isLong && value.count > 4 ? "3" : value
    case 2: return pick(Self.texts, &random)
    default:
      // Whoever writes to a pipe waits for its reader.
      let writes = ["output", "sheet", "trace", "confusion-csv", "gradients"].contains(option.name)
      return pick(writes ? Self.paths : Self.paths + ["pipe"], &random)
    }
  }

  private func pick(_ values: [String], _ random: inout SeededNumbers) -> String {
    values[random.next(below: values.count)]
  }

  /// Options whose value is a file or folder.
  private static let files: Set = [
    "weights", "input", "target", "resume", "output-dir", "output", "sheet", "trace", "gradients",
    "confusion-csv",
  ]
  private static let plausible = [
    "1", "2", "3", "0.1", "0.5", "1,12,12", "3,32,32", "lenet5", "lenet-300-100", "cifar",
    "flip,cutout(2)",
    "fc1=fc1.npy", "list", "measured", "0.5,0.5",
  ]
  private static let numbers = [
    "0", "-1", "-0.0", "1.5", "nan", "inf", "-inf", "1e999", "1e-999", "1e9", "256", "257",
    "1000000000",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0x10", "½", " 3", "",
  ]
  private static let texts = [
    "x", "é", "\n", "a\tb", "%s%n", "'", "\"", "\u{1B}[31m", "--", "-", "..", "=", ",", ",,", "(",
    "flip(", "a=b=c",
    "0,0,0", "1,0,0", "3,1,1", "-1,12,12", "1,12", "1,1,1,1", "9223372036854775807,2,2", "nan,nan",
    "idx:nowhere",
    "imagefolder:empty", "imagefolder:empty@5", "webdataset:zero", "cifar:empty",
    "imagefolder:loop", "@", "@0",
  ]
  private static let paths = [
    "run", "run/last/weights.safetensors", "run/config.json", "run/metrics.jsonl", "x.npy",
    "text.png", "loop",
    "empty", "zero", "out", "new/out", "a\nb", "/dev/null", "/dev/full", "nowhere/x.svg", "zero/x",
  ]
}
