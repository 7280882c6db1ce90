import StriateCore

/// JPEG and PNG files in a folder a class, as torchvision's `ImageFolder` reads them.
///
/// The classes are the folders inside, in the order of their names; a class holds the images in its folder
/// and in all folders below, those of one folder after the other, both in the order of their names. Links
/// are followed, also to folders, unless they lead back to a folder above. Names that begin with a point
/// are left out. What an image is, its content tells: one without a telling name counts, and other files
/// do not.
public struct ImageFolder: ImageDataset {
  /// The folder.
  public let path: String
  /// The names of the classes in the order of their labels.
  public let classNames: [String]
  /// What the user should know: empty classes, files that are no images, images outside the classes.
  public let warnings: [String]
  /// The files that were left out because they could not be read.
  public let badFiles: [BadFile]
  /// The files that are no images, below the folder.
  public let otherFiles: [String]
  private let entries: [Entry]
  private let folders: [String]
  private let decoding: ImageDecoding

  /// An image file.
  struct Entry: Sendable {
    var folder: Int32
    var label: Int32
    var name: String
  }

  /// Reads a folder of classes.
  ///
  /// - Parameters:
  ///   - classNames: the classes that there are, as when a test split goes with a training split; by
  ///     default the folders inside.
  ///   - badFiles: what is done with files that should be images and cannot be read.
  ///   - decoding: how the files are decoded; its `minimum` is replaced by each call's.
  ///   - threads: threads that look at the files; by default as many as there are processors.
  /// - Throws: `DataError` where there is no such folder, it has no classes or images, or files cannot be
  ///   read and are not to be left out.
  public init(
    _ path: String, classNames: [String]? = nil, badFiles policy: BadFiles = .fail,
    decoding: ImageDecoding = ImageDecoding(), threads: Int? = nil
  ) throws(DataError) {
    let listing = try ImageFolderListing(path, classNames: classNames)
    let found = listing.entries.count
    let verdicts = listing.look(decodes: policy == .skip, threads: threads ?? Folder.processors)
    var bad = listing.unreadable
    var other: [String] = []
    var entries: [Entry] = []
    for (entry, verdict) in zip(listing.entries, verdicts) {
      let name = "\(listing.folders[Int(entry.folder)])/\(entry.name)"
      switch verdict {
      case .image: entries.append(entry)
      case .other: other.append(name)
      case .bad(let reason): bad.append(BadFile(name: name, reason: reason))
      }
    }
    if policy == .fail || entries.isEmpty, !bad.isEmpty {
      throw ImageProbe.refusal(bad, of: found - other.count + listing.unreadable.count, path: path)
    }
    guard !entries.isEmpty else {
      throw DataError(
        .notFound, "has no JPEG or PNG image in its class folders; expected FOLDER/CLASS/IMAGE",
        path: path)
    }
    self.path = path
    self.classNames = listing.classNames
    self.entries = entries
    folders = listing.folders
    badFiles = bad
    otherFiles = other
    self.decoding = decoding
    warnings = listing.warnings(images: entries, other: other, bad: bad)
  }

  /// The number of images.
  public var count: Int { entries.count }

  /// Decodes an image.
  ///
  /// - Throws: `DataError` where there is no such image, or it cannot be decoded.
  public func image(at index: Int, minimum: Int?) throws -> Image {
    var decoding = decoding
    decoding.minimum = minimum
    return try Image(file: file(index), decoding: decoding)
  }

  /// The class of an image.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func label(at index: Int) throws -> Int32 {
    guard entries.indices.contains(index) else { throw DataError.noSample(index, count) }
    return entries[index].label
  }

  /// The extent of an image; of a JPEG file its header tells.
  ///
  /// - Throws: `DataError` where there is no such image, or it cannot be decoded.
  public func size(at index: Int) throws -> ImageSize {
    if let size = try JPEGHeader.size(ofFile: file(index), orients: decoding.orients) {
      return size
    }
    return try image(at: index).size
  }

  /// The path of an image's file.
  public func name(at index: Int) -> String { (try? file(index)) ?? "#\(index)" }

  private func file(_ index: Int) throws(DataError) -> String {
    guard entries.indices.contains(index) else { throw .noSample(index, count) }
    return "\(folders[Int(entries[index].folder)])/\(entries[index].name)"
  }
}
