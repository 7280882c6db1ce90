import StriateCore

/// The splits that folders are named after.
enum ImageFolderRole: String, CaseIterable {
  case train
  case val
  case test

  private var spellings: Set<String> {
    switch self {
    case .train: ["train", "training"]
    case .val: ["val", "valid", "validation", "dev"]
    case .test: ["test", "testing"]
    }
  }

  /// The split that a name speaks of, and the rest of the name with a star in its place, in small letters: `*` of
  /// `Training`, `seg_*` of `seg_train`, `*2017` of `val2017`; nil where it speaks of none, or of two.
  static func read(_ name: String) -> (role: ImageFolderRole, pattern: String)? {
    var found: (ImageFolderRole, String)?
    let letters = Array(name.lowercased())
    var start = 0
    while start < letters.count {
      let end = letters[start...].firstIndex { !$0.isLetter } ?? letters.count
      let word = String(letters[start..<end])
      if let role = allCases.first(where: { $0.spellings.contains(word) }) {
        if found != nil { return nil }
        found = (role, String(letters[..<start]) + "*" + String(letters[end...]))
      }
      start = end + 1
    }
    return found
  }
}

/// Folders next to each other that are named after splits in one way: `train`, `Valid`; `seg_train`, `seg_test`.
struct ImageFolderRoles {
  /// `*`, `seg_*`.
  let pattern: String
  /// The folders of each split, in their order; more than one where it is there in two spellings.
  private(set) var names: [ImageFolderRole: [String]] = [:]

  /// The ways in which folders are named after splits, the plain one first.
  static func all(_ folders: [String]) -> [ImageFolderRoles] {
    var found: [String: ImageFolderRoles] = [:]
    for folder in folders {
      guard let (role, pattern) = ImageFolderRole.read(folder) else { continue }
      found[pattern, default: ImageFolderRoles(pattern: pattern)].names[role, default: []].append(
        folder)
    }
    return found.values.sorted {
      ($0.isPlain ? 0 : 1, $0.pattern) < ($1.isPlain ? 0 : 1, $1.pattern)
    }
  }

  private init(pattern: String) { self.pattern = pattern }

  /// Whether the names are those of the splits and nothing else.
  var isPlain: Bool { pattern == "*" }
  /// Whether there is something to learn from and something to measure on.
  var areSplits: Bool { names[.train] != nil && names.count > 1 }
  /// All folders.
  var folders: [String] { ImageFolderRole.allCases.flatMap { names[$0] ?? [] } }

  subscript(_ role: ImageFolderRole) -> String? { names[role]?.first }

  /// How the user names these folders, each once: `imagefolder(train=Training,val=valid):FOLDER`.
  func source(_ path: String, without left: ImageFolderRole? = nil) -> String {
    let parts = ImageFolderRole.allCases.filter { $0 != left }.compactMap { role in
      self[role].map { "\(role.rawValue)=\($0)" }
    }
    let given = names[.train] == nil ? ["train=DIR"] + parts : parts
    return "imagefolder(\(given.joined(separator: ","))):\(path)"
  }
}

/// Where images lie below a folder, as far as it tells splits from classes.
struct ImageFolderShape {
  let path: String
  let folders: [String]
  /// Files right inside whose names are images'.
  let images: [String]

  /// Folders inside folders that are looked into at most.
  static let depth = 16

  /// - Throws: `DataError` where it is missing or may not be read.
  init(_ path: String) throws(DataError) {
    let inside = try Folder(path)
    (self.path, folders) = (path, inside.folders)
    images = inside.files.filter(ImageFormat.isNamedAsImage)
  }

  /// A folder inside; one that cannot be read is empty here and an error where it is used.
  func inside(_ name: String) -> ImageFolderShape? { try? ImageFolderShape("\(path)/\(name)") }

  /// Whether images lie in it or anywhere below.
  func holdsImages(_ depth: Int = ImageFolderShape.depth) -> Bool {
    if !images.isEmpty { return true }
    return depth > 0 && folders.contains { inside($0)?.holdsImages(depth - 1) ?? false }
  }

  /// Whether images lie right inside and in no folder below, as those of a class, or without labels.
  var isFlat: Bool {
    !images.isEmpty && !folders.contains { inside($0)?.holdsImages() ?? false }
  }

  /// The folders that hold images, at most so many.
  func filled(_ most: Int = .max) -> [String] {
    var found: [String] = []
    for name in folders where found.count < most {
      if inside(name)?.holdsImages() ?? false { found.append(name) }
    }
    return found
  }

  /// Whether folders inside are splits.
  var hasSplits: Bool { ImageFolderRoles.all(folders).contains(where: \.areSplits) }
}
