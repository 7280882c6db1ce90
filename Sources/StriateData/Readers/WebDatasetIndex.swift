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
  /// Samples without an image or a class, and archives that are cut off.
  private(set) var badFiles: [BadFile] = []

  /// Archives that are kept open at most.
  private static let openLimit = 128
  /// Classes at most.
  private static let classLimit = 1_000_000

  /// - Throws: `DataError` where an archive cannot be opened.
  init(_ paths: [String]) throws(DataError) {
    for path in paths {
      let file = try Shard(path: path, file: nil).open()
      let number = shards.count
      shards.append(Shard(path: path, file: paths.count <= Self.openLimit ? file : nil))
      let index = TarIndex(file)
      var group: [TarIndex.Entry] = []
      for entry in index.entries where !Self.isHidden(entry.name) {
        if let first = group.first, Self.key(first.name) != Self.key(entry.name) {
          add(group, number, file)
          group = []
        }
        group.append(entry)
      }
      add(group, number, file)
      if let fault = index.fault {
        badFiles.append(
          BadFile(name: path, reason: DataError(fault.code, fault.message).description))
      }
    }
  }

  private mutating func add(_ group: [TarIndex.Entry], _ shard: Int, _ file: InputFile) {
    guard let first = group.first else { return }
    let image = group.first { ["jpg", "jpeg", "png"].contains(Self.ending($0.name)) }
    let label = group.first { Self.ending($0.name) == "cls" }
    func refuse(_ reason: String) {
      badFiles.append(BadFile(name: "\(file.path): \(image?.name ?? first.name)", reason: reason))
    }
    guard image != nil || label != nil else { return }
    guard let image else { return refuse("the sample has no .jpg, .jpeg or .png") }
    guard let label else { return refuse("the sample has no .cls") }
    guard label.count <= 32, let bytes = try? file.bytes(at: label.offset, count: label.count)
    else {
      return refuse("its .cls has \(label.count) bytes, expected a number")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let digits = text.filter { !$0.isWhitespace }
    guard let value = Int32(digits), value >= 0, value < Self.classLimit else {
      return refuse("its .cls is '\(digits)', expected a number from 0 on")
    }
    samples.append(
      Sample(
        shard: shard, offset: image.offset, count: image.count, label: value, name: image.name))
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

  /// The path up to the first point of the name.
  private static func key(_ path: String) -> Substring {
    let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    return path[..<(path[name...].firstIndex(of: ".") ?? path.endIndex)]
  }

  /// What follows the last point, in small letters.
  private static func ending(_ path: String) -> String {
    path.lastIndex(of: ".").map { path[path.index(after: $0)...].lowercased() } ?? ""
  }

  private static func isHidden(_ path: String) -> Bool {
    path.split(separator: "/").last?.first == "."
  }
}
