/// Image files in a folder a class; `train/`, `val/` and `test/` inside, or one split; or folders that are named.
public struct ImageFolderData: DataKind {
  /// The folder.
  public let folder: String
  /// The folders of the splits, where they are named.
  public let splits: ImageFolderSplits?

  public static let names = ["imagefolder"]
  public static let forms = ["imagefolder:FOLDER"]
  public static let takesOptions = true

  public init(_ name: DataName) throws(DataError) {
    let splits: ImageFolderSplits? =
      if let options = name.options {
        try ImageFolderSplits(parsing: options[...], of: name.text)
      } else {
        nil
      }
    self.init(folder: try name.place("imagefolder:FOLDER"), splits: splits)
  }

  init(folder: String, splits: ImageFolderSplits?) { (self.folder, self.splits) = (folder, splits) }

  public var description: String { "imagefolder\(splits?.description ?? ""):\(folder)" }

  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    try ImageFolder.splits(folder, given: splits, badFiles: badFiles)
  }
}

/// ILSVRC's folders of synsets, and its validation images with the development kit's labels.
public struct ILSVRCData: DataKind {
  /// The folder.
  public let folder: String

  public static let names = ["ilsvrc"]
  public static let forms = ["ilsvrc:FOLDER"]

  public init(_ name: DataName) throws(DataError) { folder = try name.place("ilsvrc:FOLDER") }

  init(folder: String) { self.folder = folder }

  public var description: String { "ilsvrc:\(folder)" }

  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    try ILSVRC.splits(folder, badFiles: badFiles)
  }
}

/// Tar files of images and labels; a pattern holds ranges such as `{000..012}`, `*` and `?`.
public struct WebDatasetData: DataKind {
  /// The files to learn from.
  public let train: String
  /// The files to measure on; nil for none.
  public let test: String?
  /// Which images and labels of a sample are taken.
  public let keys: WebDatasetKeys

  public static let names = ["webdataset"]
  public static let forms = ["webdataset:PATTERN[#TEST-PATTERN]"]
  public static let takesOptions = true

  public init(_ name: DataName) throws(DataError) {
    let keys =
      if let options = name.options {
        try WebDatasetKeys(parsing: options[...], of: name.text)
      } else {
        WebDatasetKeys()
      }
    let (train, test) = try name.marked("webdataset:PATTERN or webdataset:PATTERN#TEST-PATTERN")
    self.init(train: train, test: test, keys: keys)
  }

  init(train: String, test: String?, keys: WebDatasetKeys) {
    (self.train, self.test, self.keys) = (train, test, keys)
  }

  public var description: String {
    "webdataset\(keys.description):\(train)" + (test.map { "#\($0)" } ?? "")
  }

  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    let first = try WebDataset(train, keys: keys, badFiles: badFiles)
    let second: WebDataset? =
      if let test {
        try WebDataset(test, keys: keys, classNames: first.classNames, badFiles: badFiles)
      } else {
        nil
      }
    return DataSource.ImageSplits(train: first, test: second)
  }
}

extension DataKind where Self == ImageFolderData {
  /// Image files in a folder a class.
  public static func imageFolder(folder: String, splits: ImageFolderSplits? = nil) -> Self {
    ImageFolderData(folder: folder, splits: splits)
  }
}

extension DataKind where Self == ILSVRCData {
  /// ILSVRC's folders of synsets.
  public static func ilsvrc(folder: String) -> Self { ILSVRCData(folder: folder) }
}

extension DataKind where Self == WebDatasetData {
  /// Tar files of images and labels.
  public static func webDataset(
    train: String, test: String?, keys: WebDatasetKeys = WebDatasetKeys()
  ) -> Self {
    WebDatasetData(train: train, test: test, keys: keys)
  }
}
