import StriateCore

/// Where data come from, as the command line names it.
///
/// `fashion-mnist`, `idx:FOLDER`, `idx:FOLDER#PREFIX`; `@N` after any of them limits the training split.
public struct DataSource: Sendable, Hashable, CustomStringConvertible {
  /// The kinds of data that can be read.
  public enum Kind: Sendable, Hashable {
    /// A data set known by name.
    case named(KnownDataset)
    /// Files in IDX format in a folder, their names beginning with `PREFIX-` where there is one.
    case idx(folder: String, prefix: String?)
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
  public static let known = KnownDataset.allCases.map(\.rawValue) + ["idx:FOLDER[#PREFIX]"]

  /// Reads the command line's way of naming data.
  ///
  /// - Throws: `DataError` with suggestions where the name is not known.
  public static func parse(_ text: String) throws(DataError) -> DataSource {
    let (name, limit) = try splitLimit(text)
    if let dataset = KnownDataset(rawValue: name) {
      return DataSource(.named(dataset), limit: limit)
    }
    guard name.hasPrefix("idx:") else { throw unknown(name) }
    let place = name.dropFirst(4)
    var folder = String(place)
    var prefix: String?
    if let mark = place.lastIndex(of: "#") {
      folder = String(place[..<mark])
      prefix = String(place[place.index(after: mark)...])
    }
    guard !folder.isEmpty, prefix != "" else {
      throw DataError(.invalidRequest, "\(text): expected idx:FOLDER or idx:FOLDER#PREFIX")
    }
    return DataSource(.idx(folder: folder, prefix: prefix), limit: limit)
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
      }
    return name + (limit.map { "@\($0)" } ?? "")
  }

  /// Splits `NAME@N`; an `@` that no number follows belongs to the name.
  private static func splitLimit(_ text: String) throws(DataError) -> (String, Int?) {
    guard let mark = text.lastIndex(of: "@") else { return (text, nil) }
    let digits = text[text.index(after: mark)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), !digits.isEmpty else {
      return (text, nil)
    }
    guard let limit = Int(digits), limit > 0 else {
      throw DataError(.invalidRequest, "\(text): expected a number of samples from 1 on after '@'")
    }
    return (String(text[..<mark]), limit)
  }

  private static func unknown(_ name: String) -> DataError {
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

  /// Splits that belong together.
  public init(
    train: any Dataset, test: any Dataset, name: String, mean: [Float], std: [Float]
  ) {
    self.train = train
    self.test = test
    self.name = name
    self.mean = mean
    self.std = std
  }
}
