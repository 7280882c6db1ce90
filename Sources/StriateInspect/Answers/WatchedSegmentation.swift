import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateTasks
import StriateTraining
import Synchronization

/// The scores of segmentation that are no sums of pixels: what lies on boundaries, image by image.
final class BoundaryWatch: Sendable {
  private let score: Mutex<BoundaryScore>

  init(classes: Int) throws {
    score = Mutex(
      try BoundaryScore(classes: classes, ignoring: MaskedImages.usualIgnored))
  }

  /// What was counted.
  var found: BoundaryScore { score.withLock { $0 } }

  /// Counts the masks `[N, H, W]` of a batch.
  func add(truth: HostTensor, answers: HostTensor) throws {
    let (width, size) = (truth.shape[2], truth.shape[1] * truth.shape[2])
    let (so, said) = (truth.scalars(as: Int32.self), answers.scalars(as: Int32.self))
    for start in stride(from: 0, to: so.count, by: max(size, 1)) {
      let range = start..<(start + size)
      try score.withLock {
        try $0.add(truth: Array(so[range]), answers: Array(said[range]), width: width)
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
