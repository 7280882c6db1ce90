import StriateCore

extension DataSource {
  /// The splits as images; `limit` is left to the caller.
  public struct ImageSplits: Sendable {
    /// The images to learn from.
    public var train: any ImageDataset
    /// The images that choose the best weights; nil where the data have none apart.
    public var validation: (any ImageDataset)?
    /// The images to measure on; nil where the data have none.
    public var test: (any ImageDataset)?
    /// What the user should know about how the splits were found, a line each.
    public var notes: [String]

    /// Splits that belong together.
    public init(
      train: any ImageDataset, validation: (any ImageDataset)? = nil,
      test: (any ImageDataset)? = nil, notes: [String] = []
    ) {
      (self.train, self.validation, self.test, self.notes) = (train, validation, test, notes)
    }
  }

  /// Finds the data and opens them as images, before any transform.
  ///
  /// - Parameter badFiles: what is done with files that cannot be read as images.
  /// - Returns: the splits; the test split is nil where the data have only one.
  /// - Throws: `DataError` where files are missing or damaged, or there is no image.
  public func images(badFiles: BadFiles = .fail) throws(DataError) -> ImageSplits {
    switch kind {
    case .named(let dataset):
      let folder = try dataset.find()
      switch dataset {
      case .cifar10, .cifar100: return try cifar(folder, coarse: false)
      case .fashionMNIST, .mnist:
        return try idx(IDXFiles(folder: folder, prefix: nil), dataset.classNames)
      }
    case .idx(let folder, let prefix): return try idx(IDXFiles(folder: folder, prefix: prefix), [])
    case .cifar(let folder, let coarse): return try cifar(folder, coarse: coarse)
    case .imageFolder(let folder, let splits):
      return try ImageFolder.splits(folder, given: splits, badFiles: badFiles)
    case .ilsvrc(let folder): return try ILSVRC.splits(folder, badFiles: badFiles)
    case .segmentationFolder:
      throw DataError(
        .invalidRequest,
        "\(self) is of images with masks, for the task segment; classes a folder are imagefolder:FOLDER"
      )
    case .webDataset(let train, let test, let keys):
      let first = try WebDataset(train, keys: keys, badFiles: badFiles)
      let second: WebDataset? =
        if let test {
          try WebDataset(test, keys: keys, classNames: first.classNames, badFiles: badFiles)
        } else {
          nil
        }
      return ImageSplits(train: first, test: second)
    }
  }

  private func idx(_ files: IDXFiles, _ names: [String]) throws(DataError) -> ImageSplits {
    let train = try IDXDataset(
      images: files.trainImages, labels: files.trainLabels, classNames: names)
    let test = try IDXDataset(
      images: files.testImages, labels: files.testLabels, classNames: train.classNames)
    return ImageSplits(train: train, test: test)
  }

  private func cifar(_ folder: String, coarse: Bool) throws(DataError) -> ImageSplits {
    let files = try CIFARFiles(folder: folder, coarse: coarse)
    return ImageSplits(
      train: try CIFARBinary(files, files: files.train, coarse: coarse),
      test: try CIFARBinary(files, files: files.test, coarse: coarse))
  }
}
