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
    /// Precision, recall and F1.
    public var scores = ClassScores(precision: 0, recall: 0, f1: 0, support: 0)
    /// The area under the receiver operating characteristic against all other classes, by probability.
    public var auroc: Double?
    /// The area under precision over recall against all other classes, by probability.
    public var auprc: Double?

    /// The share of its samples that were answered correctly; nil where it has none.
    public var accuracy: Double? { images > 0 ? Double(correct) / Double(images) : nil }
  }

  /// The mean cross-entropy.
  public private(set) var loss = 0.0
  /// The classes in the order of their labels.
  public private(set) var classes: [Class] = []
  /// How often each class was answered for each class.
  public private(set) var confusion = ConfusionMatrix(classes: 0)
  /// Seconds that the device computed.
  public private(set) var seconds = 0.0
  /// Images that have no such views by their extent, where they were to be left out.
  public private(set) var left: [BadFile] = []
  private var top = TopKAccuracy([1, 5])

  /// The number of samples.
  public var images: Int { top.samples }
  /// The share of samples whose class is the first answer.
  public var accuracy: Double { top[1] }
  /// The share of samples whose class is among the first five answers.
  public var topFive: Double { top[5] }
  /// Samples a second.
  public var imagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }
  /// The mean AUROC of the classes that have one; nil where it was not measured.
  public var auroc: Double? { OneVersusRest.mean(classes.map(\.auroc)) }
  /// The mean AUPRC of the classes that have one; nil where it was not measured.
  public var auprc: Double? { OneVersusRest.mean(classes.map(\.auprc)) }

  /// The probabilities that are kept at most, 1 GiB of them.
  ///
  /// Larger tests go without areas under curves.
  static let keptProbabilities = 1 << 27

  /// Answers every sample.
  ///
  /// - Parameters:
  ///   - batchSize: samples at once; of several views fewer, as many as have so many values.
  ///   - views: what of an image the model sees, its probabilities averaged over all of it.
  ///   - classNames: names of the model's classes; empty names them by their numbers.
  ///   - badFiles: what is done with an image that has no such views by its extent.
  ///   - threads: threads that read samples.
  /// - Throws: `InspectError` where model and data do not fit, `DataError` where samples cannot be read, or the
  ///   device's error.
  public init(
    _ model: some Layer, weights: NamedTensors, data: any Dataset, batchSize: Int = 256,
    views: ImageViews = .center, badFiles: BadFiles = .fail, classNames: [String] = [],
    threads: Int = 1, on device: Device
  ) throws {
    let clock = ContinuousClock()
    var lossSum = 0.0
    var ranking: OneVersusRest?
    for part in try parts(data, model, views, badFiles) {
      let share = max(part.data.inputShape.count / max(data.inputShape.count, 1), 1)
      let loader = try Loader(
        part.data, batchSize: max(batchSize / share, 1), threads: threads,
        prefetch: max(threads + 1, 2))
      let rule = GradientDescent(Objective(part.model), optimizer: SGD(), on: device)
      let state = device.backend.makeState()
      try state.write(weights)
      let batches = loader.batches(epoch: 0)
      defer { batches.stop() }
      while let batch = try batches.next() {
        let step = try rule.evaluationStep(batch.type)
        if classes.isEmpty {
          try name(step.classes, classNames, data)
          let isKept = data.count.multipliedReportingOverflow(by: step.classes)
          if !isKept.overflow, isKept.partialValue <= Self.keptProbabilities {
            ranking = OneVersusRest(classes: step.classes)
          }
        }
        let start = clock.now
        let metrics = try rule.evaluate(state, batch)
        seconds += Self.seconds(clock.now - start)
        guard metrics.lossSum.isFinite else {
          throw InspectError.notFinite(
            metrics.lossSum, try rule.evaluationFault(state, batch))
        }
        lossSum += metrics.lossSum
        let scored = try ScoredBatch(step.logits(), labels: batch.labels)
        top.add(scored)
        confusion.add(scored)
        try ranking?.add(scored.probabilities)
      }
    }
    loss = images > 0 ? lossSum / Double(images) : 0
    summarise(ranking)
  }

  /// The samples in these views, and the model that averages over them.
  private mutating func parts(
    _ data: any Dataset, _ model: any Layer, _ views: ImageViews, _ badFiles: BadFiles
  ) throws -> [(data: any Dataset, model: any Layer)] {
    if views == .center { return [(data, model)] }
    let found = try ViewDataset.parts(of: data, views, badFiles: badFiles)
    left = found.left
    return found.parts.map { ($0, AveragedViews(model, $0.layout)) }
  }

  private mutating func name(_ count: Int, _ names: [String], _ data: any Dataset) throws {
    guard data.classNames.count <= count else {
      throw InspectError(
        .mismatch,
        "the data have \(data.classNames.count) classes, the model tells \(count) apart")
    }
    let known = names.isEmpty ? data.classNames : names
    classes = (0..<count).map { Class(name: known.indices.contains($0) ? known[$0] : "\($0)") }
    confusion = ConfusionMatrix(classes: count)
  }

  private mutating func summarise(_ ranking: OneVersusRest?) {
    let areas = ranking?.perClass
    for (index, scores) in confusion.report.enumerated() where classes.indices.contains(index) {
      classes[index].images = confusion.support[index]
      classes[index].correct = confusion.correct[index]
      classes[index].answers = confusion.answers[index]
      classes[index].scores = scores
      classes[index].auroc = areas?[index].auroc
      classes[index].auprc = areas?[index].auprc
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
