import StriateCore

/// The validation images of ILSVRC as they were published: all in one folder, their labels in the development kit.
public struct ILSVRCValidation: ImageDataset {
  /// The names of the classes in the order of their labels.
  public var classNames: [String] { ILSVRC.names }
  /// The files that were left out because they could not be read.
  public let badFiles: [BadFile]
  /// How many files are no validation images.
  public let warnings: [String]
  private let path: String
  private let entries: [(file: String, label: Int32)]
  private let decoding: ImageDecoding

  /// The name of the development kit's list of labels.
  static let labelsFile = "ILSVRC2012_validation_ground_truth.txt"
  /// Where the list may lie below the data's folder.
  static let labelsPlaces = ["", "data/", "ILSVRC2012_devkit_t12/data/", "devkit/data/"].map {
    $0 + labelsFile
  }

  /// Reads the images' names and their labels.
  ///
  /// - Parameters:
  ///   - path: the folder of `ILSVRC2012_val_00000001.JPEG` and so on; some may be missing.
  ///   - labels: the development kit's list, a number from 1 to 1000 a line.
  /// - Throws: `DataError` where a list or an image is missing or damaged.
  init(
    _ path: String, labels: String, badFiles policy: BadFiles,
    decoding: ImageDecoding = ImageDecoding(),
    threads: Int? = nil
  ) throws(DataError) {
    self.path = path
    self.decoding = decoding
    let truth = try Self.labels(labels)
    var entries: [(file: String, label: Int32)] = []
    var others = 0
    for file in try Folder(path).files {
      guard let number = Self.number(file) else {
        others += 1
        continue
      }
      guard truth.indices.contains(number - 1) else {
        throw DataError(
          .malformed, "\(file) is image \(number), and \(labels) has \(truth.count) labels",
          path: path)
      }
      entries.append((file, truth[number - 1]))
    }
    let files = entries.map(\.file)
    let verdicts = ImageProbe.verdicts(files.count, threads: threads ?? Folder.processors) {
      ImageProbe.file("\(path)/\(files[$0])", decodes: policy == .skip)
    }
    var bad: [BadFile] = []
    var good: [(file: String, label: Int32)] = []
    for (entry, verdict) in zip(entries, verdicts) {
      switch verdict {
      case .image: good.append(entry)
      case .other: bad.append(BadFile(name: "\(path)/\(entry.file)", reason: "is no image"))
      case .bad(let reason): bad.append(BadFile(name: "\(path)/\(entry.file)", reason: reason))
      }
    }
    if policy == .fail || good.isEmpty, !bad.isEmpty {
      throw ImageProbe.refusal(bad, of: entries.count, path: path)
    }
    guard !good.isEmpty else {
      throw DataError(
        .notFound, "has no validation images; expected ILSVRC2012_val_00000001.JPEG and so on",
        path: path)
    }
    self.entries = good
    badFiles = bad
    warnings = others == 0 ? [] : ["\(path): \(others) files are no validation images"]
  }

  /// The number of images.
  public var count: Int { entries.count }

  /// Decodes an image.
  ///
  /// - Throws: `DataError` where there is no such image, or it cannot be decoded.
  public func image(at index: Int, minimum: Int?) throws -> Image {
    guard entries.indices.contains(index) else { throw DataError.noSample(index, count) }
    var decoding = decoding
    decoding.minimum = minimum
    return try Image(file: name(at: index), decoding: decoding)
  }

  /// The class of an image.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func label(at index: Int) throws -> Int32 {
    guard entries.indices.contains(index) else { throw DataError.noSample(index, count) }
    return entries[index].label
  }

  /// The extent of an image, which its header tells.
  ///
  /// - Throws: `DataError` where there is no such image, or it cannot be decoded.
  public func size(at index: Int) throws -> ImageSize {
    guard entries.indices.contains(index) else { throw DataError.noSample(index, count) }
    let known = try JPEGHeader.size(ofFile: name(at: index), orients: decoding.orients)
    return try known ?? image(at: index).size
  }

  /// The path of an image's file.
  public func name(at index: Int) -> String {
    entries.indices.contains(index) ? "\(path)/\(entries[index].file)" : "#\(index)"
  }

  /// The number in a validation image's name, from 1; nil for other files.
  static func number(_ file: String) -> Int? {
    let parts = file.split(separator: ".")
    guard let stem = parts.first, parts.count == 2, stem.hasPrefix("ILSVRC2012_val_"),
      let number = Int(stem.dropFirst(15)), number > 0
    else { return nil }
    return number
  }

  private static func labels(_ path: String) throws(DataError) -> [Int32] {
    let text: String
    do throws(SystemFailure) {
      text = String(decoding: try InputFile.contents(path), as: UTF8.self)
    } catch {
      throw DataError(.unreadable, "cannot be read: \(error.reason)", path: path, cause: error)
    }
    var labels: [Int32] = []
    for (line, word) in text.split(whereSeparator: \.isNewline).enumerated() {
      guard let number = Int(word.filter { $0 != " " }), let label = ILSVRC.labels[number] else {
        throw DataError(
          .malformed,
          "line \(line + 1): expected a class from 1 to 1000 of the development kit, found '\(word)'",
          path: path)
      }
      labels.append(label)
    }
    return labels
  }
}
