import StriateCore

/// How often each class was answered for pixels of each class, over a whole set: what segmentation is scored by.
///
/// Rows are what is so, columns what was answered. Everything is a fraction from 0 to 1; what is undefined, as the
/// intersection over union of a class that neither occurs nor is answered, is nil, and means leave it out.
///
/// ```swift
/// var confusion = try PixelConfusion(classes: 21, ignoring: 255)
/// for (truth, answers) in masks { try confusion.add(truth: truth, answers: answers) }
/// print(confusion.meanIoU ?? .nan)
/// ```
public struct PixelConfusion: Sendable, Hashable {
  /// The number of classes.
  public let classes: Int
  /// The label of pixels that do not count.
  public let ignoring: Int?
  /// Pixels by class and answer, a row a class.
  public private(set) var counts: [Int]
  /// Pixels that did not count.
  public private(set) var ignored = 0

  /// The classes that a matrix may have at most.
  public static let classLimit = 4096

  /// An empty matrix of this many classes; none for a negative number.
  ///
  /// - Throws: `MetricError` where there are more classes than `classLimit`.
  public init(classes: Int, ignoring: Int? = nil) throws(MetricError) {
    guard classes <= Self.classLimit else {
      throw MetricError(
        "expected at most \(Self.classLimit) classes of pixels, found \(classes)")
    }
    self.classes = max(classes, 0)
    self.ignoring = ignoring
    counts = [Int](repeating: 0, count: self.classes * self.classes)
  }

  /// A matrix of these counts, a row a class.
  ///
  /// - Throws: `MetricError` where there are not `classes²` of them, none negative.
  public init(classes: Int, ignoring: Int? = nil, counts: [Int]) throws(MetricError) {
    try self.init(classes: classes, ignoring: ignoring)
    guard counts.count == self.counts.count, counts.allSatisfy({ $0 >= 0 }) else {
      throw MetricError(
        "expected \(self.counts.count) counts, none negative, found \(counts.count)")
    }
    self.counts = counts
  }

  /// Counts the pixels of an image.
  ///
  /// - Throws: `MetricError` where the lists have different lengths, or a label or an answer is no class; nothing of
  ///   the image is counted then.
  public mutating func add<T: FixedWidthInteger>(
    truth: [T], answers: [T]
  ) throws(MetricError) {
    let fault = truth.withUnsafeBufferPointer { truth in
      answers.withUnsafeBufferPointer { answers in count(truth, answers) }
    }
    if let fault { throw fault }
  }

  /// Counts pixels of masks in memory that somebody else holds.
  ///
  /// - Throws: `MetricError` as with lists.
  public mutating func add<T: FixedWidthInteger>(
    truth: UnsafeBufferPointer<T>, answers: UnsafeBufferPointer<T>
  ) throws(MetricError) {
    if let fault = count(truth, answers) { throw fault }
  }

  /// Adds what another matrix counted.
  ///
  /// - Throws: `MetricError` where it has other classes.
  public mutating func add(_ other: PixelConfusion) throws(MetricError) {
    guard other.classes == classes, other.ignoring == ignoring else {
      throw MetricError(
        "expected a matrix of \(classes) classes that ignores \(ignoring.map(String.init) ?? "none"), "
          + "found one of \(other.classes) that ignores \(other.ignoring.map(String.init) ?? "none")"
      )
    }
    for place in counts.indices { counts[place] += other.counts[place] }
    ignored += other.ignored
  }

  /// Counts runs of equal pairs, which masks are full of, and commits them when all were classes.
  private mutating func count<T: FixedWidthInteger>(
    _ truth: UnsafeBufferPointer<T>, _ answers: UnsafeBufferPointer<T>
  ) -> MetricError? {
    guard truth.count == answers.count else {
      return MetricError(
        "expected an answer for each of \(truth.count) pixels, found \(answers.count)")
    }
    var (sums, skipped) = (counts, 0)
    var place = 0
    while place < truth.count {
      let (label, answer, start) = (truth[place], answers[place], place)
      repeat {
        place += 1
      } while place < truth.count && truth[place] == label
        && answers[place] == answer
      if let ignoring, label == ignoring {
        skipped += place - start
        continue
      }
      guard label >= 0, label < classes else {
        return MetricError(
          "expected a class from 0 to \(classes - 1)"
            + "\(ignoring.map { " or \($0), which is ignored," } ?? ""), "
            + "found \(label) at pixel \(start)")
      }
      guard answer >= 0, answer < classes else {
        return MetricError(
          "expected an answer from 0 to \(classes - 1), found \(answer) at pixel \(start)")
      }
      sums[Int(label) * classes + Int(answer)] += place - start
    }
    counts = sums
    ignored += skipped
    return nil
  }

  /// How many pixels of `label` were answered `answer`; 0 for what is no class.
  public subscript(label: Int, answer: Int) -> Int {
    guard 0..<classes ~= label, 0..<classes ~= answer else { return 0 }
    return counts[label * classes + answer]
  }
}

extension PixelConfusion {
  /// Pixels that counted.
  public var pixels: Int { counts.reduce(0, +) }

  /// Pixels of each class.
  public var support: [Int] {
    (0..<classes).map { label in (0..<classes).reduce(0) { $0 + self[label, $1] } }
  }

  /// Pixels answered with each class.
  public var answered: [Int] {
    (0..<classes).map { answer in (0..<classes).reduce(0) { $0 + self[$1, answer] } }
  }

  /// Of each class the pixels that are both so and answered, over those that are either.
  public var iou: [Double?] {
    byClass { both, so, answered in quotient(both, so + answered - both) }
  }

  /// Of each class Dice's coefficient: twice the pixels that are both, over those that are so and those answered.
  public var dice: [Double?] { byClass { both, so, answered in quotient(2 * both, so + answered) } }

  /// Of each class the share of its pixels that were answered correctly.
  public var accuracy: [Double?] { byClass { both, so, _ in quotient(both, so) } }

  /// The mean over the classes of the intersection over union, mIoU.
  public var meanIoU: Double? { mean(iou) }

  /// The mean over the classes of Dice's coefficient.
  public var meanDice: Double? { mean(dice) }

  /// The mean over the classes of their accuracies.
  public var meanAccuracy: Double? { mean(accuracy) }

  /// The share of all pixels that were answered correctly.
  public var pixelAccuracy: Double? {
    quotient((0..<classes).reduce(0) { $0 + self[$1, $1] }, pixels)
  }

  /// The intersection over union of the classes weighed by their pixels.
  public var frequencyWeightedIoU: Double? {
    guard pixels > 0 else { return nil }
    return zip(support, iou).reduce(0) { $0 + Double($1.0) * ($1.1 ?? 0) } / Double(pixels)
  }

  private func byClass(_ score: (_ both: Int, _ so: Int, _ answered: Int) -> Double?) -> [Double?] {
    let (support, answered) = (support, answered)
    return (0..<classes).map { score(self[$0, $0], support[$0], answered[$0]) }
  }
}

/// A quotient of counts; nil where nothing is counted.
func quotient(_ part: Int, _ whole: Int) -> Double? {
  whole > 0 ? Double(part) / Double(whole) : nil
}

/// The mean of what is defined; nil where nothing is.
func mean(_ values: [Double?]) -> Double? {
  let defined = values.compactMap { $0 }
  return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
}
