import StriateCore

/// Images of any size, prepared as samples of one shape; with an augmentation, each epoch sees them changed.
public struct TransformedDataset: LabelledDataset {
  /// The images.
  public let images: any ImageDataset
  /// How they become samples.
  public let preprocessing: Preprocessing
  /// How an epoch changes them; without draws nothing is changed.
  public let augmentation: Pipeline

  /// Prepared images.
  public init(
    _ images: any ImageDataset, _ preprocessing: Preprocessing, augmentation: Pipeline = .none
  ) {
    self.images = images
    self.preprocessing = preprocessing
    self.augmentation = augmentation
  }

  /// The number of samples.
  public var count: Int { images.count }
  /// The shape of one sample.
  public var inputShape: Shape { preprocessing.input }
  /// The names of the classes in the order of their labels.
  public var classNames: [String] { images.classNames }

  /// Writes a sample without augmentation and returns its label.
  ///
  /// - Throws: `DataError` where the image cannot be read.
  public func read(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) throws -> Int32 {
    let image = try images.image(at: index)
    try preprocessing.write(
      images.preparing(index) { () throws(DataError) in
        try preprocessing.fit(image)
      }, into: input)
    return try images.label(at: index)
  }

  /// Writes a sample as an epoch sees it and returns its label.
  ///
  /// - Throws: `DataError` where the image cannot be read.
  public func read(
    _ index: Int, draw: SampleDraw, into input: UnsafeMutableBufferPointer<Float>
  ) throws -> Int32 {
    if augmentation.steps.isEmpty { return try read(index, into: input) }
    var random = draw.stream(index)
    let (image, blanks) = try augmented(index, &random)
    try preprocessing.write(image, blanks: blanks, into: input)
    return try images.label(at: index)
  }

  /// The image that an epoch sees before it is normalised, for looking at.
  ///
  /// - Throws: `DataError` where the image cannot be read.
  public func augmented(_ index: Int, draw: SampleDraw) throws -> Image {
    var random = draw.stream(index)
    return try augmented(index, &random).0
  }

  private func augmented(
    _ index: Int, _ random: inout RandomStream
  ) throws -> (Image, [ImageRect]) {
    let size = preprocessing.size
    // A larger decoding than what it is shrunk to keeps the values close to those of a whole one.
    var minimum: Int?
    switch augmentation.steps.first {
    case let step as Resize: if case .shorterSide(let side) = step.goal { minimum = 2 * side }
    case let step as RandomResize: minimum = 2 * step.side.upperBound
    default: break
    }
    let whole = try images.image(at: index, minimum: minimum)
    return try images.preparing(index) { () throws(DataError) in
      let start =
        augmentation.setsSize
        ? preprocessing.colored(whole) : try preprocessing.fit(whole)
      let (image, blanks) = try augmentation.apply(start, for: size, &random)
      return (try finished(image, size), blanks)
    }
  }

  /// An image of the network's extent: the middle, after enlarging what is too small.
  private func finished(_ image: Image, _ size: ImageSize) throws(DataError) -> Image {
    if image.size == size { return image }
    if image.width >= size.width, image.height >= size.height {
      return try image.centerCropped(to: size)
    }
    let factor = max(
      Double(size.width) / Double(image.width), Double(size.height) / Double(image.height))
    let larger = ImageSize(
      width: max(whole(Double(image.width) * factor), size.width),
      height: max(whole(Double(image.height) * factor), size.height))
    return try image.resized(
      larger, preprocessing.interpolation, order: preprocessing.resizeOrder
    )
    .centerCropped(to: size)
  }
}

extension ImageDataset {
  /// Does something with an image that was read.
  ///
  /// - Throws: `DataError` that names the image, whose file is sound but cannot be prepared.
  func preparing<Result>(
    _ index: Int, _ prepare: () throws(DataError) -> Result
  ) throws(DataError) -> Result {
    do throws(DataError) {
      return try prepare()
    } catch {
      throw DataError(
        .invalidRequest,
        "\(name(at: index)) is read, but cannot be prepared: \(error.message); take that image away, or prepare images "
          + "in another way", cause: error)
    }
  }
}
