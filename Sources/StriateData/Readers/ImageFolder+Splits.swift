import StriateCore

extension ImageFolder {
  /// Reads the splits of a folder, or the one split that there is.
  ///
  /// Of a folder with nothing but another one in it, as archives leave them, that one is read. Test images without labels
  /// are left aside with a line.
  ///
  /// - Parameter given: folders that the user names; nil looks for the usual ones.
  /// - Throws: `DataError` as `init` does, where it cannot be told which folders are splits, and where a class of
  ///   another split is none of the training split.
  public static func splits(
    _ place: String, given: ImageFolderSplits? = nil, badFiles: BadFiles = .fail,
    decoding: ImageDecoding = ImageDecoding(), threads: Int? = nil
  ) throws(DataError) -> DataSource.ImageSplits {
    var (path, notes) = (place, [String]())
    let names: ImageFolderSplits
    if let given {
      names = given
    } else {
      let shape = try unwrapped(ImageFolderShape(place), &notes)
      path = shape.path
      names = try ImageFolderSplits(in: shape)
    }
    notes += names.notes
    func open(_ folder: String, _ classNames: [String]? = nil) throws(DataError) -> ImageFolder {
      try ImageFolder(
        folder, classNames: classNames, badFiles: badFiles, decoding: decoding, threads: threads)
    }
    /// The folder of a split, without one around its classes.
    func whole(_ folder: String) throws(DataError) -> String {
      if folder == "." { return path }
      let full = folder.hasPrefix("/") ? folder : "\(path)/\(folder)"
      return try unwrapped(split: full, isNamed: given != nil, &notes)
    }
    guard let training = names.train else {
      return DataSource.ImageSplits(train: try open(path), notes: notes)
    }
    let train = try open(whole(training))
    var (validation, test): (ImageFolder?, ImageFolder?)
    if let folder = names.validation {
      let full = try whole(folder)
      try check(full, train, names, path, isTest: false)
      validation = try open(full, train.classNames)
    }
    if let folder = names.test {
      let full = try whole(folder)
      if given == nil, try isUnlabelled(full, train.classNames) {
        notes.append(
          "\(full) is left aside: none of its folders is a class of \(training)/, so that its images have no labels"
        )
      } else {
        try check(full, train, names, path, isTest: true)
        test = try open(full, train.classNames)
      }
    }
    return DataSource.ImageSplits(train: train, validation: validation, test: test, notes: notes)
  }

  /// Whether no folder is a class, in whatever case.
  private static func isUnlabelled(
    _ path: String, _ classNames: [String]
  ) throws(DataError) -> Bool {
    Set(try Folder(path).folders.map { $0.lowercased() })
      .isDisjoint(with: classNames.map { $0.lowercased() })
  }

  /// Does nothing where all folders of a split are classes of the training split.
  private static func check(
    _ path: String, _ train: ImageFolder, _ names: ImageFolderSplits, _ place: String, isTest: Bool
  ) throws(DataError) {
    let known = Set(train.classNames)
    let unknown = try Folder(path).folders.filter { !known.contains($0) }
    let hasNoLabels = try isUnlabelled(path, train.classNames)
    guard hasNoLabels || !unknown.isEmpty else { return }
    let first = unknown.first ?? ""
    if let twin = train.classNames.first(where: { $0.lowercased() == first.lowercased() }) {
      throw DataError(
        .malformed,
        "the class \(first) is \(twin) in the training split: they differ in upper and lower case; rename one of them",
        path: path)
    }
    var rest = names
    if isTest { rest.test = nil } else { rest.validation = nil }
    let remedy =
      "leave this split out with imagefolder\(rest.description):\(place)"
      + (isTest ? "" : ", and hold images out with --val-split 0.1")
    throw DataError(
      .malformed,
      hasNoLabels
        ? "none of its folders is a class of the training split, so that its images have no labels; \(remedy)"
        : "the class \(first) is none of the training split's \(known.count); take that folder away, or \(remedy)",
      path: path)
  }

  /// The folder within, of one that has nothing but folders around others in it.
  private static func unwrapped(
    _ outer: ImageFolderShape, _ notes: inout [String]
  ) throws(DataError) -> ImageFolderShape {
    guard let (inner, aside) = within(outer, ImageFolderShape.depth), inner.path != outer.path
    else { return outer }
    notes.append("\(outer.path): reading \(inner.path), the only folder in it with images")
    if !aside.isEmpty {
      notes.append(
        "\(outer.path): \(Numbers.list(aside)) \(aside.count == 1 ? "has" : "have") no images and "
          + "\(aside.count == 1 ? "is" : "are") left aside")
    }
    return inner
  }

  /// Where splits, or else two classes, lie, below folders with nothing else in them; also the folders without images
  /// beside the way there.
  private static func within(
    _ shape: ImageFolderShape, _ depth: Int
  ) -> (ImageFolderShape, aside: [String])? {
    if shape.hasSplits { return (shape, []) }
    guard shape.images.isEmpty, depth > 0 else { return nil }
    let filled = shape.filled(2)
    if filled.count == 1, ImageFolderRole.read(filled[0])?.pattern != "*",
      let inner = shape.inside(filled[0]), let found = within(inner, depth - 1)
    {
      let aside = shape.folders.filter { $0 != filled[0] }
      if aside.isEmpty || found.0.hasSplits { return (found.0, aside + found.aside) }
    }
    return shape.folders.count > 1 || isTrainAlone(shape) ? (shape, []) : nil
  }

  private static func isTrainAlone(_ shape: ImageFolderShape) -> Bool {
    shape.folders.count == 1 && ImageFolderRole.read(shape.folders[0])?.pattern == "*"
  }

  /// The folder within a split's, of one that has nothing but a folder of the same name or, where the user did not name
  /// it, one around classes.
  private static func unwrapped(
    split path: String, isNamed: Bool, _ notes: inout [String]
  ) throws(DataError) -> String {
    let outer = try ImageFolderShape(path)
    guard outer.images.isEmpty, outer.folders.count == 1, let only = outer.folders.first,
      let inner = outer.inside(only)
    else { return path }
    let isDoubled = path.lowercased().hasSuffix("/\(only.lowercased())") && !inner.folders.isEmpty
    guard isDoubled || !isNamed && inner.images.isEmpty && inner.filled(2).count > 1 else {
      return path
    }
    notes.append("\(path): reading \(inner.path), the only folder in it")
    return inner.path
  }
}
