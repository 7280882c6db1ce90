/// The parts of data that are images with masks.
public struct MaskedSplits: Sendable {
  /// The images to learn from.
  public let train: MaskedImages
  /// The images that choose the best weights; nil where there are none apart.
  public let validation: MaskedImages?
  /// The images that are measured once, at the end; nil where there are none.
  public let test: MaskedImages?
  /// What the user should know about how they were found, a line each.
  public let notes: [String]

  /// Parts that belong together.
  public init(
    train: MaskedImages, validation: MaskedImages? = nil, test: MaskedImages? = nil,
    notes: [String] = []
  ) {
    (self.train, self.validation, self.test, self.notes) = (train, validation, test, notes)
  }
}

/// A kind of data that are images with masks.
public protocol MaskedKind: DataKind {
  /// Opens the images and looks at every mask.
  ///
  /// - Throws: `DataError` naming and counting what cannot be used.
  func masks(badFiles: BadFiles) throws(DataError) -> MaskedSplits
}

extension MaskedKind {
  public var isOfMasks: Bool { true }

  /// Refused: there is no one class an image.
  public func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits {
    throw DataError(
      .invalidRequest,
      "\(self) is of images with masks, for the task segment; classes a folder are imagefolder:FOLDER"
    )
  }

  public func load(_ request: DataSource.Request, of source: DataSource) throws -> DataSplits {
    try source.loadMasks(try masks(badFiles: request.preparation.badFiles ?? .fail), request)
  }
}

/// Folders of images and masks, see `SegmentationFolder`.
public struct SegmentationFolderData: MaskedKind {
  /// The folder.
  public let folder: String
  /// Whether masks hold numbers of objects.
  public let instances: Bool

  public static let names = ["segfolder", "instances"]
  public static let forms = names.map { "\($0):FOLDER" }

  public init(_ name: DataName) throws(DataError) {
    folder = try name.place("\(name.kind):FOLDER")
    instances = name.kind == "instances"
  }

  public var description: String { "\(instances ? "instances" : "segfolder"):\(folder)" }

  public func masks(badFiles: BadFiles) throws(DataError) -> MaskedSplits {
    let found = try SegmentationFolder(folder, instances: instances, badFiles: badFiles)
    return MaskedSplits(train: found.train, validation: found.validation, test: found.test)
  }
}
