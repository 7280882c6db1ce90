import StriateCore
import StriateCortex
import StriateIR
import StriateNN
import StriateRuntime

/// An electrode at one unit: it shows pictures and records answers, of a cortical cell as of any unit of any network.
///
/// ```swift
/// let electrode = try Electrode(SimpleCell(Gabor(direction: 0, wavelength: 8), size: 33), on: .reference)
/// let answers = try electrode.record(Grating(direction: 0, frequency: 1 / 8, frames: 16))
/// ```
public final class Electrode {
  /// The width of the pictures, in pixels.
  public let width: Int
  /// The height of the pictures, in pixels.
  public let height: Int
  /// Pictures that the unit looks back on.
  public let frames: Int
  private let channels: Int
  private let mean, std: [Float]
  private let program: Program
  private let state: any ResidentState

  /// Pictures that are shown at once.
  static let batch = 16

  /// An electrode at a cortical cell.
  ///
  /// - Throws: The device's error.
  public convenience init(_ cell: some CorticalCell, on device: Device) throws {
    try self.init(
      cell, weights: NamedTensors(), input: [cell.frames, cell.size, cell.size],
      frames: cell.frames, mean: [], std: [], on: device
    ) { answer, _ in answer.reshaped([answer.shape[0]]) }
  }

  /// An electrode at a unit of a network: of maps the one in the middle.
  ///
  /// What is below zero counts as silence, since a rate of firing is not below zero.
  ///
  /// - Parameters:
  ///   - layer: the layer's path.
  ///   - unit: the channel of its maps, or the place in its row, from 0.
  ///   - mean: what is subtracted from each channel of a picture; empty for nothing.
  ///   - std: what each channel is divided by.
  /// - Throws: `InspectError` where there is no such layer or unit, or the device's error.
  public convenience init(
    _ model: some Layer, weights: NamedTensors, input: Shape, layer: String, unit: Int,
    mean: [Float] = [], std: [Float] = [], on device: Device
  ) throws {
    guard input.rank == 3 else {
      throw InspectError(.mismatch, "the network takes \(input); pictures have a shape [C, H, W]")
    }
    let trace = GraphBuilder(options: TraceOptions(mode: .inference), naming: Naming(model))
    _ = model(trace.input("input", TensorType(.float32, Shape([1] + input.dims))))
    let tap = try Tap(layer, in: trace.finish())
    try self.init(
      model, weights: weights, input: input, frames: 1, mean: mean, std: std, on: device
    ) { _, builder in
      guard let value = tap.tensor(in: builder), value.shape.rank == 2 || value.shape.rank == 4
      else {
        throw InspectError(.usage, "\(tap) answers neither with maps nor with rows")
      }
      guard (0..<value.shape[1]).contains(unit) else {
        throw InspectError(
          .usage, "\(tap) has \(value.shape[1]) units, counted from 0; found \(unit)")
      }
      var answer = value.slice(axis: 1, from: unit, to: unit + 1)
      for axis in 2..<max(value.shape.rank, 2) {
        let middle = value.shape[axis] / 2
        answer = answer.slice(axis: axis, from: middle, to: middle + 1)
      }
      return relu(answer.reshaped([value.shape[0]]))
    }
  }

  private init(
    _ model: some Layer, weights: NamedTensors, input: Shape, frames: Int, mean: [Float],
    std: [Float], on device: Device, _ unit: (Tensor, GraphBuilder) throws -> Tensor
  ) throws {
    let type = TensorType(.float32, Shape([Self.batch] + input.dims))
    let naming = Naming(model)
    program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      builder.output("answer", try unit(model(builder.input("input", type)), builder))
    }
    state = try program.state(weights)
    (self.frames, channels) = (frames, frames > 1 ? 1 : input[0])
    (height, width) = (input[1], input[2])
    (self.mean, self.std) = (mean, std)
  }

  /// The unit's answer at every time of a stimulus.
  ///
  /// - Throws: `InspectError` where an answer is no number, or the device's error.
  public func record(_ stimulus: any Stimulus) throws -> [Double] {
    try record(stimulus.frames) { stimulus.frame($0, width: self.width, height: self.height) }
  }

  /// The unit's answer to so many pictures, which follow each other in time.
  ///
  /// - Parameter frame: the grey values of a picture, from 0 to 1, row by row; a unit that looks back asks for pictures
  ///   before the first, whose times are negative.
  /// - Throws: `InspectError` where an answer is no number, or the device's error.
  public func record(_ count: Int, _ frame: (Int) -> [Float]) throws -> [Double] {
    var known: [Int: [Float]] = [:]
    func picture(_ time: Int) -> [Float] {
      if let seen = known[time] { return seen }
      let made = frame(time)
      known[time] = made
      return made
    }
    var answers: [Double] = []
    var start = 0
    while start < count {
      var values: [Float] = []
      let end = min(start + Self.batch, count)
      for place in 0..<Self.batch {
        let time = min(start + place, count - 1)
        for back in 0..<frames { values += normalised(picture(time - back)) }
      }
      let input = try HostTensor(
        values, shape: [Self.batch, frames > 1 ? frames : channels, height, width])
      let found = try program.run(["input": input], state: state)["answer"]
      let rates = found?.scalars(as: Double.self) ?? []
      if let wrong = rates.first(where: { !$0.isFinite }) {
        throw InspectError(.unanswered, "the unit answers \(wrong)")
      }
      answers += rates.prefix(end - start)
      start = end
      known = known.filter { $0.key > end - frames - 1 }
    }
    return answers
  }

  /// A grey picture in each channel, as the network was trained to see it.
  private func normalised(_ picture: [Float]) -> [Float] {
    if frames > 1 || mean.isEmpty { return (0..<channels).flatMap { _ in picture } }
    return (0..<channels).flatMap { channel in
      let (mean, std) = (mean[channel % mean.count], std[channel % max(std.count, 1)])
      return picture.map { ($0 - mean) / std }
    }
  }
}
