import StriateCore

/// A kind of data: how the command line names it, and how it is opened.
///
/// A new kind is a value of this protocol in a file of its own and a line in `DataSource.kinds`; parsing, help,
/// completion and every verb follow from these.
public protocol DataKind: Sendable, Hashable, CustomStringConvertible {
  /// What stands before the colon: `segfolder`; of data sets known by name the names.
  static var names: [String] { get }
  /// How it is written, for help and messages: `idx:FOLDER[#PREFIX]`.
  static var forms: [String] { get }
  /// Whether options in parentheses may stand before the colon.
  static var takesOptions: Bool { get }

  /// Reads the command line's way of naming it.
  ///
  /// - Throws: `DataError` with the form that was expected.
  init(_ name: DataName) throws(DataError)

  /// Whether the images come in files of their own kinds and sizes.
  var isOfPhotographs: Bool { get }
  /// Whether the data are images with masks.
  var isOfMasks: Bool { get }
  /// Whether a mirrored image is of the same class.
  var mayBeMirrored: Bool { get }
  /// Whether samples are read without a detour over images where nothing asks for them, by `plain`.
  var isPlain: Bool { get }
  /// Mean and deviation of each channel, where they are known.
  var statistics: (mean: [Float], std: [Float])? { get }

  /// The splits as images, before any transform.
  ///
  /// - Throws: `DataError` where files are missing or damaged, or the data are not of images with one class each.
  func images(badFiles: BadFiles) throws(DataError) -> DataSource.ImageSplits
  /// The splits as samples of bytes in memory; nil of what is not plain.
  ///
  /// - Throws: `DataError` where files are missing or damaged.
  func plain() throws(DataError) -> (train: IDXDataset, test: IDXDataset)?
  /// Makes splits that a network can learn from.
  ///
  /// - Throws: `DataError` where data are missing or damaged, or the request does not fit them.
  func load(_ request: DataSource.Request, of source: DataSource) throws -> DataSplits
}

extension DataKind {
  public static var takesOptions: Bool { false }
  public var isOfPhotographs: Bool { true }
  public var isOfMasks: Bool { false }
  public var mayBeMirrored: Bool { isOfPhotographs }
  public var isPlain: Bool { false }
  public var statistics: (mean: [Float], std: [Float])? { nil }
  public func plain() throws(DataError) -> (train: IDXDataset, test: IDXDataset)? { nil }

  /// Plain samples where nothing asks for images, else prepared images.
  public func load(_ request: DataSource.Request, of source: DataSource) throws -> DataSplits {
    isPlain && !request.preparation.needsImages && request.augmentation.steps.isEmpty
      ? try source.loadPlain(request) : try source.loadImages(request)
  }
}

/// The parts of `KIND[(OPTIONS)]:PLACE`.
public struct DataName: Sendable, Hashable {
  /// What stands before the colon and its options, or the whole name of known data.
  public let kind: String
  /// What stands in parentheses; nil without them.
  public let options: String?
  /// What stands behind the colon; nil without one.
  public let place: String?
  /// The text as it was given, for messages.
  public let text: String

  init(_ name: String, of text: String) {
    let mark = name.firstIndex(of: ":")
    let head = name[..<(mark ?? name.endIndex)]
    place = mark.map { String(name[name.index(after: $0)...]) }
    self.text = text
    if mark != nil, head.hasSuffix(")"), let open = head.firstIndex(of: "(") {
      kind = String(head[..<open])
      options = String(head[head.index(after: open)...].dropLast())
    } else {
      kind = String(head)
      options = nil
    }
  }

  /// The place, which may not be empty.
  ///
  /// - Throws: `DataError` with the form that was expected.
  public func place(_ form: String) throws(DataError) -> String {
    guard let place, !place.isEmpty else {
      throw DataError(.invalidRequest, "\(text): expected \(form)")
    }
    return place
  }

  /// The parts of `PLACE#REST`; neither may be empty.
  ///
  /// - Throws: `DataError` with the form that was expected.
  public func marked(_ expected: String) throws(DataError) -> (String, String?) {
    var before = place ?? ""
    var after: String?
    if let mark = before.lastIndex(of: "#") {
      after = String(before[before.index(after: mark)...])
      before = String(before[..<mark])
    }
    guard !before.isEmpty, after != "" else {
      throw DataError(.invalidRequest, "\(text): expected \(expected)")
    }
    return (before, after)
  }
}
