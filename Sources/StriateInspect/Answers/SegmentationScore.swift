import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTasks
import StriateTraining

/// What a network for segmentation does on a data set, by one confusion matrix over all pixels.
public struct SegmentationScore: Sendable {
  /// The task, which says what is measured.
  public let task: Segmentation
  /// The sums over the images.
  public let sums: StepMetrics
  /// How well boundaries are met, of the masks as they were measured.
  public let boundaries: BoundaryScore
  /// The names of the classes.
  public let classNames: [String]
  /// Seconds spent in the network.
  public let seconds: Double

  /// Measures a network.
  ///
  /// - Throws: what reading throws, `TrainingError` for a mask with a class that the network does not know, or the
  ///   device's error.
  public init(
    _ model: some SegmentationNetwork, weights: NamedTensors, classes: Int, data: any Dataset,
    batchSize: Int = 4, classNames: [String] = [], threads: Int = 1, on device: Device
  ) throws {
    let task = Segmentation(classes: classes)
    let watch = try BoundaryWatch(classes: classes)
    let watched = WatchedSegmentation(task: task, boundaries: watch)
    let rule = GradientDescent(Objective(model, task: watched), optimizer: SGD(), on: device)
    let state = device.backend.makeState()
    try state.write(weights)
    let loader = try Loader(
      data, batchSize: batchSize, threads: threads, prefetch: max(threads + 1, 2))
    let batches = loader.batches(epoch: 0)
    defer { batches.stop() }
    let clock = ContinuousClock()
    var (sums, spent) = (StepMetrics(), Duration.zero)
    while let batch = try batches.next() {
      let start = clock.now
      let found = try rule.evaluate(state, batch)
      spent += clock.now - start
      guard found.lossSum.isFinite else {
        throw InspectError.notFinite(found.lossSum, try rule.evaluationFault(state, batch))
      }
      sums = sums + found
    }
    self.task = task
    self.sums = sums
    boundaries = watch.found
    let network = (spent - watch.spent).components
    seconds = Double(network.seconds) + Double(network.attoseconds) * 1e-18
    self.classNames = classNames
  }

  /// The confusion matrix; nil where there was no image.
  public var confusion: PixelConfusion? { task.confusion(sums) }

  /// Images a second, reading left out.
  public var imagesPerSecond: Double { seconds > 0 ? Double(sums.count) / seconds : 0 }

  /// The name of a class.
  public func className(_ index: Int) -> String {
    classNames.indices.contains(index) ? classNames[index] : "\(index)"
  }

  /// The scores as the command line's contract has them: fractions, what is undefined null.
  public var json: JSONObject {
    func number(_ value: Double?) -> JSON { value.map { JSON($0) } ?? .null }
    var members = JSONObject()
    for metric in task.metrics { members[metric.name] = number(metric.value(sums)) }
    members["boundary_f"] = number(boundaries.mean)
    members["loss"] = JSON(sums.loss)
    if let confusion {
      let (iou, dice, accuracy) = (confusion.iou, confusion.dice, confusion.accuracy)
      let support = confusion.support
      members["per_class"] = .array(
        (0..<confusion.classes).map { index in
          [
            "index": JSON(index), "name": JSON(className(index)), "iou": number(iou[index]),
            "dice": number(dice[index]), "acc": number(accuracy[index]),
            "boundary_f": number(boundaries.byClass[index]), "pixels": JSON(support[index]),
          ]
        })
    }
    members["images"] = JSON(sums.count)
    members["images_per_sec"] = JSON(imagesPerSecond)
    return members
  }
}
