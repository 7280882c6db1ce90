import StriateCore

/// Which folders hold the splits of images in folders.
public struct ImageFolderSplits: Sendable, Hashable {
  /// The training images; nil where the folder itself holds the classes.
  public var train: String?
  /// The images that choose the best weights.
  public var validation: String?
  /// The images that are measured once, at the end.
  public var test: String?
  /// What the user should know about what was found, a line each.
  public private(set) var notes: [String] = []

  /// Folders that the user names; those that do not begin with `/` lie below the data's folder.
  public init(train: String, validation: String? = nil, test: String? = nil) {
    (self.train, self.validation, self.test) = (train, validation, test)
  }

  /// The usual names of the splits, in whatever case.
  private static let roles: [(name: String, spellings: Set<String>)] = [
    ("train", ["train", "training"]), ("val", ["val", "valid", "validation", "dev"]),
    ("test", ["test", "testing"]),
  ]

  /// Looks for splits in a folder.
  ///
  /// They are `train` and one of `val` and `test`, or both, or `train` alone where nothing is beside it; else the folder
  /// holds the classes.
  ///
  /// - Throws: `DataError` where two folders are the same split in two spellings.
  init(in path: String, _ folders: [String]) throws(DataError) {
    var found: [String: String] = [:]
    for (role, spellings) in Self.roles {
      let names = folders.filter { spellings.contains($0.lowercased()) }
      guard let first = names.first else { continue }
      if names.count > 1 {
        throw DataError(
          .malformed,
          "has \(names.joined(separator: " and ")), which are both names of the same split; take one of them away, or "
            + "name the folders: imagefolder(train=\(found["train"] ?? names[0]),\(role)=\(first)):FOLDER",
          path: path)
      }
      found[role] = first
    }
    guard let train = found["train"], found.count > 1 || folders.count == 1 else { return }
    (self.train, validation, test) = (train, found["val"], found["test"])
    let others = folders.filter { name in !found.values.contains(name) }
    if !others.isEmpty {
      notes.append(
        "\(path): \(others.prefix(3).joined(separator: ", ")) \(others.count == 1 ? "is" : "are") no split and left aside"
      )
    }
  }

  /// Reads `train=A,val=B,test=C`.
  ///
  /// - Throws: `DataError` where it says something else.
  init(parsing text: some StringProtocol, of whole: String) throws(DataError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[1].isEmpty else {
        throw DataError(
          .invalidRequest,
          "\(whole): expected imagefolder(train=DIR,val=DIR,test=DIR):FOLDER, found '\(part)'")
      }
      switch sides[0] {
      case "train": train = String(sides[1])
      case "val": validation = String(sides[1])
      case "test": test = String(sides[1])
      default:
        throw DataError(
          .invalidRequest, "\(whole): the splits are train, val and test; found '\(sides[0])'")
      }
    }
    guard train != nil else {
      throw DataError(.invalidRequest, "\(whole): train=DIR is missing")
    }
  }

  /// As the command line has it: `(train=A,val=B)`.
  public var description: String {
    let parts = [
      train.map { "train=\($0)" }, validation.map { "val=\($0)" }, test.map { "test=\($0)" },
    ].compactMap { $0 }
    return "(\(parts.joined(separator: ",")))"
  }
}

extension ImageFolder {
  /// Reads the splits of a folder, or the one split that there is.
  ///
  /// Of a folder with nothing but another one in it, as archives leave them, that one is read. Test images without labels
  /// are left aside with a line.
  ///
  /// - Parameter given: folders that the user names; nil looks for the usual ones.
  /// - Throws: `DataError` as `init` does, and where a class of another split is none of the training split.
  public static func splits(
    _ place: String, given: ImageFolderSplits? = nil, badFiles: BadFiles = .fail,
    decoding: ImageDecoding = ImageDecoding(), threads: Int? = nil
  ) throws(DataError) -> DataSource.ImageSplits {
    var (path, notes) = (place, [String]())
    if given == nil {
      path = try unwrapped(place)
      if path != place { notes.append("\(place): reading \(path), the only folder in it") }
    }
    let names: ImageFolderSplits
    if let given {
      names = given
    } else {
      names = try ImageFolderSplits(in: path, Folder(path).folders)
    }
    notes += names.notes
    func open(_ folder: String, _ classNames: [String]? = nil) throws(DataError) -> ImageFolder {
      let full = folder.hasPrefix("/") ? folder : "\(path)/\(folder)"
      return try ImageFolder(
        full, classNames: classNames, badFiles: badFiles, decoding: decoding, threads: threads)
    }
    guard let training = names.train else {
      let whole = try ImageFolder(path, badFiles: badFiles, decoding: decoding, threads: threads)
      return DataSource.ImageSplits(train: whole, notes: notes)
    }
    let train = try open(training)
    let validation: ImageFolder? =
      if let folder = names.validation { try open(folder, train.classNames) } else { nil }
    var test: ImageFolder?
    if let folder = names.test {
      let full = folder.hasPrefix("/") ? folder : "\(path)/\(folder)"
      let inside = try Folder(full)
      if given == nil, Set(inside.folders).isDisjoint(with: train.classNames) {
        notes.append(
          "\(full) is left aside: none of its folders is a class of \(training)/, so that its images have no labels"
        )
      } else {
        test = try open(folder, train.classNames)
      }
    }
    return DataSource.ImageSplits(train: train, validation: validation, test: test, notes: notes)
  }

  /// The folder within, of one that has nothing but folders around others in it.
  private static func unwrapped(_ path: String) throws(DataError) -> String {
    let outer = try Folder(path)
    guard let only = outer.folders.first, outer.folders.count == 1,
      !outer.files.contains(where: ImageFormat.isNamedAsImage),
      try ImageFolderSplits(in: path, outer.folders).train == nil
    else { return path }
    let inner = try Folder("\(path)/\(only)")
    // Two classes at least, or splits, and no images beside them.
    let hasSplits = try ImageFolderSplits(in: "\(path)/\(only)", inner.folders).train != nil
    guard !inner.files.contains(where: ImageFormat.isNamedAsImage),
      inner.folders.count > 1 || hasSplits
    else { return path }
    return "\(path)/\(only)"
  }
}
