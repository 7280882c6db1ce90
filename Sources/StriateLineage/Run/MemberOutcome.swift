import StriateCore
import StriateFormats

/// What became of a member: what it was trained on and how well it answers.
public struct MemberOutcome: Sendable, Hashable {
  /// The member's name.
  public var id: String
  /// Learned numbers.
  public var parameters = 0
  /// Products of a forward pass.
  public var macs = 0
  /// Training samples it saw.
  public var samples = 0
  /// Passes over them.
  public var passes = 0
  /// The share of the test samples that it answered rightly.
  public var accuracy = 0.0
  /// The same of the training samples in the last pass, as they were learned from; nil where nothing was learned.
  public var trainAccuracy: Double?
  /// Steps, and the mean training loss between two of them.
  public var course: [LinePlot.Point] = []
  /// Right answers to changed pictures, those to the unchanged ones first.
  public var robustness: [Share] = []
  /// The classes that it takes for others most often.
  public var confusions: [Confusion] = []
  /// Seconds of the training.
  public var seconds = 0.0

  /// A share of right answers under some condition.
  public struct Share: Sendable, Hashable {
    /// The condition.
    public let name: String
    /// The share.
    public let value: Double
  }

  /// Test pictures of a class that were taken for another.
  public struct Confusion: Sendable, Hashable {
    /// The class that they are of.
    public let truth: Int
    /// The class that was answered.
    public let answer: Int
    /// How many.
    public let count: Int
    /// One of them, by its place among the test pictures.
    public let example: Int
  }

  /// Whether it was still learning when it ended.
  ///
  /// It was where it made fewer than a thousand steps, or where over the last tenth of its steps the loss fell by more than
  /// a tenth. On one cycle the rate falls to nothing and the loss goes flat also in trainings that are far too short.
  var isStillLearning: Bool {
    guard let last = course.last?.x else { return false }
    if last < Self.fewestSteps { return true }
    func mean(_ from: Double, _ to: Double) -> Double? {
      let part = course.filter { $0.x > from * last && $0.x <= to * last }.map(\.y)
      return part.isEmpty ? nil : part.reduce(0, +) / Double(part.count)
    }
    guard let before = mean(0.8, 0.9), let end = mean(0.9, 1), before > 0 else { return false }
    return (before - end) / before > 0.1
  }

  /// Fewer steps than these are no training.
  static let fewestSteps = 1000.0

  /// An outcome to be filled.
  init(id: String) { self.id = id }

  /// The most frequent confusions among answers, of equally frequent ones the first.
  static func confusions(_ answers: [Int32], _ labels: [Int32], most: Int = 5) -> [Confusion] {
    var found: [[Int]: (count: Int, first: Int)] = [:]
    for (place, (answer, label)) in zip(answers, labels).enumerated() where answer != label {
      found[[Int(label), Int(answer)], default: (0, place)].count += 1
    }
    return found.map {
      Confusion(truth: $0.key[0], answer: $0.key[1], count: $0.value.count, example: $0.value.first)
    }.sorted { ($1.count, $0.example) < ($0.count, $1.example) }.prefix(most).map { $0 }
  }

  /// The outcome as it stands in its file.
  var json: JSON {
    [
      "id": JSON(id), "parameters": JSON(parameters), "macs": JSON(macs),
      "samples": JSON(samples), "passes": JSON(passes), "acc1": JSON(accuracy * 100),
      "train_acc1": trainAccuracy.map { JSON($0 * 100) } ?? .null,
      "course": .array(course.map { ["step": JSON($0.x), "loss": JSON($0.y)] }),
      "robustness": .array(
        robustness.map { ["name": JSON($0.name), "acc1": JSON($0.value * 100)] }),
      "confusions": .array(
        confusions.map {
          [
            "truth": JSON($0.truth), "answer": JSON($0.answer), "count": JSON($0.count),
            "example": JSON($0.example),
          ]
        }),
      "seconds": JSON(seconds),
    ]
  }

  /// The outcome in a file; nil where it is none.
  public init?(_ json: JSON) {
    guard let id = json["id"]?.string, let parameters = json["parameters"]?.int,
      let macs = json["macs"]?.int, let samples = json["samples"]?.int,
      let passes = json["passes"]?.int, let accuracy = json["acc1"]?.double,
      let course = json["course"]?.array, let seconds = json["seconds"]?.double
    else { return nil }
    self.init(id: id)
    (self.parameters, self.macs, self.samples, self.passes) = (parameters, macs, samples, passes)
    self.accuracy = accuracy / 100
    self.seconds = seconds
    trainAccuracy = json["train_acc1"]?.double.map { $0 / 100 }
    robustness = (json["robustness"]?.array ?? []).compactMap { share in
      guard let name = share["name"]?.string, let value = share["acc1"]?.double else { return nil }
      return Share(name: name, value: value / 100)
    }
    confusions = (json["confusions"]?.array ?? []).compactMap { pair in
      guard let truth = pair["truth"]?.int, let answer = pair["answer"]?.int,
        let count = pair["count"]?.int, let example = pair["example"]?.int
      else { return nil }
      return Confusion(truth: truth, answer: answer, count: count, example: example)
    }
    self.course = course.compactMap { point in
      guard let x = point["step"]?.double, let y = point["loss"]?.double else { return nil }
      return LinePlot.Point(x: x, y: y)
    }
  }
}
