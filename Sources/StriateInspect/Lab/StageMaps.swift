import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// What the planes of some layers answer to pictures, drawn as pictures: how S- and C-cells see.
///
/// A row a picture; in it the picture, and of every layer the planes that answer most to the first picture, side by side
/// so that a plane stands in one column. Each layer's brightest value over all pictures is white.
public struct StageMaps {
  /// The drawing.
  public let image: Image
  /// The planes that were drawn of each layer.
  public let planes: [(layer: String, planes: [Int])]

  /// Draws what a network answers.
  ///
  /// - Parameters:
  ///   - pictures: inputs `[C, H, W]` as the network takes them.
  ///   - layers: the paths of layers that answer with maps.
  ///   - count: planes of each layer.
  ///   - tile: the side of a drawn map, in pixels.
  /// - Throws: `InspectError` where there is no such layer, or the device's error.
  public init(
    _ model: some Layer, weights: NamedTensors, pictures: [HostTensor], layers: [String],
    planes count: Int = 6, tile: Int = 56, on device: Device
  ) throws {
    guard let first = pictures.first else {
      throw InspectError(.usage, "there is no picture to draw answers to")
    }
    let type = TensorType(.float32, Shape([1] + first.shape.dims))
    let naming = Naming(model)
    let trace = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    _ = model(trace.input("input", type))
    let graph = try trace.finish()
    let taps = try layers.map { try Tap($0, in: graph) }
    let program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      _ = model(builder.input("input", type))
      for (index, tap) in taps.enumerated() {
        guard let value = tap.tensor(in: builder), value.shape.rank == 4 else {
          throw InspectError(.usage, "\(tap) does not answer with maps")
        }
        builder.output("\(index)", relu(value))
      }
    }
    let state = try program.state(weights)
    let answers = try pictures.map { picture -> [HostTensor] in
      let found = try program.run(["input": picture.reshaped(type.shape)], state: state)
      return taps.indices.compactMap { found["\($0)"] }
    }
    planes = taps.indices.map { index in
      (taps[index].description, Self.strongest(answers[0][index], count))
    }
    let columns = 1 + planes.reduce(0) { $0 + $1.planes.count }
    let gap = 2
    let (width, height) = (columns * (tile + gap), pictures.count * (tile + gap))
    var pixels = [UInt8](repeating: 40, count: width * height)
    func draw(_ values: [Float], _ rows: Int, _ sides: Int, _ most: Float, _ x: Int, _ y: Int) {
      for row in 0..<tile {
        for column in 0..<tile {
          let value = values[(row * rows / tile) * sides + column * sides / tile]
          let share = most > 0 ? min(max(value / most, 0), 1) : 0
          pixels[(y * (tile + gap) + row) * width + x * (tile + gap) + column] = UInt8(share * 255)
        }
      }
    }
    for (y, picture) in pictures.enumerated() {
      let area = picture.shape[1] * picture.shape[2]
      let grey = Array(picture.scalars(as: Float.self).prefix(area))
      let (low, high) = (grey.min() ?? 0, grey.max() ?? 1)
      draw(grey.map { $0 - low }, picture.shape[1], picture.shape[2], high - low, 0, y)
    }
    var x = 1
    for (index, (_, chosen)) in planes.enumerated() {
      let most = answers.map { $0[index].scalars(as: Float.self).max() ?? 0 }.max() ?? 0
      for plane in chosen {
        for y in pictures.indices {
          let maps = answers[y][index]
          let (rows, sides) = (maps.shape[2], maps.shape[3])
          let start = plane * rows * sides
          let values = Array(maps.scalars(as: Float.self)[start..<(start + rows * sides)])
          draw(values, rows, sides, most, x, y)
        }
        x += 1
      }
    }
    image = try Image(width: width, height: height, channels: 1, pixels: pixels)
  }

  /// The planes with the greatest sums, in their own order.
  private static func strongest(_ maps: HostTensor, _ count: Int) -> [Int] {
    let values = maps.scalars(as: Float.self)
    let area = max(maps.shape[2] * maps.shape[3], 1)
    let sums = (0..<maps.shape[1]).map { plane in
      values[(plane * area)..<((plane + 1) * area)].reduce(0, +)
    }
    return sums.indices.sorted { sums[$0] > sums[$1] }.prefix(count).sorted()
  }
}
