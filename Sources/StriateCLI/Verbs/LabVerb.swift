import ArgumentParser
import Striate

struct LabVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "The physiologist's bench: what a unit answers to gratings and bars.",
    discussion: """
      An electrode at a cell of known form (--cell) or at any unit of any network (--model, --weights, --layer, \
      --unit; of maps the unit in the middle, what is below zero being silence). Directions are those that gratings \
      drift in; stripes and bars stand across them.
      """,
    subcommands: [
      LabTuningVerb.self, LabFieldVerb.self, LabSurveyVerb.self, LabMapsVerb.self,
      LabSpikesVerb.self, LabOriginalVerb.self, LabGenerationsVerb.self,
    ])
}

struct LabTuningVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tuning",
    abstract: "Preferred direction and frequency, selectivity, F1/F0, end-stopping of a unit.")

  @OptionGroup(title: "Unit") var unit: UnitOptions

  @Option(help: "The gratings' spatial frequency in periods a pixel; by default the best one.")
  var frequency: Double?

  @Option(help: "Directions around the circle.")
  var directions = 72

  @Option(
    help: "Write the tuning as a polar plot to this SVG file.",
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let svg { try OutputName.check(svg, "--svg", ending: ".svg", kind: "an SVG picture") }
    if !(8...720).contains(directions) || directions % 4 != 0 {
      throw ValidationError(
        "--directions must be a multiple of 4 from 8 to 720, found \(directions)")
    }
    if let frequency, !(frequency > 0 && frequency <= 0.5) {
      throw ValidationError("--frequency must be above 0 and at most 0.5, found \(frequency)")
    }
  }

  func run() throws {
    let device = try device.find()
    let (electrode, name) = try unit.electrode(on: device)
    var bench = Bench(electrode)
    bench.directions = directions
    let report = try bench.examine(frequency: frequency)
    if let svg {
      let plot = PolarPlot(
        name, values: report.tuning.responses, mark: report.tuning.preferred)
      try AtomicFile.write(plot.svg(), to: svg)
    }
    try output.show(.object(json(report, name, device)), text: text(report, name))
  }

  private func text(_ report: Bench.Report, _ name: String) -> String {
    func number(_ value: Double?, _ digits: Int = 3) -> String {
      value.map { Numbers.fixed($0, digits) } ?? "–"
    }
    let tuning = report.tuning
    let kind = report.modulation.ratio.map { $0 > 1 ? "simple" : "complex" } ?? "silent"
    return TextTable.pairs([
      ("unit", name), ("answer to a blank field", number(report.blank, 4)),
      ("greatest answer", number(tuning.responses.max(), 4)),
      ("preferred direction", "\(number(Angle.inDegrees(tuning.preferred), 0))°"),
      ("preferred frequency", "\(number(report.frequency, 4)) periods a pixel"),
      ("OSI", number(tuning.osi)), ("DSI", number(tuning.dsi)),
      ("gOSI", number(tuning.globalOSI)), ("gDSI", number(tuning.globalDSI)),
      ("half-width", tuning.halfWidth.map { "\(number(Angle.inDegrees($0), 1))°" } ?? "–"),
      ("F1/F0", "\(number(report.modulation.ratio)) (\(kind))"),
      ("end-stop index", number(report.endStopping.index)),
    ])
  }

  private func json(_ report: Bench.Report, _ name: String, _ device: Device) -> JSONObject {
    func number(_ value: Double?) -> JSON { value.map { JSON($0) } ?? .null }
    let tuning = report.tuning
    return [
      "unit": JSON(name), "device": JSON(device.id), "blank": JSON(report.blank),
      "preferred_direction": JSON(Angle.inDegrees(tuning.preferred)),
      "frequency": JSON(report.frequency), "osi": number(tuning.osi), "dsi": number(tuning.dsi),
      "gosi": number(tuning.globalOSI), "gdsi": number(tuning.globalDSI),
      "half_width": number(tuning.halfWidth.map(Angle.inDegrees)),
      "f1_f0": number(report.modulation.ratio),
      "end_stop_index": number(report.endStopping.index),
      "responses": .array(tuning.responses.map { JSON($0) }),
      "frequencies": .array(
        report.frequencies.map { ["frequency": JSON($0.frequency), "response": JSON($0.response)] }),
      "lengths": .array(
        zip(report.lengths, report.endStopping.responses).map {
          ["length": JSON($0), "response": JSON($1)]
        }),
    ]
  }
}

struct LabFieldVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "field",
    abstract: "A unit's receptive field, by reverse correlation with white noise.")

  @OptionGroup(title: "Unit") var unit: UnitOptions

  @Option(help: "Pictures of noise.")
  var frames = 10_000

  @Option(help: "The seed of the noise.")
  var seed: UInt64 = 0

  @Option(help: "Write the field to this PNG file.", completion: .file(extensions: ["png"]))
  var png: String?

  @OptionGroup var shown: ImageOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let png { try OutputName.check(png, "--png", ending: ".png", kind: "a PNG picture") }
    if !(1...10_000_000).contains(frames) {
      throw ValidationError("--frames must be from 1 to 10,000,000, found \(frames)")
    }
  }

  func run() throws {
    let device = try device.find()
    let (electrode, name) = try unit.electrode(on: device)
    let found = try ReverseCorrelation(
      electrode, frames: frames, noise: WhiteNoise(seed: seed))
    let field = found.field
    let most = field.map { abs($0) }.max() ?? 0
    let pixels = field.map { UInt8((127.5 + (most > 0 ? 127.5 * $0 / most : 0)).rounded()) }
    let image = try Image(width: found.width, height: found.height, channels: 1, pixels: pixels)
    if let png { try AtomicFile.write(image.png(), to: png) }
    var text = ""
    if shown.isWanted, !output.json {
      text = try TerminalImage.show(image, columns: 40, style: shown.style) + "\n"
    }
    text += TextTable.pairs([
      ("unit", name), ("pictures", Numbers.grouped(frames)),
      ("mean answer", Numbers.fixed(found.answers / Double(frames), 4)),
      ("latency", Numbers.counted(found.latency, "picture")),
    ])
    try output.show(
      [
        "unit": JSON(name), "device": JSON(device.id), "frames": JSON(frames),
        "latency": JSON(found.latency), "width": JSON(found.width), "height": JSON(found.height),
        "field": .array(field.map { JSON($0) }),
      ], text: text)
  }
}
