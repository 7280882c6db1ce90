import ArgumentParser
import Striate

struct DataBenchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "How fast images are decoded, or staged in batches.",
    discussion: """
      Without --batch images are read and decoded at full size and nothing else. With --batch the \
      training split is staged as a training gets it: prepared, augmented and shuffled.
      """)

  @Argument(help: "The data, such as fashion-mnist or imagefolder:FOLDER.")
  var data: String

  @Option(help: "Stages batches of so many images instead.")
  var batch: Int?

  @Option(help: "Rounds over the training images; the best is shown.")
  var `repeat` = 3

  @Option(help: "Threads that decode.")
  var threads = 2

  @Option(help: "Pixels that the shorter side keeps: allows a reduced decoding.")
  var minimum: Int?

  @Option(help: "How images are changed when they are staged, as 'train --augment' takes it.")
  var augment = "none"

  @OptionGroup(title: "Images") var images: SizingOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, value) in [
      ("--repeat", self.repeat), ("--threads", threads), ("--batch", batch ?? 1),
    ]
    where !(1...100_000).contains(value) {
      throw ValidationError("\(name) must be from 1 to 100000, found \(value)")
    }
    if let minimum, minimum < 1 {
      throw ValidationError("--minimum must be at least 1, found \(minimum)")
    }
    guard threads <= 256 else {
      throw ValidationError("--threads must be from 1 to 256, found \(threads)")
    }
  }

  func run() throws {
    let source = try DataSource.parse(data)
    let rates = batch == nil ? try decoding(source) : try staging(source)
    let best = rates.max() ?? 0
    try output.show(
      [
        "data": JSON(source.description), "threads": JSON(threads),
        "batch": batch.map { JSON($0) } ?? .null, "images_per_sec": JSON(best),
        "rounds": .array(rates.map { JSON($0) }),
      ],
      text: "\(source): \(Numbers.grouped(Int(best))) images/s on \(threads) threads")
  }

  private func decoding(_ source: DataSource) throws -> [Double] {
    let images = try source.images().train
    return try (0..<self.repeat).map { _ in
      try DecodeSpeed(
        images, count: source.limit.map { min($0, images.count) }, minimum: minimum,
        threads: threads
      ).imagesPerSecond
    }
  }

  private func staging(_ source: DataSource) throws -> [Double] {
    var request = DataSource.Request()
    request.preparation = images.applied(to: DataPreparation())
    request.augmentation = try Pipeline(augment)
    request.allowsOneSplit = true
    let train = try source.load(request).train
    let loader = try Loader(
      train, batchSize: batch ?? 1, shuffle: true, threads: threads, prefetch: threads + 2)
    let clock = ContinuousClock()
    return try (0..<self.repeat).map { epoch in
      var images = 0
      let time = try clock.measure {
        let batches = loader.batches(epoch: epoch)
        while let batch = try batches.next() { images += batch.count }
      }
      let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
      return seconds > 0 ? Double(images) / seconds : 0
    }
  }
}
