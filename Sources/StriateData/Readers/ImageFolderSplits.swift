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

  /// Folders that the user names; those that do not begin with `/` lie below the data's folder, which `.` is.
  public init(train: String, validation: String? = nil, test: String? = nil) {
    (self.train, self.validation, self.test) = (train, validation, test)
  }

  /// Looks for splits in a folder.
  ///
  /// They are `train` and one of `val` and `test`, or both, in any of the usual spellings, all with the same words around
  /// (`seg_train`, `seg_test`), or `train` alone where no images are beside it; else the folder holds the classes.
  ///
  /// - Throws: `DataError` where that cannot be told: two folders are the same split, or splits lie where classes should.
  init(in shape: ImageFolderShape) throws(DataError) {
    let ways = ImageFolderRoles.all(shape.folders)
    if let roles = ways.first(where: \.areSplits) {
      try self.init(roles, in: shape, ways)
    } else {
      try self.init(alone: ways.first { $0.isPlain }, in: shape)
    }
  }

  /// Splits that are there.
  private init(
    _ roles: ImageFolderRoles, in shape: ImageFolderShape, _ ways: [ImageFolderRoles]
  ) throws(DataError) {
    if !roles.isPlain, let other = ways.last(where: \.areSplits), other.pattern != roles.pattern {
      throw DataError(
        .malformed,
        "has splits twice, \(roles.folders.joined(separator: ", ")) and \(other.folders.joined(separator: ", ")); "
          + "choose: \(roles.source(shape.path)) or \(other.source(shape.path))", path: shape.path)
    }
    for role in ImageFolderRole.allCases {
      guard let names = roles.names[role], names.count > 1 else { continue }
      throw DataError(
        .malformed,
        "has \(names.joined(separator: " and ")), which are both names of the same split; take one of them away, or "
          + "name the folders: \(roles.source(shape.path))", path: shape.path)
    }
    let others = shape.folders.filter { !roles.folders.contains($0) }
    if let train = roles[.train], shape.inside(train)?.isFlat ?? false {
      // Photographs of trains beside some of buses are classes; alone they may be either.
      if others.contains(where: { shape.inside($0)?.holdsImages() ?? false }) { return }
      throw Self.ambiguous(train, roles, shape)
    }
    (train, validation, test) = (roles[.train], roles[.val], roles[.test])
    if !roles.isPlain {
      notes.append("\(shape.path): read as \(roles.source(shape.path))")
    }
    note(leftAside: others, shape)
  }

  /// Folders that are no splits, or one that is and stands alone.
  private init(alone roles: ImageFolderRoles?, in shape: ImageFolderShape) throws(DataError) {
    if let roles {
      let named = roles.folders
      let others = shape.folders.filter { !named.contains($0) }
      let hasClasses = others.contains { shape.inside($0)?.holdsImages() ?? false }
      if let train = roles[.train], !hasClasses, roles.names[.train]?.count == 1 {
        if shape.inside(train)?.isFlat ?? false { throw Self.ambiguous(train, roles, shape) }
        self.train = train
        note(leftAside: others, shape)
        return
      }
      if let name = named.first(where: { !(shape.inside($0)?.isFlat ?? true) }) {
        throw DataError(
          .malformed,
          "has \(name)/ with folders in it, but no \(roles[.train] == nil ? "train/" : "val/ or test/") beside it, so "
            + "that it may be a split or a class; name the folders: \(roles.source(shape.path)), or take all as classes: "
            + "imagefolder(train=.):\(shape.path)", path: shape.path)
      }
      if let name = named.first, !hasClasses { throw Self.ambiguous(name, roles, shape) }
    }
    // Splits where classes should be; a data set of hundreds of classes has none.
    guard shape.folders.count <= 64,
      let deeper = shape.folders.first(where: { shape.inside($0)?.hasSplits ?? false }),
      let inner = shape.inside(deeper)
    else { return }
    let names = ImageFolderRoles.all(inner.folders).first(where: \.areSplits)
    throw DataError(
      .malformed,
      "has \(shape.folders.prefix(3).joined(separator: ", ")), of which \(deeper)/ holds splits and is no class; "
        + "take one: \(names?.source(inner.path) ?? "imagefolder(train=DIR):\(inner.path)"), or all as classes: "
        + "imagefolder(train=.):\(shape.path)", path: shape.path)
  }

  private static func ambiguous(
    _ name: String, _ roles: ImageFolderRoles, _ shape: ImageFolderShape
  ) -> DataError {
    let count = shape.inside(name)?.images.count ?? 0
    return DataError(
      .malformed,
      "has \(Numbers.counted(count, "image")) right in \(name)/, but no class folders there; expected "
        + "FOLDER/SPLIT/CLASS/IMAGE, as \(roles.source(shape.path)) wants it; where these folders are the classes, write "
        + "imagefolder(train=.):\(shape.path). Boxes and labels in text files are not read",
      path: shape.path)
  }

  private mutating func note(leftAside others: [String], _ shape: ImageFolderShape) {
    if !others.isEmpty {
      notes.append(
        "\(shape.path): \(Numbers.list(others)) \(others.count == 1 ? "is no split" : "are no splits") and left aside"
      )
    }
    if !shape.images.isEmpty {
      notes.append(
        "\(shape.path): \(Numbers.counted(shape.images.count, "image lies", "images lie")) beside the splits and "
          + "\(shape.images.count == 1 ? "is" : "are") not used: \(Numbers.list(shape.images))")
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
