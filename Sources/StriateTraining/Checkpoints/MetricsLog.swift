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
  public enum Split: String, Sendable, Hashable { case train, test }

  /// Steps made.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
  /// The samples that were measured.
  public var split: Split
  /// The mean loss.
  public var loss: Double
  /// The share of correct answers, from 0 to 1.
  public var accuracy: Double
  /// The learning rate of the last step.
  public var learningRate: Double
  /// Samples a second.
  public var imagesPerSecond: Double
  /// Seconds since the run began, over all its parts.
  public var time: Double
  /// The same of the averaged weights; nil where the run keeps none.
  public var averaged: StepMetrics?
  /// The norm of the newest step's gradients; nil where it is not computed.
  public var gradientNorm: Double?

  var json: JSON {
    var members: JSONObject = [
      "step": JSON(step), "epoch": JSON(epoch), "split": JSON(split.rawValue), "loss": JSON(loss),
      "acc1": JSON(100 * accuracy), "lr": JSON(learningRate),
      "images_per_sec": JSON(imagesPerSecond),
      "time": JSON(time),
    ]
    if let averaged {
      members["ema_loss"] = JSON(averaged.loss)
      members["ema_acc1"] = JSON(100 * averaged.accuracy)
    }
    if let gradientNorm { members["grad_norm"] = JSON(gradientNorm) }
    return .object(members)
  }
}

/// The log of a run, an object a line, open for appending.
final class MetricsLog {
  private let path: String
  private let descriptor: Int32

  /// Opens the log; lines after the step, and a line that was cut off, are taken away first.
  init(_ path: String, keepingThrough step: Int?) throws(TrainingError) {
    self.path = path
    do {
      try MetricsLog.cut(path, after: step)
      descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
      if descriptor < 0 { throw SystemFailure.last("open") }
    } catch {
      throw TrainingError(.storage, "\(path) cannot be written: \(error)", cause: error)
    }
  }

  deinit { _ = close(descriptor) }

  private static func cut(_ path: String, after step: Int?) throws {
    guard InputFile.exists(path) else { return }
    let text = String(decoding: try InputFile.contents(path), as: UTF8.self)
    let kept = text.split(separator: "\n").filter { line in
      guard let step, let found = try? JSON(parsing: String(line))["step"]?.int else {
        return false
      }
      return found <= step
    }
    try AtomicFile.write(kept.map { $0 + "\n" }.joined(), to: path)
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
