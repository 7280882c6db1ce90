import StriateCore
import StriateFormats

/// What the log of a run says, as curves over epochs.
public struct RunCurves: Sendable {
  /// A line of the log; what a line does not give is nil.
  struct Line: Sendable {
    var step, epoch: Int
    var split: MetricsLine.Split
    var loss, measure, rate, speed, time: Double?
  }

  /// What the lines measure beside the loss: the first that they name; nil where they have the loss alone.
  public private(set) var metric: Metric?

  /// The lines in the order of the log.
  private(set) var lines: [Line] = []
  /// Of each epoch its training line over all of it, the last one.
  private(set) var train: [Line] = []
  /// Of each epoch the line of what was measured after it.
  private(set) var test: [Line] = []
  /// Whether that was held out of the training split.
  private(set) var isHeldOut = false
  /// Where it was, the test of the best weights at the end of the run.
  private(set) var final: Line?
  /// The training lines within epochs.
  private(set) var within: [Line] = []

  /// Steps and the mean training loss since the line before.
  public var course: [LinePlot.Point] {
    within.compactMap { line in line.loss.map { LinePlot.Point(x: Double(line.step), y: $0) } }
  }

  /// The curves in a `metrics.jsonl`; lines that are cut off or damaged are passed over.
  ///
  /// - Throws: `TrainingError` where the file cannot be read.
  public init(log path: String) throws {
    do {
      self.init(text: String(decoding: try InputFile.contents(path), as: UTF8.self))
    } catch {
      throw TrainingError(.storage, "\(path) cannot be read: \(error)", cause: error)
    }
  }

  /// The curves in the text of a log.
  public init(text: String) {
    for part in text.split(separator: "\n") {
      metric = metric ?? (try? JSON(parsing: String(part))).flatMap(Self.metric)
      guard let json = try? JSON(parsing: String(part)), let step = json["step"]?.int,
        let epoch = json["epoch"]?.int, epoch > 0,
        let split = json["split"]?.string.flatMap(MetricsLine.Split.init(rawValue:))
      else { continue }
      lines.append(
        Line(
          step: step, epoch: epoch, split: split, loss: json["loss"]?.double,
          measure: metric.flatMap { json[$0.name]?.double }, rate: json["lr"]?.double,
          speed: json["images_per_sec"]?.double, time: json["time"]?.double))
    }
    isHeldOut = lines.contains { $0.split == .val }
    test = lines.filter { $0.split == (isHeldOut ? .val : .test) }
    final = isHeldOut ? lines.last { $0.split == .test } : nil
    let last = Dictionary(
      lines.indices.filter { lines[$0].split == .train }.map { (lines[$0].epoch, $0) },
      uniquingKeysWith: max)
    for (index, line) in lines.enumerated() where line.split == .train {
      if last[line.epoch] == index { train.append(line) } else { within.append(line) }
    }
  }

  /// Epochs that are complete.
  public var epochs: Int { train.count }

  /// What a line names between the loss and the learning rate.
  private static func metric(_ line: JSON) -> Metric? {
    let names = line.object?.names ?? []
    guard let loss = names.firstIndex(of: "loss"), names.indices.contains(loss + 1),
      names[loss + 1] != "lr"
    else { return nil }
    return names[loss + 1] == Metric.accuracy.name
      ? .accuracy : Metric(names[loss + 1]) { _ in nil }
  }

  /// The training line of an epoch.
  func train(_ epoch: Int) -> Line? { train.last { $0.epoch == epoch } }
  /// The line of what was measured after an epoch.
  func test(_ epoch: Int) -> Line? { test.last { $0.epoch == epoch } }

  // MARK: Plots

  /// Loss of training samples, and of test samples or those held out.
  public var loss: LinePlot { plot("Loss", "loss", \.loss) }
  /// What else is measured of the same; nil where nothing is.
  public var measure: LinePlot? {
    metric.map { metric in
      metric.name == Metric.accuracy.name
        ? plot("Accuracy", "correct, %", \.measure) : plot(metric.title, metric.title, \.measure)
    }
  }

  /// The learning rate.
  var learningRate: LinePlot {
    var plot = LinePlot("Learning rate", x: "epoch", y: "rate")
    plot.add("rate", points(lines.filter { $0.split == .train }, \.rate))
    return plot
  }

  /// Training samples a second.
  var speed: LinePlot {
    var plot = LinePlot("Speed", x: "epoch", y: "images/s")
    plot.add("images/s", points(lines.filter { $0.split == .train }, \.speed))
    return plot
  }

  private func plot(_ title: String, _ label: String, _ value: (Line) -> Double?) -> LinePlot {
    var plot = LinePlot(title, x: "epoch", y: label)
    plot.add("train", points(train, value))
    plot.add(isHeldOut ? "held-out" : "test", points(test, value), .marked)
    return plot
  }

  /// Within an epoch a step stands where it falls between its neighbours.
  private func points(_ lines: [Line], _ value: (Line) -> Double?) -> [(x: Double, y: Double)] {
    let perEpoch = train.first.map { Double($0.step) / Double($0.epoch) } ?? 0
    return lines.map { line in
      let x = perEpoch > 0 ? Double(line.step) / perEpoch : Double(line.epoch)
      return (x, value(line) ?? .nan)
    }
  }
}
