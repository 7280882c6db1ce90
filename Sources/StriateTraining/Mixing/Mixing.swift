import StriateCore
import StriateData

/// Mixing the samples of a batch in pairs before they are learned from, as mixup and CutMix do.
///
/// Each sample is mixed with the one before it in the batch (the first with the last), all in one way, drawn
/// from the seed and the step: as torchvision does. The loss is `λ·loss(y) + (1 − λ)·loss(y')`, `λ` the
/// sample's own share. Where both are on, each batch takes one of them, each with probability ½.
///
/// Mixup blends whole samples, `λ·x + (1 − λ)·x'` with `λ ~ Beta(α, α)`: Zhang, Cisse, Dauphin and
/// Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018. CutMix pastes a box of `1 − λ` of the
/// area at a random place, cut off at the border, and takes the share that is left for `λ`: Yun, Han, Oh,
/// Chun, Choe and Yoo, "CutMix", ICCV 2019.
public struct Mixing: Sendable, Hashable {
  /// Mixup's `α`; 0 for none.
  public var mixup: Double
  /// CutMix's `α`; 0 for none.
  public var cutmix: Double

  /// A mixing with these `α`.
  public init(mixup: Double = 0, cutmix: Double = 0) {
    self.mixup = mixup
    self.cutmix = cutmix
  }

  /// Whether anything is mixed.
  public var isOn: Bool { mixup > 0 || cutmix > 0 }

  /// - Throws: `TrainingError` where a number makes no sense.
  func validate() throws(TrainingError) {
    for (name, alpha) in [("mixup's alpha", mixup), ("CutMix's alpha", cutmix)] {
      guard alpha >= 0, alpha.isFinite else {
        throw TrainingError(.invalidSetting, "\(name) must be at least 0, found \(alpha)")
      }
    }
  }

  /// - Throws: `TrainingError` where samples of these types cannot be mixed.
  func validate(for batch: BatchType) throws(TrainingError) {
    try validate()
    guard let input = batch["input"], batch.entries.count == 2,
      batch["labels"] == TensorType(.int32, [batch.count])
    else {
      throw TrainingError(
        .mismatch, "mixup and CutMix take samples with one class each, found \(batch)")
    }
    if cutmix > 0, input.shape.rank < 3 {
      throw TrainingError(
        .mismatch, "CutMix takes batches of images [N, C, H, W], found \(input)")
    }
  }

  /// How the batch of a step is mixed: a function of the seed and the step.
  public func draw(_ shape: Shape, seed: UInt64, step: Int) -> Mix {
    var draws = StepDraws(seed: seed, step: step)
    let takesBox = cutmix > 0 && (mixup <= 0 || draws.unit() < 0.5)
    let share = draws.beta(takesBox ? cutmix : mixup)
    guard takesBox, shape.rank >= 3 else {
      return Mix(count: shape.rank > 0 ? shape[0] : 0, share: share, box: nil)
    }
    let (height, width) = (shape[-2], shape[-1])
    let (column, row) = (draws.index(below: width), draws.index(below: height))
    let half = 0.5 * (1 - share).squareRoot()
    func reach(_ center: Int, _ extent: Int) -> Range<Int> {
      let length = Int(half * Double(extent))
      let start = max(center - length, 0)
      return start..<max(min(center + length, extent), start)
    }
    let box = Mix.Box(rows: reach(row, height), columns: reach(column, width), width: width)
    let (area, all) = (box.rows.count * box.columns.count, max(height * width, 1))
    return Mix(
      count: shape[0], share: 1 - Double(area) / Double(all), box: box, plane: height * width)
  }
}

/// How the samples of one batch are mixed.
public struct Mix: Sendable, Hashable {
  /// The pixels that come from the other sample.
  public struct Box: Sendable, Hashable {
    /// The rows.
    public let rows: Range<Int>
    /// The columns.
    public let columns: Range<Int>
    let width: Int
  }

  /// The number of samples.
  let count: Int
  /// The share of a sample that is its own.
  public let share: Double
  /// The pixels that come from the other sample; nil where the samples are blended.
  public let box: Box?
  var plane = 0

  /// Copies rows so that each comes to lie one further, the last one first.
  package func roll(_ from: UnsafeBufferPointer<Int32>, into to: UnsafeMutableBufferPointer<Int32>)
  {
    guard from.count == to.count, let last = from.last else { return }
    for index in 1..<max(from.count, 1) { to[index] = from[index - 1] }
    to[0] = last
  }

  /// Copies samples, each mixed with the one before it.
  package func apply(_ from: UnsafeBufferPointer<Float>, into to: UnsafeMutableBufferPointer<Float>)
  {
    guard count > 0, from.count == to.count, let source = from.baseAddress,
      let target = to.baseAddress
    else { return }
    let size = from.count / count
    for row in 0..<count {
      let own = source + row * size
      let other = source + (row == 0 ? count - 1 : row - 1) * size
      if let box {
        paste(box, own, other, into: target + row * size, size)
      } else {
        blend(own, other, into: target + row * size, size)
      }
    }
  }

  private func blend(
    _ own: UnsafePointer<Float>, _ other: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, _ size: Int
  ) {
    let (mine, theirs) = (Float(share), Float(1 - share))
    for index in 0..<size { target[index] = own[index] * mine + other[index] * theirs }
  }

  private func paste(
    _ box: Box, _ own: UnsafePointer<Float>, _ other: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, _ size: Int
  ) {
    target.update(from: own, count: size)
    guard plane > 0, !box.columns.isEmpty else { return }
    for start in stride(from: 0, to: size, by: plane) {
      for row in box.rows {
        let place = start + row * box.width + box.columns.lowerBound
        (target + place).update(from: other + place, count: box.columns.count)
      }
    }
  }
}
