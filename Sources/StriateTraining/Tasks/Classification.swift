import StriateCore
import StriateData
import StriateIR
import StriateNN

/// One class an example: cross-entropy of logits `[N, C]` against labels `[N]`, and the share of correct answers.
public struct Classification: LearningTask {
  /// The loss that training lowers; what is reported for test samples is the same without its label smoothing.
  public let loss: CrossEntropyLoss
  /// What the answer is judged as: that of a `RejectingClassifier` over its classes and none.
  private let judged: @Sendable (Tensor) -> Tensor

  /// Classification by the mean cross-entropy.
  ///
  /// - Parameter rejecting: the model, where it may answer that it is none of its classes.
  public init(loss: CrossEntropyLoss = CrossEntropyLoss(), rejecting: Any? = nil) {
    self.loss = loss
    let rejecting = rejecting as? any RejectingClassifier
    judged = { rejecting?.withRejection($0) ?? $0 }
  }

  public let name = "classify"
  public var sums: [String] { ["correct"] }
  public var metrics: [Metric] { [.accuracy] }

  /// The loss of the logits and of auxiliary heads', each by its weight.
  public func judge(_ logits: Tensor, _ ports: PortTensors) -> Judgement {
    let labels = ports.labels
    let heads = logits.builder.auxiliaryAnswers
    let own = loss(judged(logits), labels)
    let sum = heads.reduce(own) { $0 + loss($1.logits, labels) * $1.weight }
    return Judgement(
      loss: sum, outputs: ["logits": logits],
      sums: ["correct": correctCount(logits, labels: labels)])
  }

  /// The cross-entropy without smoothing or heads.
  public func measure(_ logits: Tensor, _ ports: PortTensors) -> Judgement {
    Judgement(
      loss: CrossEntropyLoss()(judged(logits), ports.labels), outputs: ["logits": logits],
      sums: ["correct": correctCount(logits, labels: ports.labels)])
  }

  /// Where curvatures begin: of cross-entropy `p·(1 − p)`, of its mean a share.
  func curvature(_ logits: Tensor, _ ports: PortTensors) -> CurvatureSeed {
    let logits = judged(logits)
    let gradient = logits.builder.gradients(of: loss(logits, ports.labels), in: [logits])[0]
    let p = softmax(logits, axis: 1)
    let share = 1 / Double(max(ports.input.shape[0], 1))
    return CurvatureSeed(logits, gradient: gradient, curvature: p * (1 - p) * share)
  }

  public func check(_ batch: Batch, answer: TensorType?) throws(TrainingError) {
    try ClassLabels.check(batch, classes: answer?.shape[-1] ?? 0)
  }

  public func answers(_ output: (String) throws -> HostTensor) throws -> [Int]? {
    ClassLabels.answers(try output("logits"))
  }
}

/// Classification judged in a way of one's own: a loss that gradients lower, accuracy beside it.
struct CustomClassification<Output>: LearningTask {
  let judging: @Sendable (Output, Tensor) -> Judgement
  let measuring: @Sendable (Output, Tensor) -> Judgement

  let name = "classify"
  var sums: [String] { ["correct"] }
  var metrics: [Metric] { [.accuracy] }

  func judge(_ output: Output, _ ports: PortTensors) -> Judgement {
    counted(judging(output, ports.labels), ports)
  }

  func measure(_ output: Output, _ ports: PortTensors) -> Judgement {
    counted(measuring(output, ports.labels), ports)
  }

  private func counted(_ judgement: Judgement, _ ports: PortTensors) -> Judgement {
    var judgement = judgement
    if let logits = judgement.outputs.first?.tensor {
      judgement.sums = [("correct", correctCount(logits, labels: ports.labels))]
    }
    return judgement
  }

  func check(_ batch: Batch, answer: TensorType?) throws(TrainingError) {
    try ClassLabels.check(batch, classes: answer?.shape[-1] ?? 0)
  }

  func answers(_ output: (String) throws -> HostTensor) throws -> [Int]? {
    ClassLabels.answers(try output("logits"))
  }
}

/// What every way of classifying does with labels and answers.
private enum ClassLabels {
  static func check(_ batch: Batch, classes: Int) throws(TrainingError) {
    let labels = batch.labels
    let bad = labels.withUnsafeBytes { bytes in
      bytes.bindMemory(to: Int32.self).firstIndex { $0 < 0 || Int($0) >= classes }
    }
    guard let bad else { return }
    throw TrainingError(
      .mismatch,
      "sample \(batch.indices[bad]) has class \(labels.scalars(as: Int32.self)[bad]), the model tells "
        + "\(classes) classes apart")
  }

  /// The most probable class of each sample, the first of equal ones; nil where there is no row of logits a sample.
  static func answers(_ logits: HostTensor) -> [Int]? {
    let logits = logits.converted(to: .float32)
    let classes = logits.shape[-1]
    guard logits.shape.rank == 2, classes > 0 else { return nil }
    return logits.withUnsafeBytes { bytes in
      let values = bytes.bindMemory(to: Float.self)
      return stride(from: 0, to: values.count, by: classes).map { start in
        (0..<classes).reduce(0) { values[start + $1] > values[start + $0] ? $1 : $0 }
      }
    }
  }
}

extension Metric {
  /// The share of correct answers, in per cent.
  public static let accuracy = Metric(
    "acc1", label: "acc", title: "accuracy", tag: "Acc@1", unit: .percent
  ) { 100 * $0.accuracy }
}

extension StepMetrics {
  /// Sums over the samples of a classifier.
  public init(lossSum: Double, correct: Double, count: Int, gradientNorm: Double? = nil) {
    self.init(
      lossSum: lossSum, count: count, sums: [correct, 0, 0, 0, 0, 0, 0, 0],
      gradientNorm: gradientNorm)
  }

  /// The number of correct answers of a classifier.
  public var correct: Double {
    get { sums[0] }
    set { sums[0] = newValue }
  }

  /// The share of correct answers of a classifier, from 0 to 1.
  public var accuracy: Double { count > 0 ? correct / Double(count) : 0 }
}
