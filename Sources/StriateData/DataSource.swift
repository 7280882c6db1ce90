import StriateCore

/// Where data come from, as the command line names it: a kind of data and a place, `fashion-mnist`, `idx:FOLDER#PREFIX`;
/// `@N` after it limits the training split.
public struct DataSource: Sendable, Hashable, CustomStringConvertible {
  /// The kinds of data that can be read, in the order of help and messages.
  public static let kinds: [any DataKind.Type] = [
    NamedData.self, IDXData.self, CIFARData.self, ImageFolderData.self, ILSVRCData.self,
    WebDatasetData.self, SegmentationFolderData.self, VOCSegmentationData.self,
    CamVidData.self,
  ]

  /// The kind of data and where they are.
  public var kind: any DataKind
  /// How many training samples are used; nil for all.
  public var limit: Int?

  /// A source of this kind.
  public init(_ kind: some DataKind, limit: Int? = nil) {
    self.kind = kind
    self.limit = limit
  }

  /// What can be given, for help and messages.
  public static var known: [String] { kinds.flatMap { $0.forms } }

  /// Whether both name the same data.
  public static func == (a: DataSource, b: DataSource) -> Bool {
    AnyHashable(a.kind) == AnyHashable(b.kind) && a.limit == b.limit
  }

  /// Hashes the kind, the place and the limit.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(kind))
    hasher.combine(limit)
  }

  /// Reads the command line's way of naming data.
  ///
  /// - Throws: `DataError` with suggestions where the name is not known.
  public static func parse(_ text: String) throws(DataError) -> DataSource {
    let (whole, limit) = try splitLimit(text)
    let name = DataName(whole, of: text)
    let isKnown = KnownDataset(rawValue: whole) != nil
    let found = kinds.first { kind in
      kind.names.contains(name.kind) && (name.place == nil) == isKnown
        && (name.options == nil || kind.takesOptions)
    }
    guard let found else { throw unknown(whole) }
    return DataSource(try found.init(name), limit: limit)
  }

  /// Names the source and reads it.
  ///
  /// - Throws: `DataError` where the name is not known or the files are missing or damaged.
  public static func load(_ text: String) throws(DataError) -> DataSplits {
    try parse(text).load()
  }

  /// The source as the command line names it.
  public var description: String { kind.description + (limit.map { "@\($0)" } ?? "") }
  /// Whether the images come in files of their own kinds and sizes.
  public var isOfPhotographs: Bool { kind.isOfPhotographs }
  /// Whether the data are images with masks.
  public var isOfMasks: Bool { kind.isOfMasks }

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
  /// Of images with masks those that are learned from and those that are measured on.
  public var masks: (train: MaskedSelection, test: MaskedSelection)?
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
