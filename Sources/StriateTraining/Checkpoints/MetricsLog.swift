import StriateCore
import StriateFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One line of `metrics.jsonl`.
public struct MetricsLine: Sendable, Hashable {
  /// The samples that were measured.
  public enum Split: String, Sendable, Hashable {
    /// Those that were learned from.
    case train
    /// Those held out of the training split to measure on.
    case val
    /// Those of the data's own test split.
    case test
  }

  /// Steps made.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
  /// The samples that were measured.
  public var split: Split
  /// The mean loss.
  public var loss: Double
  /// What else was measured.
  public var metrics: [Metric.Reading]
  /// The learning rate of the last step.
  public var learningRate: Double
  /// Samples a second.
  public var imagesPerSecond: Double
  /// Seconds since the run began, over all its parts.
  public var time: Double
  /// The same of the averaged weights, the loss first; empty where the run keeps none.
  public var averaged: [Metric.Reading] = []
  /// The norm of the newest step's gradients; nil where it is not computed.
  public var gradientNorm: Double?

  var json: JSON {
    var members: JSONObject = [
      "step": JSON(step), "epoch": JSON(epoch), "split": JSON(split.rawValue), "loss": JSON(loss),
    ]
    for reading in metrics { members[reading.name] = JSON(reading.number) }
    members["lr"] = JSON(learningRate)
    members["images_per_sec"] = JSON(imagesPerSecond)
    members["time"] = JSON(time)
    for reading in averaged { members["ema_\(reading.name)"] = JSON(reading.number) }
    if let gradientNorm { members["grad_norm"] = JSON(gradientNorm) }
    return .object(members)
  }
}

/// The log of a run, an object a line, open for appending.
final class MetricsLog {
  private let path: String
  private let descriptor: Int32
  /// The final test that was kept.
  let final: FinalTest?

  /// Which lines of a log that is there are kept.
  struct Kept {
    /// The step through which they are; nil for none.
    var step: Int?
    /// Whether tests come once, at the end of the run, so that no other line of theirs is kept.
    var testsOnce = false
    /// What the task measures.
    var metrics: [Metric] = []
    /// The step of the weights whose final test is kept; nil where the run is not at its end.
    var final: Int?
  }

  /// Opens the log; lines that are not kept, and a line that was cut off, are taken away first.
  init(_ path: String, keeping kept: Kept) throws(TrainingError) {
    self.path = path
    do {
      final = try MetricsLog.cut(path, kept)
      descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
      if descriptor < 0 { throw SystemFailure.last("open") }
    } catch {
      throw TrainingError(.storage, "\(path) cannot be written: \(error)", cause: error)
    }
  }

  deinit { _ = close(descriptor) }

  private static func cut(_ path: String, _ wanted: Kept) throws -> FinalTest? {
    guard InputFile.exists(path) else { return nil }
    let text = String(decoding: try InputFile.contents(path), as: UTF8.self)
    var final: FinalTest?
    let kept = text.split(separator: "\n").filter { line in
      guard let last = wanted.step, let json = try? JSON(parsing: String(line)),
        let step = json["step"]?.int, step <= last
      else { return false }
      guard wanted.testsOnce, json["split"]?.string == MetricsLine.Split.test.rawValue else {
        return true
      }
      guard step == wanted.final, final == nil, let loss = json["loss"]?.double else {
        return false
      }
      final = FinalTest(
        step: step, loss: loss,
        metrics: wanted.metrics.compactMap { metric in
          json[metric.name]?.double.map { Metric.Reading(metric, $0) }
        })
      return true
    }
    try AtomicFile.write(kept.map { $0 + "\n" }.joined(), to: path)
    return final
  }

  /// Appends a line.
  func append(_ line: MetricsLine) throws(TrainingError) {
    do throws(SystemFailure) {
      try Descriptor.append(Array((line.json.text() + "\n").utf8), to: descriptor)
    } catch {
      throw failure(error)
    }
  }

  /// Brings the lines to the disk.
  func sync() throws(TrainingError) {
    if fsync(descriptor) != 0, errno != EINVAL { throw failure(.last("fsync")) }
  }

  private func failure(_ cause: SystemFailure) -> TrainingError {
    TrainingError(.storage, "\(path) cannot be written: \(cause)", cause: cause)
  }
}
