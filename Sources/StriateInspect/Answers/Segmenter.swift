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
    preprocessing = try trained.preprocessing()
    program = try trained.program(
      on: device, extents: Array(trained.input.dims.dropFirst()), naming: Naming(trained.model))
    state = try program.state(trained.weights(of: program))
  }

  /// The class of each pixel of an image.
  ///
  /// - Throws: `DataError` where it cannot be prepared, or the device's error.
  public func mask(of image: Image) throws -> Mask {
    let fitted = try preprocessing.fit(image)
    return try mask(
      of: fitted.tensor(mean: preprocessing.mean, std: preprocessing.std), image.size)
  }

  /// The class of each pixel of the image in a file, and the image as the eye sees it.
  ///
  /// Files of 16 bits and TIFF files are read with all of their bits and channels, as all are for networks that take
  /// other than 1 or 3 channels.
  ///
  /// - Parameters:
  ///   - inverts: whether bright and dark are swapped, in files of bytes.
  ///   - givesProbabilities: whether the probability of each class at each pixel is given too, f32 `[C, H, W]`.
  /// - Throws: `DataError` naming what cannot be read or prepared, or the device's error.
  public func answer(
    file path: String, inverts: Bool = false, givesProbabilities: Bool = false
  ) throws -> Answer {
    let (tensor, image) = try prepared(path, inverts)
    return try withAnswer(to: tensor) { logits in
      Answer(
        mask: try logits.mask(width: image.width, height: image.height), image: image,
        probabilities: givesProbabilities
          ? try logits.probabilities(width: image.width, height: image.height) : nil)
    }
  }

  /// What is said about an image.
  public struct Answer: Sendable {
    /// The class of each pixel.
    public let mask: Mask
    /// The image as the eye sees it.
    public let image: Image
    /// The probability of each class at each pixel, f32 `[C, H, W]`; nil where it was not asked for.
    public let probabilities: HostTensor?
  }

  /// The input of the image in a file, and the image as the eye sees it.
  private func prepared(
    _ path: String, _ inverts: Bool
  ) throws -> (tensor: HostTensor, image: Image) {
    guard try DeepImage.isDeep(file: path) || ![1, 3].contains(trained.input[0]) else {
      let image = try Image(file: path)
      let seen = inverts ? image.inverted() : image
      return (try preprocessing.tensor(seen), seen)
    }
    if inverts {
      throw InspectError(
        .usage, "\(path) has other than 8 bits or 1 or 3 channels; leave --invert out")
    }
    let image = try DeepImage(file: path)
    return (try preprocessing.tensor(image), try image.preview())
  }

  private func mask(of tensor: HostTensor, _ size: ImageSize) throws -> Mask {
    try withAnswer(to: tensor) { try $0.mask(width: size.width, height: size.height) }
  }

  private func withAnswer<Result>(
    to tensor: HostTensor, _ body: (GreatestClass) throws -> Result
  ) throws -> Result {
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
      try body(
        GreatestClass(
          bytes.bindMemory(to: Float.self), classes: classes, rows: rows, columns: columns))
    }
  }
}

extension TrainedSegmenter {
  /// How images were prepared that the network learned from.
  ///
  /// - Throws: `InspectError` where it learned from the middle of images, `DataError` where nothing is said and the
  ///   usual way does not fit.
  func preprocessing() throws -> Preprocessing {
    let usual = ChannelStatistics.photographs(channels: input[0])
    let preprocessing =
      try metadata.preprocessing?.adapted(to: input)
      ?? Preprocessing(input: input, resizeSize: nil, mean: usual.mean, std: usual.std)
    guard preprocessing.resizeSize == nil else {
      throw InspectError(
        .usage,
        "the weights were trained on the middle of images, cut out at \(preprocessing.resizeSize ?? 0) pixels; masks "
          + "of whole images need weights that were trained with --val-resize-size 0")
    }
    return preprocessing
  }

  /// The network from an image `input` of these extents to its logits `out`.
  func program(on device: Device, extents: [Int], naming: Naming) throws -> Program {
    let type = TensorType(.float32, Shape([1, input[0]] + extents))
    func compiled(_ model: some SegmentationNetwork) throws -> Program {
      try Program(on: device, options: TraceOptions(mode: .inference), naming: naming) { builder in
        builder.output("out", model(builder.input("input", type)).out)
      }
    }
    return try compiled(model)
  }

  /// The weights that a program reads.
  func weights(of program: Program) -> NamedTensors {
    let read = Set(program.graph.states.map(\.name))
    var result = NamedTensors()
    for (name, value) in weights where read.contains(name) { result[name] = value }
    return result
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

  /// The probability of each class at each pixel, f32 `[C, H, W]`: softmax of the interpolated logits.
  func probabilities(width: Int, height: Int) throws -> HostTensor {
    let (plane, across) = (width * height, (0..<width).map { Self.place($0, columns, width) })
    var values = [Float](repeating: 0, count: classes * plane)
    var pixel = [Float](repeating: 0, count: classes)
    for y in 0..<height {
      let (top, bottom, down) = Self.place(y, rows, height)
      for (x, (left, right, share)) in across.enumerated() {
        for label in 0..<classes {
          let upper = (label * rows + top) * columns
          let lower = (label * rows + bottom) * columns
          let a = logits[upper + left] + (logits[upper + right] - logits[upper + left]) * share
          let b = logits[lower + left] + (logits[lower + right] - logits[lower + left]) * share
          pixel[label] = a + (b - a) * down
        }
        let greatest = pixel.max() ?? 0
        let powers = pixel.map { exp($0 - greatest) }
        let sum = powers.reduce(0, +)
        for (label, power) in powers.enumerated() {
          values[label * plane + y * width + x] = power / sum
        }
      }
    }
    return try HostTensor(values, shape: [classes, height, width])
  }

  private static func place(_ at: Int, _ count: Int, _ wanted: Int) -> (Int, Int, Float) {
    let center = max((Float(at) + 0.5) * Float(count) / Float(max(wanted, 1)) - 0.5, 0)
    let first = min(Int(center), count - 1)
    return (first, min(first + 1, count - 1), center - Float(first))
  }
}
