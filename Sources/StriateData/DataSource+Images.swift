import StriateCore

extension DataSource {
  /// The splits as images; `limit` is left to the caller.
  public typealias ImageSplits = (train: any ImageDataset, test: (any ImageDataset)?)

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
    case .imageFolder(let folder): return try ImageFolder.splits(folder, badFiles: badFiles)
    case .ilsvrc(let folder): return try ILSVRC.splits(folder, badFiles: badFiles)
    case .webDataset(let train, let test):
      let first = try WebDataset(train, badFiles: badFiles)
      guard let test else { return (first, nil) }
      return (first, try WebDataset(test, classNames: first.classNames, badFiles: badFiles))
    }
  }

  private func idx(_ files: IDXFiles, _ names: [String]) throws(DataError) -> ImageSplits {
    let train = try IDXDataset(
      images: files.trainImages, labels: files.trainLabels, classNames: names)
    let test = try IDXDataset(
      images: files.testImages, labels: files.testLabels, classNames: train.classNames)
    return (train, test)
  }

  private func cifar(_ folder: String, coarse: Bool) throws(DataError) -> ImageSplits {
    let files = try CIFARFiles(folder: folder, coarse: coarse)
    return (
      try CIFARBinary(files, files: files.train, coarse: coarse),
      try CIFARBinary(files, files: files.test, coarse: coarse)
    )
  }
}
