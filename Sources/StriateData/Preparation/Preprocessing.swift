import CImaging
import StriateCore

/// What is done to every image before a network sees it, whenever chance has no part in it: in evaluation,
/// in prediction, and before augmentations that keep the size.
///
/// The image is made grey or coloured, resized, cut to its middle, and normalised:
/// `(value / 255 − mean) / std`. It is kept with the weights, so that prediction does what testing did.
public struct Preprocessing: Sendable, Hashable {
  /// The shape of the result, `[C, H, W]`.
  public let input: Shape
  /// Pixels that the shorter side is resized to before the middle is cut out; nil resizes to exactly the
  /// extent of the input.
  public let resizeSize: Int?
  /// How resized images get their values.
  public let interpolation: Interpolation
  /// Which side is resampled first.
  public let resizeOrder: ResizeOrder
  /// The mean subtracted from each channel, on the scale from 0 to 1.
  public let mean: [Float]
  /// The deviation that each channel is divided by.
  public let std: [Float]
  /// The normalised value of each byte, 256 a channel.
  private let tables: [Float]

  /// A way to prepare images.
  ///
  /// - Throws: `DataError` where the shape is none of an image, or numbers make no sense.
  public init(
    input: Shape, resizeSize: Int?, interpolation: Interpolation = .bilinear,
    resizeOrder: ResizeOrder = .widthFirst, mean: [Float], std: [Float]
  ) throws(DataError) {
    guard input.rank == 3, (1...65536).contains(input[1]),
      (1...65536).contains(input[2])
    else {
      throw DataError(
        .invalidRequest, "the network takes \(input); images have a shape [channels, height, width]"
      )
    }
    if input[0] == 1 || input[0] == 3 {
      try Image.check(width: input[2], height: input[1], channels: input[0])
    } else {
      try DeepImage.check(width: input[2], height: input[1], channels: input[0])
    }
    if let resizeSize, !(1...65536).contains(resizeSize) {
      throw DataError(.invalidRequest, "images cannot be resized to \(resizeSize) pixels")
    }
    guard mean.count == input[0], std.count == input[0], mean.allSatisfy({ $0.isFinite }),
      std.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw DataError(
        .invalidRequest,
        "expected a mean and a positive std for each of \(input[0]) channels, found "
          + "\(mean) and \(std)")
    }
    self.input = input
    self.resizeSize = resizeSize
    self.interpolation = interpolation
    self.resizeOrder = resizeOrder
    self.mean = mean
    self.std = std
    tables = zip(mean, std).flatMap { mean, std in (0..<256).map { (Float($0) / 255 - mean) / std }
    }
  }

  /// The same for another input, of which the same share is cut out.
  ///
  /// - Throws: `DataError` where the input has other channels, or is no image's.
  public func adapted(to input: Shape) throws(DataError) -> Preprocessing {
    if input == self.input { return self }
    let side = input.rank == 3 ? Double(min(input[1], input[2])) : 0
    return try Preprocessing(
      input: input,
      resizeSize: resizeSize.map {
        whole(Double($0) * side / Double(min(size.width, size.height)))
      },
      interpolation: interpolation, resizeOrder: resizeOrder, mean: mean, std: std)
  }

  /// The extent of the input.
  public var size: ImageSize { ImageSize(width: input[2], height: input[1]) }

  /// The image with the input's channels, at its extent.
  ///
  /// - Throws: `DataError` where it would be too large.
  public func fit(_ image: Image) throws(DataError) -> Image {
    let image = colored(image)
    guard let resizeSize else {
      return try image.resized(size, interpolation, order: resizeOrder)
    }
    let wanted = image.size.shorterSide(resizeSize)
    // Of a very long image only the middle is enlarged, for nothing else is seen.
    if wanted.width * wanted.height > Image.pixelLimit / 3 {
      let middle = try image.middle(seenAt: resizeSize, through: size)
      return try middle.resized(
        middle.size.shorterSide(resizeSize), interpolation,
        heightFirst: resizeOrder.beginsWithHeight(from: image.size, to: wanted)
      )
      .centerCropped(to: size)
    }
    return try
      (wanted == image.size ? image : image.resized(wanted, interpolation, order: resizeOrder))
      .centerCropped(to: size)
  }

  /// The image with the input's channels.
  func colored(_ image: Image) -> Image { input[0] == 1 ? image.grey() : image.rgb() }

  /// Writes an image of the input's shape as normalised planes, zeros where it is blank.
  func write(
    _ image: Image, blanks: [ImageRect] = [], into input: UnsafeMutableBufferPointer<Float>
  ) throws(DataError) {
    guard image.size == size, image.channels == self.input[0], input.count == self.input.count,
      let target = input.baseAddress
    else {
      throw DataError(
        .invalidRequest,
        "an image of \(image.size) with \(image.channels) channels for \(self.input), and room for "
          + "\(input.count) values")
    }
    writePlanes(of: image, target)
    clear(blanks, in: input)
  }

  /// Writes zeros into rectangles of every plane.
  func clear(_ blanks: [ImageRect], in input: UnsafeMutableBufferPointer<Float>) {
    let plane = size.width * size.height
    for blank in blanks {
      let columns = blank.x..<max(blank.x, blank.x + blank.size.width)
      let rows = blank.y..<max(blank.y, blank.y + blank.size.height)
      let (inner, across) = (rows.clamped(to: 0..<size.height), columns.clamped(to: 0..<size.width))
      for channel in 0..<self.input[0] {
        for y in inner {
          for x in across { input[channel * plane + y * size.width + x] = 0 }
        }
      }
    }
  }

  /// Writes an image of any extent and the input's channels as normalised planes.
  ///
  /// - Throws: `DataError` where it has other channels, or there is not room for it.
  func writePlanes(
    of image: Image, into room: UnsafeMutableBufferPointer<Float>
  ) throws(DataError) {
    guard image.channels == input[0], room.count == image.pixels.count,
      let target = room.baseAddress
    else {
      throw DataError(
        .invalidRequest,
        "an image of \(image.size) with \(image.channels) channels, and room for \(room.count) values"
      )
    }
    writePlanes(of: image, target)
  }

  private func writePlanes(of image: Image, _ target: UnsafeMutablePointer<Float>) {
    image.pixels.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      si_planes(
        source, Int64(image.width * image.height), Int32(image.channels), tables, target)
    }
  }

  /// The prepared image as f32 of the input's shape.
  ///
  /// - Throws: `DataError` where it would be too large.
  public func tensor(_ image: Image) throws -> HostTensor {
    let fitted = try fit(image)
    return try HostTensor(type: TensorType(.float32, input)) { bytes in
      try write(fitted, into: bytes.bindMemory(to: Float.self))
    }
  }

  /// One line: `3×224×224: shorter side 256 (bilinear), middle; mean 0.485, …, std 0.229, …`.
  public var summary: String {
    let dims = input.dims.map(String.init).joined(separator: "×")
    let how =
      interpolation.rawValue + (resizeOrder == .widthFirst ? "" : ", \(resizeOrder.rawValue)")
    let sizing =
      resizeSize.map { "shorter side \($0) (\(how)), middle cut out" }
      ?? "resized to fit (\(how))"
    func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ", ") }
    return "\(dims): \(sizing); mean \(list(mean)); std \(list(std))"
  }
}

extension Image {
  /// The middle of a long image: what its centre shows once the shorter side is enlarged, and what filters reach beyond.
  fileprivate func middle(
    seenAt shorterSide: Int, through window: ImageSize
  ) throws(DataError) -> Image {
    let (short, long) = (min(width, height), max(width, height))
    let seen = max(window.width, window.height) * short / max(shorterSide, 1) + 1
    // As odd or even as the whole, so that the middles are the same; filters reach three pixels, or three of the target.
    let reach = 8 + 8 * short / max(shorterSide, 1)
    let kept = min(long, seen + 2 * reach + (long - seen) % 2)
    return try centerCropped(
      to: width > height
        ? ImageSize(width: kept, height: height) : ImageSize(width: width, height: kept))
  }
}
