import StriateCore

/// Where data come from, as the command line names it.
///
/// `fashion-mnist`, `idx:FOLDER[#PREFIX]`, `cifar:FOLDER[#coarse]`, `imagefolder[(train=DIR,val=DIR,test=DIR)]:FOLDER`,
/// `ilsvrc:FOLDER`, `webdataset[(image=ENDING,label=ENDING)]:PATTERN[#TEST-PATTERN]`, `segfolder:FOLDER`, `instances:FOLDER`; `@N` after any of them limits the training split.
public struct DataSource: Sendable, Hashable, CustomStringConvertible {
  /// The kinds of data that can be read.
  public enum Kind: Sendable, Hashable {
    /// A data set known by name.
    case named(KnownDataset)
    /// Files in IDX format in a folder, their names beginning with `PREFIX-` where there is one.
    case idx(folder: String, prefix: String?)
    /// The binary version of CIFAR-10 or CIFAR-100 in a folder; coarse labels are CIFAR-100's 20 groups.
    case cifar(folder: String, coarse: Bool)
    /// Image files in a folder a class; `train/`, `val/` and `test/` inside, or one split; or folders that are named.
    case imageFolder(folder: String, splits: ImageFolderSplits? = nil)
    /// ILSVRC's folders of synsets, and its validation images with the development kit's labels.
    case ilsvrc(folder: String)
    /// Tar files of images and labels; a pattern holds ranges such as `{000..012}`, `*` and `?`.
    case webDataset(train: String, test: String?, keys: WebDatasetKeys = WebDatasetKeys())
    /// Images with masks, see `SegmentationFolder`.
    case segmentationFolder(folder: String, instances: Bool)
  }

  /// The kind of data and where they are.
  public var kind: Kind
  /// How many training samples are used; nil for all.
  public var limit: Int?

  /// A source of this kind.
  public init(_ kind: Kind, limit: Int? = nil) {
    self.kind = kind
    self.limit = limit
  }

  /// What can be given, for help and messages.
  public static let known =
    KnownDataset.allCases.map(\.rawValue) + [
      "idx:FOLDER[#PREFIX]", "cifar:FOLDER[#coarse]", "imagefolder:FOLDER",
      "ilsvrc:FOLDER", "webdataset:PATTERN[#TEST-PATTERN]", "segfolder:FOLDER", "instances:FOLDER",
    ]

  /// Reads the command line's way of naming data.
  ///
  /// - Throws: `DataError` with suggestions where the name is not known.
  public static func parse(_ text: String) throws(DataError) -> DataSource {
    let (name, limit) = try splitLimit(text)
    if let dataset = KnownDataset(rawValue: name) {
      return DataSource(.named(dataset), limit: limit)
    }
    guard let mark = name.firstIndex(of: ":") else { throw unknown(name) }
    let place = String(name[name.index(after: mark)...])
    if let keys = try webDatasetKeys(name[..<mark], text) {
      let expected = "webdataset:PATTERN or webdataset:PATTERN#TEST-PATTERN"
      let (train, test) = try splitMark(place, text, expected)
      return DataSource(.webDataset(train: train, test: test, keys: keys), limit: limit)
    }
    if let splits = try imageFolderSplits(name[..<mark], text) {
      guard !place.isEmpty else {
        throw DataError(.invalidRequest, "\(text): expected imagefolder:FOLDER")
      }
      return DataSource(.imageFolder(folder: place, splits: splits.given), limit: limit)
    }
    switch name[..<mark] {
    case "idx":
      let (folder, prefix) = try splitMark(place, text, "idx:FOLDER or idx:FOLDER#PREFIX")
      return DataSource(.idx(folder: folder, prefix: prefix), limit: limit)
    case "cifar":
      let expected = "cifar:FOLDER or cifar:FOLDER#coarse"
      let (folder, labels) = try splitMark(place, text, expected)
      guard labels == nil || labels == "coarse" || labels == "fine" else {
        throw DataError(.invalidRequest, "\(text): expected \(expected)")
      }
      return DataSource(.cifar(folder: folder, coarse: labels == "coarse"), limit: limit)
    case "ilsvrc":
      guard !place.isEmpty else {
        throw DataError(.invalidRequest, "\(text): expected ilsvrc:FOLDER")
      }
      return DataSource(.ilsvrc(folder: place), limit: limit)
    case "segfolder", "instances":
      guard !place.isEmpty else {
        throw DataError(.invalidRequest, "\(text): expected \(name[..<mark]):FOLDER")
      }
      let kind = Kind.segmentationFolder(folder: place, instances: name[..<mark] == "instances")
      return DataSource(kind, limit: limit)
    default: throw unknown(name)
    }
  }

  /// Names the source and reads it.
  ///
  /// - Throws: `DataError` where the name is not known or the files are missing or damaged.
  public static func load(_ text: String) throws(DataError) -> DataSplits {
    try parse(text).load()
  }

  /// The source as the command line names it.
  public var description: String {
    let name =
      switch kind {
      case .named(let dataset): dataset.rawValue
      case .idx(let folder, let prefix): "idx:\(folder)" + (prefix.map { "#\($0)" } ?? "")
      case .cifar(let folder, let coarse): "cifar:\(folder)" + (coarse ? "#coarse" : "")
      case .imageFolder(let folder, let splits):
        "imagefolder\(splits?.description ?? ""):\(folder)"
      case .ilsvrc(let folder): "ilsvrc:\(folder)"
      case .segmentationFolder(let folder, let instances):
        "\(instances ? "instances" : "segfolder"):\(folder)"
      case .webDataset(let train, let test, let keys):
        "webdataset\(keys.description):\(train)" + (test.map { "#\($0)" } ?? "")
      }
    return name + (limit.map { "@\($0)" } ?? "")
  }

