import ArgumentParser
import Striate

/// How results and progress are shown.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print exactly one JSON value on standard output.")
  var json = false

  @Flag(name: [.short, .long], help: "No progress on standard error.")
  var quiet = false

  /// Prints a result in the form that was asked for.
  func show(_ json: @autoclosure () -> JSON, text: @autoclosure () -> String) throws {
    if self.json { try Output.result(json()) } else { try Output.result(text()) }
  }

  /// Says how things go, where that is wanted.
  func note(_ text: String) { if !quiet { Output.note(text) } }

  /// Says which of several networks of a file was taken, and where its tensors have other names than the network's.
  func noteNames(of trained: TrainedModel) {
    for line in trained.notes { note(line) }
    guard let names = trained.convention else { return }
    note(
      "\(trained.path) has \(names.summary) names for its tensors; they were taken as \(trained.entry.id)'s"
    )
  }
}

/// How images are shown.
struct ImageOptions: ParsableArguments {
  @Option(
    name: .customLong("images"),
    help: ArgumentHelp(
      "How images are shown in the terminal: auto, kitty, iterm, sixel, blocks or none (auto).",
      valueName: "how"),
    completion: .list(["auto"] + TerminalStyle.Images.allCases.map(\.rawValue)))
  var kind: Kind = .auto

  /// What can be asked for.
  enum Kind: ExpressibleByArgument {
    case auto
    case named(TerminalStyle.Images)

    init?(argument: String) {
      if argument == "auto" {
        self = .auto
      } else if let images = TerminalStyle.Images(rawValue: argument) {
        self = .named(images)
      } else {
        return nil
      }
    }
  }

  /// The style of standard output with images as they were asked for.
  var style: TerminalStyle {
    var style = TerminalStyle.output
    if case .named(let images) = kind { style.images = images }
    return style
  }

  /// Whether images are wanted: on a terminal, or where a way was named.
  var isWanted: Bool {
    if case .named(let images) = kind { return images != .none }
    return TerminalStyle.output.isTerminal
  }
}

/// Where things run.
struct DeviceOptions: ParsableArguments {
  @Option(
    help: "auto, cpu or reference; auto takes the best one that is there (auto).",
    completion: .list(DeviceChoice.known))
  var device: String?

  @Option(help: "Threads of the cpu device; by default as many as there are cores.")
  var threads: Int?

  @Option(
    help: """
      on chooses the kernels of convolutions by trying them, once for each shape, and remembers (off; a run that is \
      resumed keeps what it had).
      """, completion: .list(["on", "off"]))
  var autotune: Autotuning?

  /// Whether kernels are chosen by trying.
  enum Autotuning: String, ExpressibleByArgument { case on, off }

  /// The device; of a run that is resumed the one that it was begun on, unless another one is named.
  func find(resuming run: RunRecord? = nil) throws -> Device {
    let name = device ?? run?.device ?? "auto"
    let tuning = KernelTuning(autotune, replaying: run?.kernels)
    let found: Device
    do {
      found = try DeviceChoice.find(
        name, threads: threads ?? (name == run?.device ? run?.threads : nil),
        autotune: tuning.choice
      ) { Output.warning($0) }
    } catch let error as InspectError where device == nil && run?.device != nil {
      throw InspectError(
        error.code,
        "\(error.message); the run was begun on \(name): --device auto goes on with what is there, and "
          + "its end may then differ in the last bits", cause: error)
    }
    tuning.begin(on: found)
    if let threads, threads != found.threads {
      let most = found.id == "cpu" ? ", at most 4 for each of the processor's cores" : ""
      Output.warning(
        "--threads \(threads): \(found.id) takes \(Numbers.counted(found.threads, "thread"))\(most)"
      )
    }
    return found
  }
}

/// Which network of the catalogue.
struct ShapeOptions: ParsableArguments {
  @Option(help: "The shape of one input, as C,H,W.")
  var input: InputShape?

  @Option(help: "The number of classes.")
  var classes: Int?

  func validate() throws {
    if let classes, !(1...1_000_000).contains(classes) {
      throw ValidationError("--classes must be from 1 to 1000000, found \(classes)")
    }
  }
}

/// The shape of one input on the command line: `1,28,28`.
struct InputShape: ExpressibleByArgument {
  var shape: Shape

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let dims = parts.compactMap { Int($0) }
    guard dims.count == parts.count, (1...4).contains(dims.count),
      dims.allSatisfy({ $0 >= 1 && $0 <= 1 << 20 })
    else { return nil }
    shape = Shape(dims)
  }
}

extension Shape {
  /// The extents as a JSON array.
  var json: JSON { .array(dims.map { JSON($0) }) }
}
