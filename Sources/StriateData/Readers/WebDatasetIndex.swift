import StriateCore

/// The samples in tar archives.
struct WebDatasetIndex: Sendable {
  /// An image and its class.
  struct Sample: Sendable {
    var shard: Int
    var offset: Int
    var count: Int
    var label: Int32
    var name: String
  }

  /// An archive; it stays open where there are few.
  struct Shard: Sendable {
    var path: String
    var file: InputFile?

    func open() throws(DataError) -> InputFile {
      if let file { return file }
      do throws(SystemFailure) { return try InputFile(path) } catch {
        throw .unreadable(path, error)
      }
    }
  }

  private(set) var shards: [Shard] = []
  private(set) var samples: [Sample] = []
  /// Samples without an image or a class, or with two of the same, and archives that are cut off.
  private(set) var badFiles: [BadFile] = []
  /// Samples with neither an image nor a class, which are passed over.
  private(set) var others: [String] = []
  /// Hidden files, which are passed over.
  private(set) var hidden: [String] = []
  private let keys: WebDatasetKeys

  /// Archives that are kept open at most.
  private static let openLimit = 128
  /// Classes at most.
  private static let classLimit = 1_000_000

  /// - Throws: `DataError` where an archive cannot be opened.
  init(_ paths: [String], keys: WebDatasetKeys = WebDatasetKeys()) throws(DataError) {
    self.keys = keys
    for path in paths {
      let file = try Shard(path: path, file: nil).open()
      let number = shards.count
      shards.append(Shard(path: path, file: paths.count <= Self.openLimit ? file : nil))
      let index = TarIndex(file)
      var sample: WebDatasetSample?
      for entry in index.entries {
        let key, ending: [UInt8]
        switch WebDatasetSample.parts(entry.bytes) {
        case .file(let own, let rest): (key, ending) = (own, rest)
        case .hidden:
          hidden.append("\(path): \(entry.name)")
          continue
        case .none: continue
        }
        if let whole = sample, whole.key != key {
          add(whole, number, file)
          sample = nil
        }
        sample = sample ?? WebDatasetSample(key)
        sample?.add(ending, entry)
      }
      if let sample { add(sample, number, file) }
      if let fault = index.fault {
        badFiles.append(
          BadFile(name: path, reason: DataError(fault.code, fault.message).description))
      }
    }
  }

  private mutating func add(_ sample: WebDatasetSample, _ shard: Int, _ file: InputFile) {
    func refuse(_ reason: String, _ entry: TarIndex.Entry?) {
      let name = entry?.name ?? sample.files.first?.entry.name ?? ""
      badFiles.append(BadFile(name: "\(file.path): \(name)", reason: reason))
    }
    if let fault = sample.fault { return refuse(fault, nil) }
    let image, label: TarIndex.Entry?
    do throws(DataError) {
      (image, label) = (try sample.image(keys), try sample.label(keys))
    } catch {
      return refuse(error.message, nil)
    }
    if image == nil, label == nil {
      others.append("\(file.path): \(sample.files.first?.entry.name ?? "")")
      return
    }
    guard let image else {
      return refuse(
        "the sample has no \(keys.image.map { ".\($0)" } ?? ".jpg, .jpeg or .png")", label)
    }
    guard let label else { return refuse("the sample has no .\(keys.label ?? "cls")", image) }
    guard label.count <= 32, let bytes = try? file.bytes(at: label.offset, count: label.count)
    else {
      return refuse("its class has \(label.count) bytes, expected a number", image)
    }
    // As Python reads it, but for lines between digits, which are refused.
    let text = String(decoding: Self.trimmed(bytes[...]), as: UTF8.self)
    guard let value = Int32(text), value >= 0, value < Self.classLimit else {
      return refuse("its class is '\(text)', expected a number from 0 on", image)
    }
    samples.append(
      Sample(
        shard: shard, offset: image.offset, count: image.count, label: value, name: image.name))
  }

  /// Bytes without ASCII's white space around.
  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let rest = bytes.drop(while: isSpace)
    return rest[..<(rest.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? rest.startIndex)]
  }

  /// What a sample is called in messages.
  func name(_ sample: Sample) -> String { "\(shards[sample.shard].path): \(sample.name)" }

  /// Looks at every sample.
  func look(decodes: Bool, classes: Int?, threads: Int) -> [ImageProbe.Verdict] {
    ImageProbe.verdicts(samples.count, threads: threads) { index in
      let sample = samples[index]
      if let classes, Int(sample.label) >= classes {
        return .bad("class \(sample.label) is outside the \(classes) classes")
      }
      do throws(DataError) {
        let file = try shards[sample.shard].open()
        return ImageProbe.sample(file, at: sample.offset, count: sample.count, decodes: decodes)
      } catch {
        return .bad(error.message)
      }
    }
  }
}
