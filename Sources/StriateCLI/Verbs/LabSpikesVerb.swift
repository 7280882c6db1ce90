import ArgumentParser
import Striate

struct LabSpikesVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spikes",
    abstract: "When a unit fires as a bar crosses its field in several directions.",
    discussion: """
      Spikes are a Poisson process whose rate is the unit's answer, of which the greatest to any direction gives --rate \
      spikes a picture: the raster in which Hubel and Wiesel's recordings are shown.
      """)

  @OptionGroup(title: "Unit") var unit: UnitOptions

  @Option(help: "Directions around the circle.")
  var directions = 8

  @Option(help: "Sweeps in each direction.")
  var trials = 5

  @Option(help: "Pictures of a sweep.")
  var frames = 60

  @Option(help: "Spikes a picture at the greatest answer.")
  var rate = 1.0

  @Option(help: "The bar's width in pixels (an eighth of the field).")
  var width: Double?

  @Option(help: "The seed of the spikes.")
  var seed: UInt64 = 0

  @Option(help: "Write the raster to this SVG file.", completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let svg { try OutputName.check(svg, "--svg", ending: ".svg", kind: "an SVG picture") }
    for (name, value, limits) in [
      ("--directions", directions, 1...72), ("--trials", trials, 1...100),
      ("--frames", frames, 2...1000),
    ] where !limits.contains(value) {
      throw ValidationError(
        "\(name) must be from \(limits.lowerBound) to \(limits.upperBound), found \(value)")
    }
    if !(rate > 0 && rate <= 100) {
      throw ValidationError("--rate must be above 0 and at most 100, found \(rate)")
    }
    if let width, !(width > 0 && width <= 1024) {
      throw ValidationError("--width must be above 0 and at most 1024, found \(width)")
    }
  }

  func run() throws {
    let device = try device.find()
    let (electrode, name) = try unit.electrode(on: device)
    let side = Double(max(electrode.width, electrode.height))
    let angles = (0..<directions).map { 2 * .pi * Double($0) / Double(directions) }
    let answers = try angles.map { direction in
      try electrode.record(
        Bar(
          direction: direction, width: width ?? side / 8, length: 1.5 * side, from: -0.75 * side,
          to: 0.75 * side, frames: frames))
    }
    let most = answers.joined().max() ?? 0
    var groups: [RasterPlot.Group] = []
    for (place, course) in answers.enumerated() {
      let rates = course.map { most > 0 ? max($0, 0) / most * rate : 0 }
      let rows = (0..<trials).map {
        SpikeTrain(rates: rates, seed: seed, trial: place * trials + $0).times
      }
      groups.append(
        RasterPlot.Group("\(Numbers.fixed(Angle.inDegrees(angles[place]), 0))°", rows: rows))
    }
    if let svg {
      let plot = RasterPlot(name, groups: groups, duration: Double(frames), unit: "pictures")
      try AtomicFile.write(plot.svg(), to: svg)
    }
    let lines = groups.map { group -> String in
      let spikes = group.rows.reduce(0) { $0 + $1.count }
      let mean = Numbers.fixed(Double(spikes) / Double(trials), 1)
      return "\(Self.left(group.name)) \(course(group.rows)) \(mean)"
    }
    try output.show(
      [
        "unit": JSON(name), "device": JSON(device.id), "frames": JSON(frames),
        "directions": .array(
          zip(angles, groups).map { angle, group in
            [
              "direction": JSON(Angle.inDegrees(angle)),
              "spikes": .array(group.rows.map { .array($0.map { JSON($0) }) }),
            ]
          }),
      ],
      text: "\(name), \(trials) sweeps in each direction, spikes over time and a sweep's mean\n"
        + lines.joined(separator: "\n"))
  }

  /// How many spikes fell into each of forty parts of the sweep, as columns.
  private func course(_ rows: [[Double]]) -> String {
    let marks = Array(" ▁▂▃▄▅▆▇█")
    var counts = [Int](repeating: 0, count: 40)
    for time in rows.joined() {
      counts[min(Int(time / Double(frames) * 40), 39)] += 1
    }
    let full = max(Double(frames * trials) * rate / 40, 1)
    return String(counts.map { marks[min(Int((Double($0) / full * 8).rounded(.up)), 8)] })
  }

  private static func left(_ text: String) -> String {
    String(repeating: " ", count: max(4 - text.count, 0)) + text
  }
}
