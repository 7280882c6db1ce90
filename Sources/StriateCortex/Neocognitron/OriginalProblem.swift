import StriateCore
import StriateRuntime

/// The first Neocognitron's own problem: five digits at thirty-five places, learned without a teacher.
///
/// Fukushima, 1980, section 5 shows each digit twenty times at places drawn by chance. What is asked is whether each
/// digit then has an output cell of its own, which answers it wherever it is.
public struct OriginalProblem: Sendable {
  /// When the stages learn.
  public enum Order: String, Sendable, Hashable, CaseIterable {
    /// All stages at every presentation, as published.
    case atOnce = "at-once"
    /// A stage after the other, each with all presentations.
    case stageByStage = "stage-by-stage"
  }

  /// The selectivity r of each stage.
  public var selectivity = [4, 1.5, 1.5]
  /// When the stages learn.
  public var order = Order.stageByStage
  /// Presentations of each digit, to each stage.
  public var presentations = 20

  /// The problem with the published constants.
  public init() {}

  /// What came of a training.
  public struct Outcome: Sendable, Hashable {
    /// Of all digits at all places the share that was answered most by the cell that the digit has.
    public let accuracy: Double
    /// The share at which one output cell alone answered.
    public let alone: Double
    /// Output cells that were ever the strongest.
    public let cells: Int
  }

  /// Learns from places drawn by the seed and asks about all of them.
  ///
  /// A cell stands for the digit that makes it the strongest most often.
  ///
  /// - Throws: The device's error.
  public func outcome(seed: UInt64, on device: Device) throws -> Outcome {
    let network = Neocognitron1980(r: selectivity)
    let learning = try SelfOrganization(network, on: device)
    var random = RandomStream(seed: seed, "shifts", 0)
    let stages = Array(network.stages.indices)
    for turn in order == .atOnce ? [stages] : stages.map({ [$0] }) {
      for _ in 0..<presentations {
        for digit in 0..<DrawnDigits.count {
          let shift = DrawnDigits.shifts.randomElement(using: &random) ?? (0, 0)
          let picture = DrawnDigits.picture(digit, right: shift.right, down: shift.down)
          for stage in turn { try learning.present(picture, to: stage) }
        }
      }
    }
    return try Self.score(learning)
  }

  private static func score(_ learning: SelfOrganization) throws -> Outcome {
    let asked = (0..<DrawnDigits.count).flatMap { digit in
      DrawnDigits.shifts.map { (digit, DrawnDigits.picture(digit, right: $0.right, down: $0.down)) }
    }
    let pixels = asked.flatMap { $0.1.scalars(as: Float.self) }
    let pictures = try HostTensor(
      pixels, shape: Shape([asked.count] + learning.input.dims))
    let answers = try learning.answer(pictures)
    let (values, width) = (answers.scalars(as: Float.self), answers.shape[1])
    var votes = [[Int]](
      repeating: [Int](repeating: 0, count: DrawnDigits.count), count: width)
    var alone = 0
    for (row, (digit, _)) in asked.enumerated() {
      let answer = values[(row * width)..<((row + 1) * width)]
      guard let best = answer.indices.max(by: { answer[$0] < answer[$1] }), answer[best] > 0
      else { continue }
      votes[best - row * width][digit] += 1
      alone += answer.count { $0 > 0 } == 1 ? 1 : 0
    }
    let all = Double(asked.count)
    return Outcome(
      accuracy: Double(votes.reduce(0) { $0 + ($1.max() ?? 0) }) / all,
      alone: Double(alone) / all, cells: votes.count { $0.contains { $0 > 0 } })
  }
}
