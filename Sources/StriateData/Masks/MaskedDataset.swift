import StriateCore

/// Images with masks, prepared as examples of one shape: `input`, f32 `[C, H, W]`, and `labels`, i32 `[H, W]`.
///
/// Geometry moves image and mask together, the mask by its nearest pixels; colours are the image's alone. What comes in
/// from outside the image does not count. Pixels that do not count are labelled `MaskedImages.usualIgnored`, whatever
/// number the files have for them.
public struct MaskedDataset: Dataset {
  /// The images and masks.
  public let source: MaskedImages
  /// How images become inputs.
  public let preprocessing: Preprocessing
  /// How an epoch changes them; without draws nothing is changed.
  public let augmentation: Pipeline
  /// Whether images are read with all of their bits and channels.
  private let isDeep: Bool

  /// Prepared images with their masks.
  ///
  /// - Throws: `DataError` where the augmentation has a transform that masks cannot follow.
  public init(
    _ source: MaskedImages, _ preprocessing: Preprocessing, augmentation: Pipeline = .none
  ) throws(DataError) {
    if let step = augmentation.refusedByMasks {
      throw DataError(
        .invalidRequest,
        "'\(step)' changes images in a way that masks cannot follow; leave it out of --augment")
    }
    let isDeep = source.isDeep || ![1, 3].contains(preprocessing.input[0])
    if isDeep, let step = augmentation.changingColors {
      throw DataError(
        .invalidRequest,
        "'\(step)' changes colours of bytes, and the images have 16 bits, other than 1 or 3 channels, or are TIFF "
          + "files; leave it out of --augment")
    }
    self.isDeep = isDeep
    self.source = source
    self.preprocessing = preprocessing
    self.augmentation = augmentation
  }

  /// The number of examples.
  public var count: Int { source.count }
  /// The names of the classes in the order of their labels.
  public var classNames: [String] { source.classNames }

  /// An image and the class of each of its pixels.
  public var signature: Signature {
    let size = preprocessing.size
    return Signature([
      Port("input", .float32, preprocessing.input, axes: ["C", "H", "W"], role: .input),
      Port("labels", .int32, [size.height, size.width], axes: ["H", "W"], role: .target),
    ])
  }

  /// Writes an image and its labels.
  ///
  /// - Throws: `DataError` naming the file that cannot be read or prepared.
  public func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws {
    guard source.pairs.indices.contains(index) else { throw DataError.noSample(index, count) }
    let pair = source.pairs[index]
    let bytes = isDeep ? nil : try Image(file: pair.image)
    let deep = isDeep ? try DeepImage(file: pair.image) : nil
    let mask = try self.bytes(of: source.mask(index))
    var random = draw.map { $0.stream(index) }
    do throws(DataError) {
      var moved = mask
      if let image = bytes {
        let (finished, own, blanks) = try prepared(image, mask, &random)
        try preprocessing.write(finished, blanks: blanks, into: example.values(0))
        moved = own
      } else if let image = deep {
        moved = try write(image, mask, &random, into: example.values(0))
      }
      let labels = example.values(1, as: Int32.self)
      guard labels.count == moved.pixels.count else {
        throw DataError(.invalidRequest, "expected room for \(moved.pixels.count) labels")
      }
      let ignored = Int32(MaskedImages.usualIgnored)
      for (place, byte) in moved.pixels.enumerated() {
        labels[place] = byte == 0 ? ignored : Int32(byte) - 1
      }
    } catch {
      throw DataError(
        .invalidRequest, "\(pair.image) is read, but cannot be prepared: \(error.message)",
        cause: error)
    }
  }

  /// A mask as an image of one channel: a byte more than each label, and 0 where a pixel does not count.
  private func bytes(of mask: Mask) throws(DataError) -> Image {
    try mask.check(classes: classNames.count, ignoring: source.ignoring)
    return try Image(
      width: mask.width, height: mask.height, channels: 1,
      pixels: mask.labels.map { Int($0) == source.ignoring ? 0 : UInt8(truncatingIfNeeded: $0 + 1) }
    )
  }

  private func prepared(
    _ image: Image, _ mask: Image, _ random: inout RandomStream?
  ) throws(DataError) -> (Image, Image, [ImageRect]) {
    guard mask.size == image.size else {
      throw DataError(
        .malformed, "its mask has \(mask.size) pixels, the image \(image.size)")
    }
    guard var stream = random, !augmentation.steps.isEmpty else {
      return (try preprocessing.fit(image), try fitted(mask), [])
    }
    let sets = augmentation.setsSize
    let start = sets ? preprocessing.colored(image) : try preprocessing.fit(image)
    let (changed, moved, blanks) = try augmentation.apply(
      start, mask: sets ? mask : try fitted(mask), for: preprocessing.size, &stream)
    random = stream
    let size = preprocessing.size
    if changed.size == size { return (changed, moved, blanks) }
    return (try changed.centerCropped(to: size), try moved.centerCropped(to: size), blanks)
  }

  /// Writes a deep image and returns its mask.
  private func write(
    _ image: DeepImage, _ mask: Image, _ random: inout RandomStream?,
    into input: UnsafeMutableBufferPointer<Float>
  ) throws(DataError) -> Image {
    guard mask.size == image.size else {
      throw DataError(
        .malformed, "its mask has \(mask.size) pixels, the image \(image.size)")
    }
    guard var stream = random, !augmentation.steps.isEmpty else {
      try preprocessing.write(try preprocessing.fit(image), into: input)
      return try fitted(mask)
    }
    let (size, sets) = (preprocessing.size, augmentation.setsSize)
    let start =
      sets
      ? try image.with(channels: preprocessing.input[0]) : try preprocessing.fit(image)
    var (map, moved, blanks) = try augmentation.apply(
      PixelMap(start.size), mask: sets ? mask : try fitted(mask), for: size, &stream)
    random = stream
    if moved.size != size {
      map.image = try map.image.centerCropped(to: size)
      moved = try moved.centerCropped(to: size)
    }
    try preprocessing.write(start, through: map, blanks: blanks, into: input)
    return moved
  }

  /// A mask at the extent of the input, as `Preprocessing.fit` has the image.
  private func fitted(_ mask: Image) throws(DataError) -> Image {
    let size = preprocessing.size
    guard let side = preprocessing.resizeSize else { return try mask.resized(size, .nearest) }
    return try mask.resized(mask.size.shorterSide(side), .nearest).centerCropped(to: size)
  }
}
