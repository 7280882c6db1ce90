import StriateCore

/// The files below a folder of classes, before any is looked at.
struct ImageFolderListing: Sendable {
  let path: String
  var classNames: [String]
  /// The folders that hold files.
  var folders: [String] = []
  var entries: [ImageFolder.Entry] = []
  /// Files and folders that cannot be reached.
  var unreadable: [BadFile] = []
  /// Images beside the class folders.
  private var outside: [String] = []

  /// Folders inside folders at most.
  private static let depth = 64

  init(_ path: String, classNames given: [String]?) throws(DataError) {
    self.path = path
    let root = try Folder(path)
    outside = root.files.filter(ImageFormat.isNamedAsImage)
    classNames = given ?? root.folders
    guard !root.folders.isEmpty else {
      throw DataError(
        .notFound,
        !outside.isEmpty
          ? "has \(Numbers.counted(outside.count, "image")) but no class folders; expected FOLDER/CLASS/IMAGE"
          : "has no class folders; expected FOLDER/CLASS/IMAGE", path: path)
    }
    let labels = Dictionary(
      classNames.enumerated().map { ($0.element, Int32(clamping: $0.offset)) },
      uniquingKeysWith: { first, _ in first })
    for name in root.folders {
      guard let label = labels[name] else {
        throw DataError(
          .malformed, "the class \(name) is none of the training split's \(classNames.count)",
          path: path)
      }
      let above = Folder.Identity(path).map { [$0] } ?? []
      var found: [(folder: String, files: [String])] = []
      walk("\(path)/\(name)", above: above, into: &found)
      for (folder, files) in found.sorted(by: { Folder.precedes($0.folder, $1.folder) }) {
        let number = Int32(clamping: folders.count)
        folders.append(folder)
        entries += files.map { ImageFolder.Entry(folder: number, label: label, name: $0) }
      }
    }
  }

  /// Collects the files of a folder and of those below; links that lead to a folder above are not followed.
  private mutating func walk(
    _ folder: String, above: [Folder.Identity],
    into found: inout [(folder: String, files: [String])]
  ) {
    guard above.count <= ImageFolderListing.depth, let identity = Folder.Identity(folder),
      !above.contains(identity)
    else { return }
    do throws(DataError) {
      let inside = try Folder(folder)
      found.append((folder, inside.files))
      unreadable += inside.unreadable.map {
        BadFile(name: "\(folder)/\($0)", reason: "the name is no UTF-8; rename it")
      }
      for name in inside.folders {
        walk("\(folder)/\(name)", above: above + [identity], into: &found)
      }
    } catch {
      unreadable.append(BadFile(name: folder, reason: error.message))
    }
  }

  /// Looks at every file.
  func look(decodes: Bool, threads: Int) -> [ImageProbe.Verdict] {
    ImageProbe.verdicts(entries.count, threads: threads) { index in
      let entry = entries[index]
      return ImageProbe.file("\(folders[Int(entry.folder)])/\(entry.name)", decodes: decodes)
    }
  }

  /// What the user should know, a line each.
  func warnings(images: [ImageFolder.Entry], other: [String], bad: [BadFile]) -> [String] {
    var lines: [String] = []
    let used = Set(images.map(\.label))
    let empty = classNames.enumerated().filter { !used.contains(Int32(clamping: $0.offset)) }
      .map(\.element)
    if !empty.isEmpty {
      lines.append(
        "\(path): \(Numbers.counted(empty.count, "class", "classes")) without images: \(Numbers.list(empty))"
      )
    }
    if !other.isEmpty {
      lines.append(
        "\(path): \(Numbers.counted(other.count, "file is no image", "files are no images")): "
          + Numbers.list(other))
    }
    if !outside.isEmpty {
      lines.append(
        "\(path): \(Numbers.counted(outside.count, "image lies", "images lie")) outside the class folders and "
          + "\(outside.count == 1 ? "is" : "are") not used: \(Numbers.list(outside))")
    }
    if !bad.isEmpty {
      lines.append(
        "\(path): \(Numbers.counted(bad.count, "file")) cannot be read and \(bad.count == 1 ? "is" : "are") left out: "
          + Numbers.list(bad.map(\.description)))
    }
    return lines
  }
}
