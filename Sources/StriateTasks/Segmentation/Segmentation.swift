import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateTraining

/// A class at every pixel: cross-entropy of logits `[N, C, H, W]` against labels `[N, H, W]`, scored by one confusion
/// matrix over the whole set.
///
/// The loss is `SegmentationLoss`'s over the pixels that count, that of an auxiliary head added with its weight, 0.5 as torchvision
/// trains its own. Where a network answers only the middle of an image, as U-Net (2015) does, only the middle is judged.
public struct Segmentation: LearningTask {
  /// The number of classes.
  public let classes: Int
  /// The label of pixels that do not count.
  public let ignoring: Int
  /// The weight of each class in the loss; nil counts all alike.
  public let weights: [Double]?
  /// The share of the auxiliary head's loss.
  public let auxiliaryWeight: Double
  /// What training lowers.
  public let loss: SegmentationLoss

  /// Segmentation into so many classes.
  public init(
    classes: Int, ignoring: Int = MaskedImages.usualIgnored, weights: [Double]? = nil,
    auxiliaryWeight: Double = 0.5, loss: SegmentationLoss = .crossEntropy
  ) {
    self.classes = max(classes, 0)
    self.ignoring = ignoring
    self.weights = weights
    self.auxiliaryWeight = auxiliaryWeight
    self.loss = loss
  }

  public let name = "segment"
  public var sums: [String] { ["pixels", "correct"] }

  /// Mean IoU first; of training batches the share of correct pixels alone is known.
  public var metrics: [Metric] {
    func scored(
      _ name: String, _ title: String, _ value: @escaping @Sendable (PixelConfusion) -> Double?
    ) -> Metric {
      Metric(name, title: title, tag: title) { confusion($0).flatMap(value) }
    }
    return [
      scored("miou", "mIoU") { $0.meanIoU },
      Metric("pixel_acc", title: "pixel accuracy", tag: "pixel_acc") { sums in
        confusion(sums)?.pixelAccuracy ?? (sums.sums[0] > 0 ? sums.sums[1] / sums.sums[0] : nil)
      },
      scored("mean_acc", "mean accuracy") { $0.meanAccuracy },
      scored("fw_iou", "frequency-weighted IoU") { $0.frequencyWeightedIoU },
      scored("dice", "Dice") { $0.meanDice },
    ]
  }

  /// The confusion matrix of what was measured; nil where nothing was.
  public func confusion(_ sums: StepMetrics) -> PixelConfusion? {
    try? PixelConfusion(classes: classes, ignoring: ignoring, counts: sums.tally.map { Int($0) })
  }

  // MARK: Programs

  public func judge(_ output: SegmentationLogits, _ ports: PortTensors) -> Judgement {
    let labels = middle(of: ports.labels, like: output.out)
    var loss = criterion(output.out, labels)
    if let aux = output.aux { loss = loss + criterion(aux, labels) * auxiliaryWeight }
    let answer = output.out.argMax(axis: 1)
    let counts = (labels .!= ignoring).converted(to: .float32)
    let correct = (answer .== labels).converted(to: .float32)
    return Judgement(
      loss: loss, sums: ["pixels": counts.sum(), "correct": (correct * counts).sum()])
  }

  public func measure(_ output: SegmentationLogits, _ ports: PortTensors) -> Judgement {
    let labels = middle(of: ports.labels, like: output.out)
    let loss = CrossEntropyLoss(ignoring: ignoring)(output.out, labels)
    return Judgement(
      loss: loss, outputs: ["answer": output.out.argMax(axis: 1), "truth": labels])
  }

  private func criterion(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    loss(logits, labels, weights: weights, ignoring: ignoring)
  }

  /// The labels of the pixels that are answered.
  private func middle(of labels: Tensor, like logits: Tensor) -> Tensor {
    if labels.isPoisoned || logits.isPoisoned { return labels }
    let (rows, columns) = (logits.shape[2], logits.shape[3])
    let (top, left) = ((labels.shape[1] - rows) / 2, (labels.shape[2] - columns) / 2)
    if top == 0, left == 0 { return labels }
    return labels.slice(axis: 1, from: top, to: top + rows)
      .slice(axis: 2, from: left, to: left + columns)
  }

  // MARK: Host

  public func check(_ batch: Batch, answer: TensorType?) throws(TrainingError) {
    let size = batch.labels.count / max(batch.count, 1)
    let bad = batch.labels.withUnsafeBytes { bytes in
      bytes.bindMemory(to: Int32.self).firstIndex {
        ($0 < 0 || Int($0) >= classes) && Int($0) != ignoring
      }
    }
    guard let bad, size > 0 else { return }
    throw TrainingError(
      .mismatch,
      "the mask of sample \(batch.indices[bad / size]) has class "
        + "\(batch.labels.scalars(as: Int32.self)[bad]), the model tells \(classes) classes apart; "
        + "\(ignoring) marks pixels that do not count")
  }

  public func tally(
    _ batch: Batch, _ output: (String) throws -> HostTensor
  ) throws -> [Double] {
    var confusion = try PixelConfusion(classes: classes, ignoring: ignoring)
    try output("truth").withUnsafeBytes { truth in
      try output("answer").withUnsafeBytes { answer in
        try confusion.add(
          truth: truth.bindMemory(to: Int32.self), answers: answer.bindMemory(to: Int32.self))
      }
    }
    return confusion.counts.map(Double.init)
  }
}
