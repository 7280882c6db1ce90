/// How often each class was answered for each class.
///
/// Rows are what is so, columns what was answered, as in scikit-learn. Labels and answers that are no class are
/// counted as `skipped` alone. It keeps the pairs that occur, so that a thousand classes cost little.
public struct ConfusionMatrix: Sendable, Hashable {
  private struct Cell: Sendable, Hashable {
    let label, answer: Int
  }

  /// The number of classes.
  public let classes: Int
  /// Samples of each class.
  public private(set) var support: [Int]
  /// Answers that named each class.
  public private(set) var answers: [Int]
  /// Samples of each class that were answered correctly.
  public private(set) var correct: [Int]
  /// Samples whose label or answer is no class.
  public private(set) var skipped = 0
  private var cells: [Cell: Int] = [:]

  /// An empty matrix of this many classes; none for a negative number.
  public init(classes: Int) {
    self.classes = max(classes, 0)
    support = [Int](repeating: 0, count: self.classes)
    answers = support
    correct = support
  }

  /// Counts samples by their classes and answers; of lists of different lengths, the shorter one counts.
  public mutating func add(labels: [Int], answers: [Int]) {
    for (label, answer) in zip(labels, answers) {
      guard support.indices.contains(label), support.indices.contains(answer) else {
        skipped += 1
        continue
      }
      support[label] += 1
      self.answers[answer] += 1
      if label == answer { correct[label] += 1 }
      cells[Cell(label: label, answer: answer), default: 0] += 1
    }
  }

  /// Counts a batch.
  public mutating func add(_ batch: ScoredBatch) {
    add(labels: batch.labels, answers: batch.answers)
  }

  /// How often `answer` was given for samples of `label`.
  public subscript(label: Int, answer: Int) -> Int {
    cells[Cell(label: label, answer: answer)] ?? 0
  }

  /// The whole matrix, a list a class.
  public var rows: [[Int]] {
    (0..<classes).map { label in (0..<classes).map { self[label, $0] } }
  }

  /// The number of samples.
  public var samples: Int { support.reduce(0, +) }

  /// The share of samples that were answered correctly; 0 where there is none.
  public var accuracy: Double { share(correct.reduce(0, +), samples) }

  /// The greatest confusions, most frequent first: samples of one class that were taken for another.
  public func confusions(_ count: Int) -> [(label: Int, answer: Int, samples: Int)] {
    let wrong = cells.filter { $0.key.label != $0.key.answer }.sorted {
      ($1.value, $0.key.label, $0.key.answer) < ($0.value, $1.key.label, $1.key.answer)
    }
    return wrong.prefix(max(count, 0)).map { ($0.key.label, $0.key.answer, $0.value) }
  }
}

/// A quotient of counts; 0 where nothing is counted, scikit-learn's `zero_division=0`.
func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
