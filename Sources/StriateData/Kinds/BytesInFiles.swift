/// A data set known by name, as a kind of data.
public struct NamedData: DataKind {
  /// The data set.
  public let dataset: KnownDataset

  public static var names: [String] { KnownDataset.allCases.map(\.rawValue) }
  public static var forms: [String] { names }

  public init(_ name: DataName) throws(DataError) {
    guard name.place == nil, let dataset = KnownDataset(rawValue: name.kind) else {
      throw DataError(
        .invalidRequest,
        "\(name.text): \(name.kind) is known by name and has no place behind it; write \(name.kind)"
      )
    }
    self.dataset = dataset
  }

  init(_ dataset: KnownDataset) { self.dataset = dataset }

  public var description: String { dataset.rawValue }
  public var isOfPhotographs: Bool { false }
  /// Digits have a right way round.
  public var mayBeMirrored: Bool { dataset != .mnist }
  public var isPlain: Bool { dataset == .fashionMNIST || dataset == .mnist }
  public var statistics: (mean: [Float], std: [Float])? { dataset.statistics }

  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    let folder = try dataset.find()
    return isPlain
      ? try IDXData.images(IDXFiles(folder: folder, prefix: nil), dataset.classNames)
      : try CIFARData(folder: folder, coarse: false).images(badFiles: badFiles)
  }

  public func plain() throws(DataError) -> (train: IDXDataset, test: IDXDataset)? {
    guard isPlain else { return nil }
    let files = try IDXFiles(folder: try dataset.find(), prefix: nil)
    let (mean, std) = dataset.statistics
    func split(_ images: String, _ labels: String) throws(DataError) -> IDXDataset {
      try IDXDataset(
        images: images, labels: labels, mean: mean[0], std: std[0], classNames: dataset.classNames)
    }
    return (
      try split(files.trainImages, files.trainLabels), try split(files.testImages, files.testLabels)
    )
  }
}

/// Files in IDX format in a folder, their names beginning with `PREFIX-` where there is one.
public struct IDXData: DataKind {
  /// The folder.
  public let folder: String
  /// What the names begin with; nil for nothing.
  public let prefix: String?

  public static let names = ["idx"]
  public static let forms = ["idx:FOLDER[#PREFIX]"]

  public init(_ name: DataName) throws(DataError) {
    (folder, prefix) = try name.marked("idx:FOLDER or idx:FOLDER#PREFIX")
  }

  init(folder: String, prefix: String?) { (self.folder, self.prefix) = (folder, prefix) }

  public var description: String { "idx:\(folder)" + (prefix.map { "#\($0)" } ?? "") }
  public var isOfPhotographs: Bool { false }
  public var isPlain: Bool { true }

  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    try Self.images(IDXFiles(folder: folder, prefix: prefix), [])
  }

  static func images(
    _ files: IDXFiles, _ names: [String]
  ) throws(DataError) -> DataSource.ImageSplits {
    let train = try IDXDataset(
      images: files.trainImages, labels: files.trainLabels, classNames: names)
    let test = try IDXDataset(
      images: files.testImages, labels: files.testLabels, classNames: train.classNames)
    return DataSource.ImageSplits(train: train, test: test)
  }

  public func plain() throws(DataError) -> (train: IDXDataset, test: IDXDataset)? {
    let files = try IDXFiles(folder: folder, prefix: prefix)
    let (mean, std) = IDXDataset.statistics(of: try IDXArray(path: files.trainImages))
    let train = try IDXDataset(
      images: files.trainImages, labels: files.trainLabels, mean: mean, std: std)
    let test = try IDXDataset(
      images: files.testImages, labels: files.testLabels, mean: mean, std: std,
      classNames: train.classNames)
    return (train, test)
  }
}

/// The binary version of CIFAR-10 or CIFAR-100 in a folder; coarse labels are CIFAR-100's 20 groups.
public struct CIFARData: DataKind {
  /// The folder.
  public let folder: String
  /// Whether labels are those of the groups.
  public let coarse: Bool

  public static let names = ["cifar"]
  public static let forms = ["cifar:FOLDER[#coarse]"]

  public init(_ name: DataName) throws(DataError) {
    let expected = "cifar:FOLDER or cifar:FOLDER#coarse"
    let (folder, labels) = try name.marked(expected)
    guard labels == nil || labels == "coarse" || labels == "fine" else {
      throw DataError(.invalidRequest, "\(name.text): expected \(expected)")
    }
    self.init(folder: folder, coarse: labels == "coarse")
  }

  init(folder: String, coarse: Bool) { (self.folder, self.coarse) = (folder, coarse) }

  public var description: String { "cifar:\(folder)" + (coarse ? "#coarse" : "") }
  public var isOfPhotographs: Bool { false }
  public var mayBeMirrored: Bool { true }

  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    let files = try CIFARFiles(folder: folder, coarse: coarse)
    return DataSource.ImageSplits(
      train: try CIFARBinary(files, files: files.train, coarse: coarse),
      test: try CIFARBinary(files, files: files.test, coarse: coarse))
  }
}

extension DataKind where Self == NamedData {
  /// A data set known by name.
  public static func named(_ dataset: KnownDataset) -> Self { NamedData(dataset) }
}

extension DataKind where Self == IDXData {
  /// Files in IDX format in a folder.
  public static func idx(folder: String, prefix: String?) -> Self {
    IDXData(folder: folder, prefix: prefix)
  }
}

extension DataKind where Self == CIFARData {
  /// The binary version of CIFAR-10 or CIFAR-100 in a folder.
  public static func cifar(folder: String, coarse: Bool) -> Self {
    CIFARData(folder: folder, coarse: coarse)
  }
}
