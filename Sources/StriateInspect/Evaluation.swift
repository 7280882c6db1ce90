import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// How well a classifier answers a data set.
public struct Evaluation: Sendable {
  /// One class of the data set.
  public struct Class: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Samples of it.
    public var images = 0
    /// Those that were answered correctly.
    public var correct = 0
    /// Answers that named it, rightly or wrongly.
    public var answers = 0

    /// The share of its samples that were answered correctly; nil where it has none.
    public var accuracy: Double? { images > 0 ? Double(correct) / Double(images) : nil }
  }

  /// The number of samples.
  public private(set) var images = 0
  /// The mean cross-entropy.
  public private(set) var loss = 0.0
  /// Samples whose class is the first answer.
  public private(set) var first = 0
  /// Samples whose class is among the first five answers.
  public private(set) var firstFive = 0
  /// The classes in the order of their labels.
  public private(set) var classes: [Class] = []
  /// Seconds that the device computed.
  public private(set) var seconds = 0.0

  /// The share of samples whose class is the first answer.
  public var accuracy: Double { images > 0 ? Double(first) / Double(images) : 0 }
  /// The share of samples whose class is among the first five answers.
  public var topFive: Double { images > 0 ? Double(firstFive) / Double(images) : 0 }
  /// Samples a second.
  public var imagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }

  /// Answers every sample.
  ///
  /// - Parameters:
  ///   - classNames: names of the model's classes; empty names them by their numbers.
  ///   - threads: threads that read samples.
  /// - Throws: `InspectError` where model and data do not fit, `DataError` where samples cannot be read, or the
  ///   device's error.
  public init(
    _ model: some Layer, weights: NamedTensors, data: any Dataset, batchSize: Int = 256,
    classNames: [String] = [], threads: Int = 1, on device: Device
  ) throws {
    let loader = try Loader(data, batchSize: batchSize, threads: threads)
    let rule = GradientDescent(Objective(model), optimizer: SGD(), on: device)
    let state = device.backend.makeState()
    try state.write(weights)
    let clock = ContinuousClock()
    var lossSum = 0.0
    let batches = loader.batches(epoch: 0)
    defer { batches.stop() }
    while let batch = try batches.next() {
      let step = try rule.evaluationStep(batch.inputs.type)
      if classes.isEmpty { try name(step.classes, classNames, data) }
      let start = clock.now
      let metrics = try rule.evaluate(state, batch)
      seconds += Self.seconds(clock.now - start)
      guard metrics.lossSum.isFinite else {
        throw InspectError.notFinite(
          metrics.lossSum, try rule.evaluationFault(state, batch))
      }
      lossSum += metrics.lossSum
      count(batch, logits: try step.logits().scalars(as: Float.self))
    }
    loss = images > 0 ? lossSum / Double(images) : 0
  }

  private mutating func name(_ count: Int, _ names: [String], _ data: any Dataset) throws {
    guard data.classNames.count <= count else {
      throw InspectError(
        .mismatch,
        "the data have \(data.classNames.count) classes, the model tells \(count) apart")
    }
    let known = names.isEmpty ? data.classNames : names
    classes = (0..<count).map { Class(name: known.indices.contains($0) ? known[$0] : "\($0)") }
  }

  private mutating func count(_ batch: Batch, logits: [Float]) {
    for (row, label) in batch.labels.scalars(as: Int32.self).enumerated() {
      let label = Int(label)
      let start = row * classes.count
      guard classes.indices.contains(label), start + classes.count <= logits.count else { continue }
      let row = logits[start..<(start + classes.count)]
      let own = logits[start + label]
      // Of equal numbers the first one is the answer, as in training's count.
      var rank = 0
      var best = start
      for (place, value) in zip(row.indices, row) {
        if value > own || (value == own && place < start + label) { rank += 1 }
        if value > logits[best] { best = place }
      }
      images += 1
      classes[label].images += 1
      classes[best - start].answers += 1
      if rank == 0 {
        first += 1
        classes[label].correct += 1
      }
      if rank < 5 { firstFive += 1 }
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}

extension Evaluation {
  /// The result as the command line's contract has it.
  public var json: JSONObject {
    let rows = classes.enumerated().map { index, entry -> JSON in
      [
        "index": JSON(index), "name": JSON(entry.name), "images": JSON(entry.images),
        "acc1": entry.accuracy.map { JSON(100 * $0) } ?? nil, "answers": JSON(entry.answers),
      ]
    }
    return [
      "acc1": JSON(100 * accuracy), "acc5": JSON(100 * topFive), "loss": JSON(loss),
      "images": JSON(images),
      "images_per_sec": JSON(imagesPerSecond.rounded(1)), "per_class": .array(rows),
    ]
  }
}
