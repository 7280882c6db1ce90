import StriateCore

extension DataSource {
  /// What decides how data become splits, beside the data themselves.
  public struct Request: Sendable {
    /// What the user decides about the way from images to samples.
    public var preparation = DataPreparation()
    /// How each epoch changes training samples.
    public var augmentation = Pipeline.none
    /// The shape of one input that the network is known for, `[C, H, W]`.
    public var modelInput: Shape?
    /// The seed that chooses the samples held out.
    public var seed: UInt64 = 0
    /// The classes that a trained network tells apart, whose labels images in files get; empty for the
    /// data's own.
    public var classNames: [String] = []
    /// Whether data of one split may be used without holding some of it out, as to test on all.
    public var allowsOneSplit = false

    /// Data as they are.
    public init() {}
  }

  /// Finds the data and makes splits of them that a network can learn from.
  ///
  /// Data in IDX format are read without a detour as long as nothing is asked for that changes images.
  ///
  /// - Throws: `DataError` where data are missing or damaged, or the request does not fit them.
  public func load(_ request: Request) throws -> DataSplits {
    try request.preparation.validate()
    return try kind.load(request, of: self)
  }

  /// IDX data as they are, with samples held out where that is asked for.
  func loadPlain(_ request: Request) throws -> DataSplits {
    var splits = try load()
    guard let share = request.preparation.validation else { return splits }
    let train = splits.train
    let labels = try (0..<train.count).map { try train.label(at: $0) }
    let parts = try Holdout(
      Array(0..<train.count), labels: labels, share: share, seed: request.seed)
    splits.final = splits.test
    splits.isHeldOut = true
    splits.train = try Subset(train, indices: parts.training)
    splits.test = try Subset(train, indices: parts.validation)
    return splits
  }

  func loadImages(_ request: Request) throws -> DataSplits {
    let images = try labeledImages(request)
    let (train, test) = (images.train, images.test)
    if images.validation != nil, request.preparation.validation != nil {
      throw DataError(
        .invalidRequest,
        "\(self) has validation images of its own, which choose the best weights; leave --val-split out"
      )
    }
    let preprocessing = try preprocessing(request, train)
    var samples = try limited(train.count)
    var left: [BadFile] = []
    if request.augmentation.keepsProportions {
      (samples, left) = try train.fitting(
        samples, badFiles: request.preparation.badFiles ?? .fail,
        refusal: request.augmentation.refusal)
    }
    let augmented = TransformedDataset(train, preprocessing, augmentation: request.augmentation)
    var final = test.map { TransformedDataset($0, preprocessing) }
    var held: (any Dataset)?
    if let validation = images.validation.map({ TransformedDataset($0, preprocessing) }) {
      // A test is on the test images; where there are none, on those that chose the weights.
      if final == nil {
        final = validation
      } else if !request.allowsOneSplit {
        held = validation
      }
    }
    if let share = request.preparation.validation {
      let parts = try Holdout(
        samples, labels: try samples.map { try train.label(at: $0) }, share: share,
        seed: request.seed)
      held = try Subset(TransformedDataset(train, preprocessing), indices: parts.validation)
      samples = parts.training
    }
    let one = request.allowsOneSplit ? TransformedDataset(train, preprocessing) : nil
    guard let measured = held ?? final ?? one else {
      throw DataError(
        .invalidRequest,
        "\(self) has no test split; hold out a part of it with --val-split, such as --val-split 0.1"
          + (images.notes.isEmpty ? "" : " (\(images.notes.joined(separator: "; ")))"))
    }
    var splits = DataSplits(
      train: samples.count == train.count && held == nil && limit == nil
        ? augmented : try Subset(augmented, indices: samples),
      test: measured, name: description, mean: preprocessing.mean, std: preprocessing.std)
    splits.preprocessing = preprocessing
    splits.isOneSplit = held == nil && final == nil
    splits.final = held == nil ? nil : final
    splits.isHeldOut = held != nil
    splits.notes =
      images.notes + notes(train) + train.note(leftOut: left) + (images.validation.map(notes) ?? [])
      + (test.map(notes) ?? [])
    return splits
  }

  /// The splits as images, with the labels that a trained network has for their classes.
  private func labeledImages(_ request: Request) throws -> ImageSplits {
    let images = try images(badFiles: request.preparation.badFiles ?? .fail)
    guard isOfPhotographs, !request.classNames.isEmpty else { return images }
    func relabeled(_ images: any ImageDataset) throws -> RelabeledImages {
      try RelabeledImages(images, classNames: request.classNames)
    }
    return ImageSplits(
      train: try relabeled(images.train), validation: try images.validation.map(relabeled),
      test: try images.test.map(relabeled), notes: images.notes)
  }

  private func notes(_ images: any ImageDataset) -> [String] {
    guard let first = images.badFiles.first else { return images.warnings }
    let others = images.badFiles.count > 1 ? " and \(images.badFiles.count - 1) more" : ""
    let line = "left out what cannot be read: \(first)\(others)"
    return images.warnings.contains { $0.contains(first.name) }
      ? images.warnings : images.warnings + [line]
  }

  /// The samples of the training split that the limit leaves.
  private func limited(_ count: Int) throws(DataError) -> [Int] {
    guard let limit else { return Array(0..<count) }
    guard limit <= count else {
      throw DataError(
        .invalidRequest,
        "\(self): the training split has \(count) samples, fewer than \(limit); leave '@\(limit)' out to "
          + "take all, as --data \(DataSource(kind))")
    }
    let order = SampleOrder.shuffled(count, by: RandomStream(seed: 0, "subset"))
    return Array(order.prefix(limit))
  }

  // MARK: Preparation

  private func preprocessing(
    _ request: Request, _ train: any ImageDataset
  ) throws -> Preprocessing {
    let choices = request.preparation
    let own = ownShape(train)
    guard let shape = choices.input ?? own ?? request.modelInput else {
      throw DataError(
        .invalidRequest, "the images of \(self) have no one size; give --input, such as 3,224,224")
    }
    let channels = shape.rank > 0 ? shape[0] : 0
    guard channels == 1 || channels == 3 else {
      throw DataError(
        .invalidRequest, "samples of images have a shape [1 or 3, height, width], found \(shape)")
    }
    func made(_ mean: [Float], _ std: [Float]) throws(DataError) -> Preprocessing {
      try choices.preprocessing(shape, isFixed: own != nil, mean: mean, std: std)
    }
    switch choices.normalization {
    case .given(let mean, let std): return try made(mean, std)
    case .measured: break
    case nil:
      let usual = ownStatistics(train) ?? ChannelStatistics.photographs(channels: channels)
      if usual.mean.count == channels || usual.mean.count == 1 {
        return try made(usual.mean, usual.std)
      }
    }
    let (mean, std) = try ChannelStatistics.measured(
      train, try limited(train.count), try made([0], [1]))
    return try made(mean, std)
  }

  /// The shape that every image has; nil where they differ.
  private func ownShape(_ images: any ImageDataset) -> Shape? {
    switch images {
    case let images as IDXDataset: images.inputShape
    case is CIFARBinary: [3, CIFARBinary.side, CIFARBinary.side]
    default: nil
    }
  }

  /// The statistics that are known of the data.
  private func ownStatistics(_ images: any ImageDataset) -> (mean: [Float], std: [Float])? {
    if let known = kind.statistics { return known }
    switch images {
    case let images as IDXDataset:
      let (mean, std) = images.statistics
      return ([mean], [std])
    case let images as CIFARBinary:
      return (images.version == .cifar10 ? KnownDataset.cifar10 : .cifar100).statistics
    default: return nil
    }
  }
}
