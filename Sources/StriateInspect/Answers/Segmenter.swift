import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// A trained network for segmentation that answers images of any extent with masks of the same extent.
///
/// An image is prepared as those were that the network learned from; its logits are resampled to the image's extent,
/// bilinearly as torchvision's evaluation does, before the greatest of each pixel is taken.
public struct Segmenter {
  private let trained: TrainedSegmenter
  private let program: Program
  private let state: any ResidentState
  private let preprocessing: Preprocessing

  /// A segmenter on a device.
  ///
  /// - Throws: `TraceError`, `DataError` where the weights do not say how images are prepared and the usual way does not
  ///   fit, or the device's error.
  public init(_ trained: TrainedSegmenter, on device: Device) throws {
    self.trained = trained
    let usual = ChannelStatistics.photographs(channels: trained.input[0])
    preprocessing =
      try trained.metadata.preprocessing?.adapted(to: trained.input)
      ?? Preprocessing(
        input: trained.input, resizeSize: nil, mean: usual.mean, std: usual.std)
    guard preprocessing.resizeSize == nil else {
      throw InspectError(
        .usage,
        "the weights were trained on the middle of images, cut out at \(preprocessing.resizeSize ?? 0) pixels; masks "
          + "of whole images need weights that were trained with --val-resize-size 0")
    }
    let type = TensorType(.float32, Shape([1] + trained.input.dims))
    func compiled(_ model: some SegmentationNetwork) throws -> Program {
      try Program(
        on: device, options: TraceOptions(mode: .inference), naming: Naming(model)
      ) { builder in builder.output("out", model(builder.input("input", type)).out) }
    }
    program = try compiled(trained.model)
    let read = Set(program.graph.states.map(\.name))
    var weights = NamedTensors()
    for (name, value) in trained.weights where read.contains(name) { weights[name] = value }
    state = try program.state(weights)
  }

  /// The class of each pixel of an image.
  ///
  /// - Throws: `DataError` where it cannot be prepared, or the device's error.
  public func mask(of image: Image) throws -> Mask {
    let fitted = try preprocessing.fit(image)
    let tensor = try fitted.tensor(mean: preprocessing.mean, std: preprocessing.std)
    let type = Shape([1] + trained.input.dims)
    guard
      let logits = try program.run(["input": tensor.reshaped(type)], state: state)["out"]
    else { throw InspectError(.unanswered, "the network gives no logits") }
    let (classes, rows, columns) = (logits.shape[1], logits.shape[2], logits.shape[3])
    guard rows == trained.input[1], columns == trained.input[2] else {
      throw InspectError(
        .usage,
        "\(trained.entry.id) answers only the middle \(rows)×\(columns) of its input, so it has no mask for a whole "
          + "image")
    }
    return try logits.withUnsafeBytes { bytes in
      try GreatestClass(
        bytes.bindMemory(to: Float.self), classes: classes, rows: rows, columns: columns
      ).mask(width: image.width, height: image.height)
    }
  }
}

/// The class with the greatest logit at every pixel of a larger or smaller mask, a row at a time: no logits of the
/// mask's extent are ever held.
struct GreatestClass {
  private let logits: UnsafeBufferPointer<Float>
  private let (classes, rows, columns): (Int, Int, Int)

  init(_ logits: UnsafeBufferPointer<Float>, classes: Int, rows: Int, columns: Int) {
    self.logits = logits
    (self.classes, self.rows, self.columns) = (classes, rows, columns)
  }

  /// The mask, by bilinear interpolation between the centres of pixels (`align_corners=False`).
  func mask(width: Int, height: Int) throws -> Mask {
    var labels = [Int32](repeating: 0, count: width * height)
    var best = [Float](repeating: 0, count: width)
    let across = (0..<width).map { Self.place($0, columns, width) }
    for y in 0..<height {
      let (top, bottom, down) = Self.place(y, rows, height)
      for index in best.indices { best[index] = -.infinity }
      for label in 0..<classes {
        let upper = (label * rows + top) * columns
        let lower = (label * rows + bottom) * columns
        for (x, (left, right, share)) in across.enumerated() {
          let a = logits[upper + left] + (logits[upper + right] - logits[upper + left]) * share
          let b = logits[lower + left] + (logits[lower + right] - logits[lower + left]) * share
          let value = a + (b - a) * down
          if value > best[x] {
            best[x] = value
            labels[y * width + x] = Int32(label)
          }
        }
      }
    }
    return try Mask(width: width, height: height, labels: labels)
  }

  private static func place(_ at: Int, _ count: Int, _ wanted: Int) -> (Int, Int, Float) {
    let center = max((Float(at) + 0.5) * Float(count) / Float(max(wanted, 1)) - 0.5, 0)
    let first = min(Int(center), count - 1)
    return (first, min(first + 1, count - 1), center - Float(first))
  }
}