  /// The folders of `imagefolder(train=…)`, none of `imagefolder`; nil for other kinds of data.
  private static func imageFolderSplits(
    _ kind: Substring, _ text: String
  ) throws(DataError) -> (given: ImageFolderSplits?, Void)? {
    if kind == "imagefolder" { return (nil, ()) }
    guard kind.hasPrefix("imagefolder("), kind.hasSuffix(")") else { return nil }
    let inside = kind.dropFirst("imagefolder(".count).dropLast()
    return (try ImageFolderSplits(parsing: inside, of: text), ())
  }

  /// The keys of `webdataset` or `webdataset(image=…,label=…)`; nil for other kinds of data.
  private static func webDatasetKeys(
    _ kind: Substring, _ text: String
  ) throws(DataError) -> WebDatasetKeys? {
    if kind == "webdataset" { return WebDatasetKeys() }
    guard kind.hasPrefix("webdataset("), kind.hasSuffix(")") else { return nil }
    return try WebDatasetKeys(parsing: kind.dropFirst("webdataset(".count).dropLast(), of: text)
  }

  /// Splits `NAME@N`; an `@` that no number follows belongs to the name.
  private static func splitLimit(_ text: String) throws(DataError) -> (String, Int?) {
    guard let mark = text.lastIndex(of: "@") else { return (text, nil) }
    let digits = text[text.index(after: mark)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), !digits.isEmpty else {
      try checkLimit(text, String(text[..<mark]), String(digits))
      return (text, nil)
    }
    guard let limit = Int(digits), limit > 0 else {
      throw DataError(.invalidRequest, "\(text): expected a number of samples from 1 on after '@'")
    }
    return (String(text[..<mark]), limit)
  }

  /// Refuses what should be a number after `@`: where the data are there without it, and not with it.
  private static func checkLimit(
    _ text: String, _ name: String, _ digits: String
  ) throws(DataError) {
    func folder(_ text: String) -> String { text.split(separator: ":").last.map(String.init) ?? "" }
    let isMeant =
      KnownDataset(rawValue: name) != nil
      || (name.contains(":") && InputFile.isFolder(folder(name))
        && !InputFile.isFolder(folder(text)))
    guard isMeant else { return }
    throw DataError(
      .invalidRequest,
      "\(text): expected a number of training samples after '@', found '\(digits)'; take "
        + "--data \(name) for all of them, or \(name)@100")
  }

  /// Splits `PLACE#REST`; neither may be empty.
  private static func splitMark(
    _ place: String, _ text: String, _ expected: String
  ) throws(DataError) -> (String, String?) {
    var before = place
    var after: String?
    if let mark = place.lastIndex(of: "#") {
      before = String(place[..<mark])
      after = String(place[place.index(after: mark)...])
    }
    guard !before.isEmpty, after != "" else {
      throw DataError(.invalidRequest, "\(text): expected \(expected)")
    }
    return (before, after)
  }

  private static func unknown(_ name: String) -> DataError {
    if InputFile.isFolder(name) {
      return DataError(
        .invalidRequest,
        "there is no data named '\(name)', which is a folder; for images in a folder a class write "
          + "imagefolder:\(name)")
    }
    if let remedy = PackedFolder.remedy(name) {
      return DataError(.invalidRequest, "\(name) \(remedy), such as imagefolder:FOLDER")
    }
    let list = "known: \(known.joined(separator: ", ")), each with @N for N training samples"
    let close = NearMiss.suggestions(for: name, among: KnownDataset.allCases.map(\.rawValue))
    let question = close.isEmpty ? "" : "did you mean \(close.joined(separator: ", "))? "
    return DataError(.invalidRequest, "there is no data named '\(name)'; \(question)\(list)")
  }
}

/// A training and a test split that belong together.
public struct DataSplits: Sendable {
  /// The samples to learn from.
  public var train: any Dataset
  /// The samples to measure on.
  public var test: any Dataset
  /// The source as the command line names it.
  public var name: String
  /// The mean subtracted from each channel.
  public var mean: [Float]
  /// The deviation each channel is divided by.
  public var std: [Float]
  /// The test split of the data where `test` is a part held out of the training split; setting it says so.
  public var final: (any Dataset)? { didSet { if final != nil { isHeldOut = true } } }
  /// Whether `test` is a part held out of the training split.
  public var isHeldOut = false
  /// How images became samples; nil where the data are none of images in files.
  public var preprocessing: Preprocessing?
  /// Whether the data have only one split, which is both learned from and measured on.
  public var isOneSplit = false
  /// What the user should know about the data as they were found, one line each.
  public var notes: [String] = []

  /// Whether the classes have no names but their numbers, so that there may be more than were met.
  public var isNumbered: Bool { train.classNames == train.classNames.indices.map { "\($0)" } }

  /// Splits that belong together; without mean and deviation where the samples are taken as they are.
  public init(
    train: any Dataset, test: any Dataset, name: String = "custom", mean: [Float] = [],
    std: [Float] = []
  ) {
    self.train = train
    self.test = test
    self.name = name
    self.mean = mean
    self.std = std
  }
}
