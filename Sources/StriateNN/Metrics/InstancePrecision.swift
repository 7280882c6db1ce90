import StriateCore

/// The average precision of instances that the Data Science Bowl of 2018 was scored by.
///
/// An answered instance finds a true one where their intersection over union is greater than a threshold. Of an image
/// the precision at a threshold is found / (found + missed + made up); its mean over the thresholds 0.5, 0.55 … 0.95 is
/// the image's score, and the mean over the images the set's. An image without instances on either side is left out.
public struct InstancePrecision: Sendable, Hashable {
  /// The thresholds of the competition.
  public static let thresholds = (0..<10).map { 0.5 + 0.05 * Double($0) }

  /// What stands over an image's instances at one threshold.
  public struct Found: Sendable, Hashable {
    /// True instances that an answer found.
    public let found: Int
    /// True instances that none found.
    public let missed: Int
    /// Answers that found none.
    public let invented: Int

    /// The share of found ones in all of these; nil where there are none.
    public var precision: Double? { quotient(found, found + missed + invented) }
  }

  private var sums = [Double](repeating: 0, count: thresholds.count)
  /// Images with instances.
  public private(set) var images = 0
  /// Images without.
  public private(set) var empty = 0

  /// No images.
  public init() {}

  /// Counts an image: the number of the instance of every pixel, 0 for none, in any order of numbers.
  ///
  /// - Throws: `MetricError` where the lists have different lengths.
  public mutating func add(truth: [Int32], answers: [Int32]) throws(MetricError) {
    let overlaps = try Overlaps(truth: truth, answers: answers)
    let scores = Self.thresholds.map { overlaps.found(above: $0).precision }
    let known = scores.compactMap { $0 }
    guard known.count == sums.count else {
      empty += 1
      return
    }
    images += 1
    for (place, score) in known.enumerated() { sums[place] += score }
  }

  /// Adds what another accumulator counted.
  public mutating func add(_ other: InstancePrecision) {
    for place in sums.indices { sums[place] += other.sums[place] }
    images += other.images
    empty += other.empty
  }

  /// The mean over images and thresholds; nil without images.
  public var average: Double? { mean(Self.thresholds.indices.map { at($0) }) }
  /// The mean over images at the threshold 0.5; nil without images.
  public var at50: Double? { at(0) }
  /// The mean over images at the threshold 0.75; nil without images.
  public var at75: Double? { at(5) }

  private func at(_ threshold: Int) -> Double? {
    images > 0 ? sums[threshold] / Double(images) : nil
  }
}

/// Which instances of an image lie on each other, and by how much.
public struct Overlaps: Sendable {
  private struct Pair: Hashable, Sendable { let truth, answer: Int32 }

  private var truths: [Int32: Int] = [:]
  private var answers: [Int32: Int] = [:]
  private var shared: [Pair: Int] = [:]

  /// The overlaps of two maps of instance numbers.
  ///
  /// - Throws: `MetricError` where the maps have different sizes.
  public init(truth: [Int32], answers: [Int32]) throws(MetricError) {
    guard truth.count == answers.count else {
      throw MetricError(
        "expected an answer for each of \(truth.count) pixels, found \(answers.count)")
    }
    var place = 0
    while place < truth.count {
      let (label, answer, start) = (truth[place], answers[place], place)
      repeat {
        place += 1
      } while place < truth.count && truth[place] == label
        && answers[place] == answer
      let run = place - start
      if label != 0 { truths[label, default: 0] += run }
      if answer != 0 { self.answers[answer, default: 0] += run }
      if label != 0, answer != 0 { shared[Pair(truth: label, answer: answer), default: 0] += run }
    }
  }

  /// What was found where an intersection over union above a threshold of at least 0.5 counts: no instance can then
  /// find two.
  public func found(above threshold: Double) -> InstancePrecision.Found {
    let found = shared.count { pair, both in
      let union = truths[pair.truth, default: 0] + answers[pair.answer, default: 0] - both
      return Double(both) > max(threshold, 0.5) * Double(union)
    }
    return InstancePrecision.Found(
      found: found, missed: truths.count - found, invented: answers.count - found)
  }
}
