import StriateCore

/// Images and labels in tar archives, as the Python package WebDataset lays them out.
///
/// Files next to each other whose paths are alike up to the first point of the name are one sample:
/// `000017.jpg` (or `.jpeg`, `.png`) and `000017.cls`, the class as a number; others, such as `.json`, are
/// passed over. Of several images or classes `WebDatasetKeys` chooses. The archives are indexed once and samples are then read from their places, in any order.
public struct WebDataset: ImageDataset {
  /// The names of the classes: the lines of `classes.txt` beside the first archive, else the numbers.
  public let classNames: [String]
  /// What the user should know.
  public let warnings: [String]
  /// The samples that were left out because they could not be read.
  public let badFiles: [BadFile]
  private let samples: [WebDatasetIndex.Sample]
  private let shards: [WebDatasetIndex.Shard]
  private let decoding: ImageDecoding

  /// Indexes archives.
  ///
  /// - Parameters:
  ///   - pattern: their paths, with ranges such as `{000..012}`, lists such as `{a,b}`, `*` and `?`.
  ///   - keys: which files of a sample are its image and its class.
  ///   - classNames: the classes that there are, as when a test split goes with a training split.
  ///   - badFiles: what is done with samples that cannot be read, and with archives that are cut off.
  ///   - decoding: how images are decoded; its `minimum` is replaced by each call's.
  ///   - threads: threads that look at the samples; by default as many as there are processors.
  /// - Throws: `DataError` where archives are missing or hold no samples, and where samples cannot be read
  ///   and are not to be left out.
  public init(
    _ pattern: String, keys: WebDatasetKeys = WebDatasetKeys(),
    classNames given: [String]? = nil, badFiles policy: BadFiles = .fail,
    decoding: ImageDecoding = ImageDecoding(), threads: Int? = nil
  ) throws(DataError) {
    let paths = try ShardPattern.files(pattern)
    let index = try WebDatasetIndex(paths, keys: keys)
    let names = given == nil ? try WebDataset.names(beside: paths.first) : given
    let verdicts = index.look(
      decodes: policy == .skip, classes: names?.count, threads: threads ?? Folder.processors)
    var bad = index.badFiles
    var samples: [WebDatasetIndex.Sample] = []
    for (sample, verdict) in zip(index.samples, verdicts) {
      if case .bad(let reason) = verdict {
        bad.append(BadFile(name: index.name(sample), reason: reason))
      } else {
        samples.append(sample)
      }
    }
    if policy == .fail || samples.isEmpty, !bad.isEmpty {
      throw ImageProbe.refusal(
        bad, of: index.samples.count + index.badFiles.count, "sample", "cannot be used",
        path: pattern)
    }
    guard !samples.isEmpty else {
      throw DataError(
        .notFound, "holds no sample; expected files such as 000017.jpg and 000017.cls side by side",
        path: pattern)
    }
    var warnings: [String] = []
    if let names {
      classNames = names
    } else {
      classNames = try Self.numbers(samples, pattern, &warnings)
    }
    self.samples = samples
    self.shards = index.shards
    self.decoding = decoding
    badFiles = bad
    if !bad.isEmpty {
      warnings.append(
        "\(pattern): \(Numbers.counted(bad.count, "sample")) cannot be used and \(bad.count == 1 ? "is" : "are") left out: "
          + Numbers.list(bad.map(\.description)))
    }
    if !index.others.isEmpty {
      warnings.append(
        "\(pattern): \(Numbers.counted(index.others.count, "sample")) with neither an image nor a class passed over: "
          + Numbers.list(index.others))
    }
    if !index.hidden.isEmpty {
      warnings.append(
        "\(pattern): \(Numbers.counted(index.hidden.count, "hidden file")) passed over: "
          + Numbers.list(index.hidden))
    }
    self.warnings = warnings
  }

  /// The numbers of the classes, from 0 to the greatest that a sample has.
  ///
  /// - Throws: `DataError` where next to none of many are there, as where one label is wrong.
  private static func numbers(
    _ samples: [WebDatasetIndex.Sample], _ pattern: String, _ warnings: inout [String]
  ) throws(DataError) -> [String] {
    let found = Set(samples.map(\.label))
    guard let most = samples.max(by: { $0.label < $1.label }) else { return [] }
    let count = Int(most.label) + 1
    if count == found.count { return (0..<count).map(String.init) }
    let remedy =
      "a file classes.txt beside the archives, with a line for each class, says how many there are"
    guard count <= 1000 || count <= 100 * found.count else {
      throw DataError(
        .malformed,
        "\(most.name) has the class \(most.label), but only \(Numbers.counted(found.count, "class", "classes")) of "
          + "that many \(found.count == 1 ? "has" : "have") a sample; mend that label, or number the classes from 0 on; "
          + remedy, path: pattern)
    }
    let absent = (0..<count).filter { !found.contains(Int32($0)) }.map(String.init)
    warnings.append(
      "\(pattern): \(Numbers.counted(absent.count, "class", "classes")) of \(Numbers.grouped(count)) without samples: "
        + "\(Numbers.list(absent)); \(remedy)")
    return (0..<count).map(String.init)
  }

  private static func names(beside shard: String?) throws(DataError) -> [String]? {
    guard let shard else { return nil }
    let folder = shard.lastIndex(of: "/").map { String(shard[...$0]) } ?? ""
    let path = "\(folder)classes.txt"
    guard InputFile.exists(path) else { return nil }
    let lines = String(decoding: try DataError.contents(of: path), as: UTF8.self)
    let names = lines.split(whereSeparator: \.isNewline).map { line in
      String(line.trimmingPrefix(while: \.isWhitespace))
    }
    return names.isEmpty ? nil : names
  }

  /// The number of samples.
  public var count: Int { samples.count }

  /// Decodes a sample's image.
  ///
  /// - Throws: `DataError` where there is no such sample, or it cannot be decoded.
  public func image(at index: Int, minimum: Int?) throws -> Image {
    let sample = try sample(index)
    var decoding = decoding
    decoding.minimum = minimum
    let shard = shards[sample.shard]
    let bytes = try DataError.imageBytes(of: shard.open(), at: sample.offset, count: sample.count)
    do throws(DataError) {
      return try Image(encoded: bytes, decoding: decoding)
    } catch {
      throw error.at(path: name(at: index))
    }
  }

  /// The class of a sample.
  ///
  /// - Throws: `DataError` where there is no such sample.
  public func label(at index: Int) throws -> Int32 { try sample(index).label }

  /// `shard-000.tar: 000017.jpg`.
  public func name(at index: Int) -> String {
    guard samples.indices.contains(index) else { return "#\(index)" }
    return "\(shards[samples[index].shard].path): \(samples[index].name)"
  }

  private func sample(_ index: Int) throws(DataError) -> WebDatasetIndex.Sample {
    guard samples.indices.contains(index) else { throw .noSample(index, count) }
    return samples[index]
  }
}
