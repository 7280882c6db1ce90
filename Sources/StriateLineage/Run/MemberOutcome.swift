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
  /// Seconds of the training.
  public var seconds = 0.0

  /// Whether the loss still fell steeply at the end, so that its place among the others says little: in the last
  /// tenth of the steps by more than a twentieth of what it was.
  public var isUnderTrained: Bool {
    guard let last = course.last?.x, course.count >= 8 else { return false }
    func mean(_ from: Double, _ to: Double) -> Double? {
      let part = course.filter { $0.x > from * last && $0.x <= to * last }.map(\.y)
      return part.isEmpty ? nil : part.reduce(0, +) / Double(part.count)
    }
    guard let before = mean(0.8, 0.9), let end = mean(0.9, 1), before > 0 else { return false }
    return (before - end) / before > 0.05
  }

  /// An outcome to be filled.
  init(id: String) { self.id = id }

  /// The outcome as it stands in its file.
  var json: JSON {
    [
      "id": JSON(id), "parameters": JSON(parameters), "macs": JSON(macs),
      "samples": JSON(samples), "passes": JSON(passes), "acc1": JSON(accuracy * 100),
      "train_acc1": trainAccuracy.map { JSON($0 * 100) } ?? .null,
      "course": .array(course.map { ["step": JSON($0.x), "loss": JSON($0.y)] }),
      "seconds": JSON(seconds),
    ]
  }

  /// The outcome in a file; nil where it is none.
  init?(_ json: JSON) {
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
    self.course = course.compactMap { point in
      guard let x = point["step"]?.double, let y = point["loss"]?.double else { return nil }
      return LinePlot.Point(x: x, y: y)
    }
  }
}
