import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateTasks
import StriateTraining
import Synchronization

/// The scores of segmentation that are no sums of pixels: what lies on boundaries, image by image.
final class BoundaryWatch: Sendable {
  private let state: Mutex<(score: BoundaryScore, spent: Duration)>

  init(classes: Int) throws {
    state = Mutex(
      (try BoundaryScore(classes: classes, ignoring: MaskedImages.usualIgnored), .zero))
  }

  /// What was counted.
  var found: BoundaryScore { state.withLock { $0.score } }
  /// The time that counting took, which is none of the network's.
  var spent: Duration { state.withLock { $0.spent } }

  /// Counts the masks `[N, H, W]` of a batch.
  func add(truth: HostTensor, answers: HostTensor) throws {
    let start = ContinuousClock.now
    defer { state.withLock { $0.spent += ContinuousClock.now - start } }
    let (width, size) = (truth.shape[2], truth.shape[1] * truth.shape[2])
    let (so, said) = (truth.scalars(as: Int32.self), answers.scalars(as: Int32.self))
    for first in stride(from: 0, to: so.count, by: max(size, 1)) {
      let range = first..<(first + size)
      try state.withLock {
        try $0.score.add(truth: Array(so[range]), answers: Array(said[range]), width: width)
      }
    }
  }
}

/// Segmentation whose boundaries are watched as it is measured.
struct WatchedSegmentation: LearningTask {
  let task: Segmentation
  let boundaries: BoundaryWatch

  var name: String { task.name }
  var sums: [String] { task.sums }
  var metrics: [Metric] { task.metrics }

  func judge(_ output: SegmentationLogits, _ ports: PortTensors) -> Judgement {
    task.judge(output, ports)
  }

  func measure(_ output: SegmentationLogits, _ ports: PortTensors) -> Judgement {
    task.measure(output, ports)
  }

  func check(_ batch: Batch, answer: TensorType?) throws(TrainingError) {
    try task.check(batch, answer: answer)
  }

  func tally(_ batch: Batch, _ output: (String) throws -> HostTensor) throws -> [Double] {
    try boundaries.add(truth: output("truth"), answers: output("answer"))
    return try task.tally(batch, output)
  }
}
