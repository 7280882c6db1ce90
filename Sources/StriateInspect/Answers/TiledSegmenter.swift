import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A trained network for segmentation that answers images of any size at their own resolution, part by part, within a
/// bound of memory.
///
/// The answer is the one that the network gives the whole image: what a part needs beyond its border comes from the
/// network's receptive field (`Tiling`). A network with an operation over the whole image answers it whole where that
/// fits, and is refused by the operation's name where it does not.
public struct TiledSegmenter {
  /// How an image was cut.
  public struct Plan: Sendable, Hashable {
    /// The parts of the answer.
    public var tiles = 0
    /// The rows and columns of the answer that a part has at most.
    public var side = 0
    /// The pixels of which a tile's first one is a multiple, along each axis.
    public var alignment: [Int] = []
    /// The rows and columns of the largest tile of the image, what it needs around it with it.
    public var largest: [Int] = []
    /// The bytes that the program of the largest tile takes.
    public var bytes = 0
  }

  /// The side of tiles.
  public enum Side: Sendable, Hashable {
    /// As large as memory allows.
    case auto(bytes: Int)
    /// So many rows and columns of the answer, rounded up to the alignment.
    case pixels(Int)
  }

  private let trained: TrainedSegmenter
  private let device: Device
  private let side: Side
  private let preprocessing: Preprocessing
  private let naming: Naming

  /// A segmenter on a device.
  ///
  /// - Throws: `InspectError` where the weights were trained on parts of images, `DataError` where they do not say how
  ///   images are prepared and the usual way does not fit.
  public init(_ trained: TrainedSegmenter, on device: Device, side: Side) throws {
    (self.trained, self.device, self.side) = (trained, device, side)
    preprocessing = try trained.preprocessing()
    naming = Naming(trained.model)
  }

  /// What is said about an image, and how it was cut.
  ///
  /// - Parameter givesProbabilities: whether the probability of each class at each pixel is given too, f32 `[C, H, W]`.
  /// - Throws: `InspectError` naming an operation over the whole image, or that not even the smallest tile fits the
  ///   memory; `DataError`, or the device's error.
  public func answer(
    image: Image, givesProbabilities: Bool = false
  ) throws -> (answer: Segmenter.Answer, plan: Plan) {
    let plane = image.width * image.height
    var labels = [Int32](repeating: 0, count: plane)
    var shares = [Float](repeating: 0, count: givesProbabilities ? plane * trained.classes : 0)
    let plan = try answers(to: image) { region, logits, place in
      let (rows, columns) = (logits.shape[2], logits.shape[3])
      logits.withUnsafeBytes { bytes in
        let values = bytes.bindMemory(to: Float.self)
        var best = [Float](repeating: 0, count: region.axes[1].count)
        for (row, y) in zip(place.axes[0], region.axes[0]) {
          for index in best.indices { best[index] = -.infinity }
          let start = y * image.width + region.axes[1].lowerBound
          for label in 0..<logits.shape[1] {
            let from = (label * rows + row) * columns + place.axes[1].lowerBound
            for index in best.indices where values[from + index] > best[index] {
              best[index] = values[from + index]
              labels[start + index] = Int32(label)
            }
          }
          guard givesProbabilities else { continue }
          var sums = [Float](repeating: 0, count: best.count)
          for label in 0..<trained.classes {
            let from = (label * rows + row) * columns + place.axes[1].lowerBound
            for index in best.indices {
              let share = exp(values[from + index] - best[index])
              shares[label * plane + start + index] = share
              sums[index] += share
            }
          }
          for label in 0..<trained.classes {
            for index in best.indices { shares[label * plane + start + index] /= sums[index] }
          }
        }
      }
    }
    let answer = Segmenter.Answer(
      mask: try Mask(width: image.width, height: image.height, labels: labels), image: image,
      probabilities: givesProbabilities
        ? try HostTensor(shares, shape: [trained.classes, image.height, image.width]) : nil)
    return (answer, plan)
  }

