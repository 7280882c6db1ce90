import StriateCore

extension DataSource {
  /// Makes splits of images with masks.
  ///
  /// Images are resized to the extent of the input as a whole, so that every pixel counts, unless `resizeSize` says
  /// otherwise.
  ///
  /// - Throws: `DataError` where data are missing or damaged, or the request does not fit them.
  func loadMasks(_ found: MaskedSplits, _ request: Request) throws -> DataSplits {
    guard var shape = request.preparation.input ?? request.modelInput else {
      throw DataError(
        .invalidRequest, "the images of \(self) have no one size; give --input, such as 3,256,256")
    }
    var choices = request.preparation
    choices.resizeSize = choices.resizeSize ?? 0
    let isDeep = found.train.isDeep
    if isDeep, request.preparation.input == nil, shape.rank == 3,
      let first = found.train.pairs.first
    {
      // Images of microscopes and satellites say how many channels there are.
      let image = try DeepImage(file: first.image)
      shape = [image.hasAlpha ? image.channels - 1 : image.channels, shape[1], shape[2]]
    }
    let channels = shape.rank > 0 ? shape[0] : 0
    let (mean, std): ([Float], [Float]) =
      switch choices.normalization {
      case .given(let mean, let std): (mean, std)
      case nil where !isDeep && (channels == 1 || channels == 3):
        ChannelStatistics.photographs(channels: channels)
      case .measured, nil:
        try ChannelStatistics.measured(found.train.pairs.map(\.image), channels: channels)
      }
    let preprocessing = try choices.preprocessing(shape, isFixed: false, mean: mean, std: std)
    func fixed(_ images: MaskedImages) throws(DataError) -> MaskedDataset {
      try MaskedDataset(images, preprocessing)
    }
    let train = try MaskedDataset(
      found.train, preprocessing, augmentation: request.augmentation)
    var (learned, held) = (Array(0..<train.count), MaskedSelection?.none)
    if let validation = found.validation {
      if request.preparation.validation != nil {
        throw DataError(
          .invalidRequest,
          "\(self) has validation images of its own, which choose the best weights; leave --val-split out"
        )
      }
      if found.test == nil || !request.allowsOneSplit {
        held = MaskedSelection(validation)
      }
    } else if let share = request.preparation.validation {
      let order = SampleOrder.shuffled(
        train.count, by: RandomStream(seed: request.seed, "validation", 0))
      let count = min(max(Int((Double(train.count) * share).rounded()), 1), train.count - 1)
      guard count > 0 else {
        throw DataError(.invalidRequest, "too few images to hold some out: \(train.count)")
      }
      learned = order.dropFirst(count).sorted()
      held = MaskedSelection(found.train, order.prefix(count).sorted())
    }
    if let limit {
      guard limit <= learned.count else {
        throw DataError(
          .invalidRequest,
          "\(self): the training split has \(learned.count) images, fewer than \(limit)")
      }
      let order = SampleOrder.shuffled(learned.count, by: RandomStream(seed: 0, "subset"))
      learned = order.prefix(limit).map { learned[$0] }
    }
    let one = request.allowsOneSplit ? MaskedSelection(found.train) : nil
    guard let measured = held ?? found.test.map(MaskedSelection.init) ?? one else {
      throw DataError(
        .invalidRequest,
        "\(self) has no test split; hold out a part of it with --val-split, such as --val-split 0.1"
      )
    }
    var splits = DataSplits(
      train: learned.count == train.count && limit == nil
        ? train : try Subset(train, indices: learned),
      test: try measured.indices.count == measured.images.count
        ? fixed(measured.images) : Subset(fixed(measured.images), indices: measured.indices),
      name: description, mean: preprocessing.mean, std: preprocessing.std)
    splits.preprocessing = preprocessing
    splits.masks = (MaskedSelection(found.train, learned), measured)
    splits.final = held == nil ? nil : try found.test.map(fixed)
    splits.isHeldOut = held != nil
    splits.isOneSplit = held == nil && found.test == nil
    splits.notes = found.notes
    for images in [found.train, found.validation, found.test].compactMap({ $0 }) {
      if let first = images.badFiles.first {
        let others = images.badFiles.count > 1 ? " and \(images.badFiles.count - 1) more" : ""
        splits.notes.append("left out what cannot be used: \(first)\(others)")
      }
    }
    return splits
  }
}
