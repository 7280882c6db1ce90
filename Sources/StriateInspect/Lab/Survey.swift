import StriateCore
import StriateCortex
import StriateIR
import StriateNN
import StriateRuntime

/// Every unit of some layers, shown the same drifting gratings: how many are tuned to orientation, how many are simple.
///
/// Of maps the unit in the middle is taken; what is below zero counts as silence. A unit's tuning is measured at the
/// frequency that it answers most, as `Bench` does of a single one.
public struct Survey: Sendable {
  /// A layer's units.
  public struct LayerReport: Sendable, Hashable {
    /// The layer's path.
    public let layer: String
    /// Its units.
    public let units: Int
    /// Of the units that answer, one less the circular variance over orientations.
    public let orientation: [Double]
    /// Of the units that answer, F1/F0 to the grating that is answered most.
    public let modulation: [Double]
  }

  /// Directions around the circle, and pictures of a period.
  public static let (directions, frames) = (16, 16)
  /// The layers in the order asked for.
  public let layers: [LayerReport]

  /// Shows gratings to a network.
  ///
  /// - Parameters:
  ///   - layers: the paths of layers that answer with maps or rows.
  ///   - mean: what is subtracted from each channel of a picture; empty for nothing.
  ///   - std: what each channel is divided by.
  /// - Throws: `InspectError` where there is no such layer or an answer is no number, or the device's error.
  public init(
    _ model: some Layer, weights: NamedTensors, input: Shape, layers: [String],
    mean: [Float] = [], std: [Float] = [], on device: Device
  ) throws {
    let panel = try ElectrodePanel(
      model, weights: weights, input: input, layers: layers, mean: mean, std: std,
      frames: Self.frames, on: device)
    let blank = try panel.record(Blank(frames: Self.frames)).map { $0.map { $0[0] } }
    // Of every layer, unit, frequency and direction the mean and the amplitude at the grating's own frequency.
    var found = panel.units.map { [[[Modulation]]](repeating: [], count: $0) }
    let side = Double(min(input[1], input[2]))
    var frequency = 1 / side
    while frequency <= 0.45 {
      var rows = panel.units.map { [[Modulation]](repeating: [], count: $0) }
      for index in 0..<Self.directions {
        let grating = Grating(
          direction: 2 * .pi * Double(index) / Double(Self.directions), frequency: frequency,
          frames: Self.frames)
        for (layer, answers) in try panel.record(grating).enumerated() {
          for (unit, course) in answers.enumerated() {
            rows[layer][unit].append(Modulation(course, blank: blank[layer][unit]))
          }
        }
      }
      for layer in rows.indices {
        for unit in rows[layer].indices { found[layer][unit].append(rows[layer][unit]) }
      }
      frequency *= 1.4142135623730951  // half an octave
    }
    self.layers = zip(panel.names, found).map { name, units in
      Self.report(name, units)
    }
  }

  private static func report(_ layer: String, _ units: [[[Modulation]]]) -> LayerReport {
    var orientation: [Double] = []
    var modulation: [Double] = []
    for frequencies in units {
      func size(_ answer: Modulation) -> Double { max(answer.mean, answer.fundamental) }
      let best = frequencies.max {
        ($0.map(size).max() ?? 0) < ($1.map(size).max() ?? 0)
      }
      guard let best, let strongest = best.max(by: { size($0) < size($1) }),
        let selectivity = TuningCurve(best.map(size)).globalOSI, let ratio = strongest.ratio
      else { continue }
      orientation.append(selectivity)
      modulation.append(ratio)
    }
    return LayerReport(
      layer: layer, units: units.count, orientation: orientation, modulation: modulation)
  }

  /// How many numbers fall into each of so many equal parts of a range; those beyond it into the last.
  public static func histogram(_ values: [Double], bins: Int, upTo end: Double) -> [Int] {
    var counts = [Int](repeating: 0, count: max(bins, 1))
    for value in values {
      // A ratio has no bound: it is held to the range before it is counted.
      let share = min(max(value / end, 0), 1)
      counts[min(Int(share * Double(counts.count)), counts.count - 1)] += 1
    }
    return counts
  }
}

/// Electrodes at all units of some layers at once.
struct ElectrodePanel {
  let names: [String]
  /// The units of each layer.
  let units: [Int]
  private let program: Program
  private let state: any ResidentState
  private let frames: Int
  private let input: Shape
  private let mean, std: [Float]

  init(
    _ model: some Layer, weights: NamedTensors, input: Shape, layers: [String], mean: [Float],
    std: [Float], frames: Int, on device: Device
  ) throws {
    guard input.rank == 3 else {
      throw InspectError(.mismatch, "the network takes \(input); pictures have a shape [C, H, W]")
    }
    let naming = Naming(model)
    let trace = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    _ = model(trace.input("input", TensorType(.float32, Shape([1] + input.dims))))
    let graph = try trace.finish()
    let taps = try layers.map { try Tap($0, in: graph) }
    var units: [Int] = []
    program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      _ = model(builder.input("input", TensorType(.float32, Shape([frames] + input.dims))))
      for (index, tap) in taps.enumerated() {
        guard var value = tap.tensor(in: builder), value.shape.rank == 2 || value.shape.rank == 4
        else { throw InspectError(.usage, "\(tap) answers neither with maps nor with rows") }
        for axis in 2..<max(value.shape.rank, 2) {
          let middle = value.shape[axis] / 2
          value = value.slice(axis: axis, from: middle, to: middle + 1)
        }
        units.append(value.shape[1])
        builder.output("\(index)", relu(value.reshaped([frames, value.shape[1]])))
      }
    }
    state = try program.state(weights)
    names = taps.map(\.description)
    (self.units, self.frames, self.input) = (units, frames, input)
    (self.mean, self.std) = (mean, std)
  }

  /// The answers of every layer's every unit at every time.
  func record(_ stimulus: any Stimulus) throws -> [[[Double]]] {
    var values: [Float] = []
    for time in 0..<frames {
      let picture = stimulus.frame(time, width: input[2], height: input[1])
      for channel in 0..<input[0] {
        guard !mean.isEmpty else {
          values += picture
          continue
        }
        let (mean, std) = (mean[channel % mean.count], std[channel % max(std.count, 1)])
        values += picture.map { ($0 - mean) / std }
      }
    }
    let tensor = try HostTensor(values, shape: Shape([frames] + input.dims))
    let found = try program.run(["input": tensor], state: state)
    return try names.indices.map { index in
      let rates = found["\(index)"]?.scalars(as: Double.self) ?? []
      if let wrong = rates.first(where: { !$0.isFinite }) {
        throw InspectError(.unanswered, "a unit of \(names[index]) answers \(wrong)")
      }
      let count = units[index]
      return (0..<count).map { unit in (0..<frames).map { rates[$0 * count + unit] } }
    }
  }
}