  /// Answers an image part by part.
  ///
  /// - Parameter each: takes the region of the answer, the logits `[1, classes, …]` of its tile, and where the region
  ///   lies in them.
  package func answers(
    to image: Image, _ each: (Region, HostTensor, Region) throws -> Void
  ) throws -> Plan {
    let whole = try graph([image.height, image.width])
    let answer = Region(whole: whole.type(whole.outputs[0].value).shape)
    guard answer.extents == [image.height, image.width] else {
      throw InspectError(
        .usage,
        "\(trained.entry.id) answers \(answer) of \(image.height)×\(image.width) pixels, so it has no mask for a "
          + "whole image")
    }
    let tiling: Tiling
    do {
      tiling = try Tiling(whole, input: whole.inputs[0].value, output: whole.outputs[0].value)
    } catch {
      guard try fits(image) else { throw refusal(error) }
      return try answered(whole: image, each)
    }
    var plan = Plan(alignment: tiling.alignment)
    plan.side = try chosen(tiling, image)
    // Tiles of one extent share a program.
    var groups: [[Int]: [(region: Region, tile: Region)]] = [:]
    let rows = Self.parts(image.height, plan.side, tiling.alignment[0])
    let columns = Self.parts(image.width, plan.side, tiling.alignment[1])
    for row in rows {
      for column in columns {
        let region = Region([row, column])
        let tile = try describing { try tiling.tile(for: region) }
        groups[tile.extents, default: []].append((region, tile))
        plan.tiles += 1
      }
    }
    for (extents, tiles) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let part = try graph(extents)
      let program = try compiled(extents)
      if program.plannedBytes > plan.bytes {
        (plan.bytes, plan.largest) = (program.plannedBytes, extents)
      }
      let state = try program.state(weights(program))
      let preprocessing = try preprocessing.adapted(to: Shape([trained.input[0]] + extents))
      for (region, tile) in tiles {
        let place = try describing {
          try tiling.place(
            region, of: tile, in: part, input: part.inputs[0].value, output: part.outputs[0].value)
        }
        let cut = try image.cropped(
          to: ImageRect(
            x: tile.axes[1].lowerBound, y: tile.axes[0].lowerBound, width: extents[1],
            height: extents[0]))
        let input = try preprocessing.tensor(cut).reshaped(
          Shape([1, trained.input[0]] + extents))
        guard let logits = try program.run(["input": input], state: state)["out"] else {
          throw InspectError(.unanswered, "the network gives no logits")
        }
        try each(region, logits, place)
      }
    }
    return plan
  }

  /// The side of the answer's parts.
  private func chosen(_ tiling: Tiling, _ image: Image) throws -> Int {
    let step = max(tiling.alignment[0], tiling.alignment[1])
    let longest = max(image.width, image.height)
    func rounded(_ side: Int) -> Int {
      min(max((side + step - 1) / step, 1) * step, max(longest, 1))
    }
    guard case .auto(let bytes) = side else {
      if case .pixels(let side) = side { return rounded(side) }
      return longest
    }
    /// What the largest tile of parts of a side takes.
    func needed(_ side: Int) throws -> (bytes: Int, extents: [Int]) {
      let region = Region(
        [image.height, image.width].map { extent in
          let count = min(side, extent)
          let start = (extent - count) / 2 / step * step
          return start..<(start + count)
        })
      let extents = try describing { try tiling.tile(for: region).extents }
      return (try compiled(extents).plannedBytes, extents)
    }
    // From what a small tile takes a pixel; the weights are in both.
    var side = rounded(4 * step)
    var (taken, extents) = try needed(side)
    if taken <= bytes, side < longest {
      let pixel = Double(taken) / Double(extents[0] * extents[1])
      let margin = max(extents[0], extents[1]) - side
      let largest = Int((Double(bytes) / pixel).squareRoot()) - margin
      side = largest >= longest ? longest : max(rounded(largest) - step, step)
      (taken, extents) = try needed(side)
    }
    while taken > bytes {
      guard side > step else {
        throw InspectError(
          .unanswered,
          "not even a tile of \(extents[0])×\(extents[1]) pixels fits: it takes \(Numbers.bytes(taken)), allowed are "
            + "\(Numbers.bytes(bytes))")
      }
      side = max(rounded(side * 7 / 8) - step, step)
      (taken, extents) = try needed(side)
    }
    return side
  }

  /// Ranges of an extent, each of a side at most, which begin at multiples of the alignment.
  private static func parts(_ extent: Int, _ side: Int, _ alignment: Int) -> [Range<Int>] {
    let step = side >= extent ? extent : max(side / alignment, 1) * alignment
    return stride(from: 0, to: extent, by: step).map { $0..<min($0 + step, extent) }
  }

  private func graph(_ extents: [Int]) throws -> Graph {
    func traced(_ model: some SegmentationNetwork) throws -> Graph {
      let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
      let type = TensorType(.float32, Shape([1, trained.input[0]] + extents))
      builder.output("out", model(builder.input("input", type)).out)
      return try builder.finish()
    }
    return try traced(trained.model)
  }

  private func compiled(_ extents: [Int]) throws -> Program {
    try trained.program(on: device, extents: extents, naming: naming)
  }

  private func weights(_ program: Program) -> NamedTensors { trained.weights(of: program) }

  /// Whether the program of the whole image fits, by what that of the network's usual input takes.
  private func fits(_ image: Image) throws -> Bool {
    switch side {
    case .pixels(let side): return max(image.width, image.height) <= side
    case .auto(let bytes):
      let usual = Array(trained.input.dims.dropFirst())
      let share = Double(image.width * image.height) / Double(max(usual[0] * usual[1], 1))
      return Double(try compiled(usual).plannedBytes) * max(share, 1) <= Double(bytes)
    }
  }

  private func answered(
    whole image: Image, _ each: (Region, HostTensor, Region) throws -> Void
  ) throws -> Plan {
    let extents = [image.height, image.width]
    let program = try compiled(extents)
    let shape = Shape([trained.input[0]] + extents)
    let input = try preprocessing.adapted(to: shape).tensor(image).reshaped(Shape([1] + shape.dims))
    let state = try program.state(weights(program))
    guard let logits = try program.run(["input": input], state: state)["out"] else {
      throw InspectError(.unanswered, "the network gives no logits")
    }
    let all = Region(whole: logits.shape)
    try each(all, logits, all)
    return Plan(
      tiles: 1, side: extents.max() ?? 0, alignment: [1, 1], largest: extents,
      bytes: program.plannedBytes)
  }

  /// Says what stands in the way of parts, and what to do.
  private func describing<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as GlobalOperation { throw refusal(error) }
  }

  private func refusal(_ error: GlobalOperation) -> InspectError {
    InspectError(
      .usage,
      "\(trained.entry.id) cannot answer parts of this image: \(error); leave --tile out, and the image is resized to "
        + "what the network learned from")
  }
}
