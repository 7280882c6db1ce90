import ArgumentParser
import Striate

struct DataInspectVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Counts, sizes, mean and deviation, broken files and a sheet of samples.",
    discussion: "Decodes every image; files that cannot be read are named and left out.")

  @Argument(help: "The data, such as fashion-mnist or imagefolder:FOLDER.")
  var data: String

  @Option(help: "Writes a sheet of training images to this PNG file.")
  var sheet: String?

  @Option(help: "Images on the sheet.")
  var samples = 64

  @Flag(help: "Also looks for images whose pixels are equal.")
  var duplicates = false

  @Option(help: "Threads that decode; by default as many as there are processors.")
  var threads: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let sheet { try OutputName.check(sheet, "--sheet", ending: ".png", kind: "a PNG image") }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads must be from 1 to 256, found \(threads)")
    }
    guard (1...4096).contains(samples) else {
      throw ValidationError("--samples must be from 1 to 4096, found \(samples)")
    }
  }

  func run() throws {
    let source = try DataSource.parse(data)
    guard source.limit == nil else {
      throw InspectError(
        .usage, "\(source): the whole data are looked into; leave '@' and number out")
    }
    let images = try source.images(badFiles: .skip)
    var splits = [("train", images.train)]
    if let validation = images.validation { splits.append(("val", validation)) }
    if let test = images.test { splits.append(("test", test)) }
    for note in images.notes { Output.warning(note) }
    let found = splits.map { name, split in
      output.note("decoding \(Numbers.counted(split.count, "image")) of the \(name) split")
      let statistics = ImageStatistics(split, findsDuplicates: duplicates, threads: threads)
      return SplitReport(
        name: name, dataset: split, statistics: statistics,
        isOfPhotographs: source.isOfPhotographs)
    }
    if let sheet { try AtomicFile.write(contactSheet(images.train), to: sheet) }
    let json: JSON = [
      "data": JSON(source.description), "classes": .array(images.train.classNames.map { JSON($0) }),
      "splits": .array(found.map(\.json)), "sheet": sheet.map { JSON($0) } ?? .null,
    ]
    let text = found.map(\.text).joined(separator: "\n\n")
    try output.show(json, text: sheet.map { "\(text)\n\nsheet of samples: \($0)" } ?? text)
  }

  /// Images of a fixed shuffle, so that all classes are likely to be seen.
  private func contactSheet(_ dataset: any ImageDataset) throws -> [UInt8] {
    let order = SampleOrder.shuffled(dataset.count, by: RandomStream(seed: 0, "sheet"))
    let layout = ContactSheet()
    var tiles: [ContactSheet.Tile] = []
    for index in order where tiles.count < samples {
      guard let image = try? dataset.image(at: index, minimum: layout.side) else { continue }
      let label = Int(try dataset.label(at: index))
      let names = dataset.classNames
      tiles.append(
        ContactSheet.Tile(
          image, prediction: names.indices.contains(label) ? names[label] : "\(label)"))
    }
    return try layout.render(tiles).png()
  }
}

/// What was seen of one split.
private struct SplitReport {
  var name: String
  var dataset: any ImageDataset
  var statistics: ImageStatistics
  var isOfPhotographs: Bool

  /// Files that were left out when the data were opened, and images that broke later.
  var broken: [BadFile] { dataset.badFiles + statistics.broken }

  var json: JSON {
    func range(_ range: ImageStatistics.Range) -> JSON {
      ["min": JSON(range.min), "median": JSON(range.median), "max": JSON(range.max)]
    }
    let groups = statistics.duplicates.map { group in
      JSON.array(group.map { JSON(dataset.name(at: $0)) })
    }
    return [
      "split": JSON(name), "images": JSON(statistics.count),
      "per_class": .array(statistics.classCounts.map { JSON($0) }),
      "width": range(statistics.width), "height": range(statistics.height),
      "channels": JSON(statistics.channels), "mean": .array(statistics.mean.map { JSON($0) }),
      "std": .array(statistics.std.map { JSON($0) }),
      "broken": .array(broken.map { ["name": JSON($0.name), "reason": JSON($0.reason)] }),
      "warnings": .array(dataset.warnings.map { JSON($0) }), "duplicates": .array(groups),
    ]
  }

  /// What a training normalises by, where that is not what was measured.
  private var normalization: [(String, String)] {
    guard isOfPhotographs, name == "train" else { return [] }
    return [
      (
        "",
        "as measured here; a training uses ImageNet's mean and std unless --mean measured is given"
      )
    ]
  }

  var text: String {
    func range(_ range: ImageStatistics.Range) -> String {
      range.min == range.max
        ? "\(range.min)" : "\(range.min) to \(range.max), median \(range.median)"
    }
    func values(_ values: [Double]) -> String {
      values.map { Numbers.fixed($0, 4) }.joined(separator: ", ")
    }
    let pairs = TextTable.pairs(
      [
        (name, Numbers.counted(statistics.count, "image")), ("width", range(statistics.width)),
        ("height", range(statistics.height)), ("channels", "\(statistics.channels)"),
        ("mean", values(statistics.mean)), ("std", values(statistics.std)),
      ] + normalization + [("broken", "\(broken.count)")])
    var table = TextTable([("class", .left), ("images", .right)])
    for (label, count) in statistics.classCounts.enumerated() {
      let names = dataset.classNames
      table.add([names.indices.contains(label) ? names[label] : "\(label)", Numbers.grouped(count)])
    }
    var parts = [pairs, table.text]
    let lines = broken.map { "broken: \($0)" }
    if !lines.isEmpty { parts.append(lines.joined(separator: "\n")) }
    // The files that cannot be read stand above, in full.
    let warnings = dataset.warnings.filter { line in
      !["cannot be read and ", "cannot be used and "].contains { line.contains($0) }
    }
    if !warnings.isEmpty { parts.append(warnings.joined(separator: "\n")) }
    let groups = statistics.duplicates.map { group in
      "equal: " + group.map { dataset.name(at: $0) }.joined(separator: ", ")
    }
    if !groups.isEmpty { parts.append(groups.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }
}
