import Striate

/// How a training ended.
struct TrainReport {
  let result: TrainingResult
  let entry: CatalogEntry
  let data: DataSplits
  let device: Device
  let folder: String
  let parameters: Int
  var samples: String?

  /// The result as the command line's contract has it.
  var json: JSON {
    var members: JSONObject = [
      "acc1": result.test.map { JSON(100 * $0.accuracy) } ?? nil,
      "loss": result.test.map { JSON($0.loss) } ?? nil,
      "best_acc1": result.bestAccuracy.map { JSON(100 * $0) } ?? nil,
      "acc1_of": result.testOf.map { JSON($0.rawValue) } ?? nil,
      "best_step": result.best.map { JSON($0.step) } ?? nil,
      "best_of": result.best?.chosen.map { JSON($0.rawValue) } ?? nil,
      "train_acc1": result.train.map { JSON(100 * $0.accuracy) } ?? nil,
      "train_loss": result.train.map { JSON($0.loss) } ?? nil,
      "epochs": JSON(result.epochs), "steps": JSON(result.steps),
      "seconds": JSON(result.seconds.rounded(3)),
      "images_per_sec": JSON(result.imagesPerSecond.rounded(1)),
      "weights": JSON(result.weights), "output_dir": JSON(folder),
      "samples": samples.map { JSON($0) } ?? nil, "parameters": JSON(parameters),
      "model": JSON(entry.id), "data": JSON(data.name), "device": JSON(device.id),
      "tested_step": result.testStep.map { JSON($0) } ?? nil, "outcome": JSON(outcome),
      "stopped": JSON(result.outcome == .interrupted),
      "stop_reason": result.stopReason.map { JSON($0) } ?? nil,
    ]
    if let final = result.final {
      members["final_acc1"] = JSON(100 * final.accuracy)
      members["final_loss"] = JSON(final.loss)
    }
    return .object(members)
  }

  /// Whose number it is, where a run keeps an average.
  private func by(_ chosen: ChosenWeights?) -> String {
    switch chosen {
    case .average: ", by the averaged weights"
    case .own: ", by the weights as they are"
    case nil: ""
    }
  }

  private var outcome: String {
    switch result.outcome {
    case .finished: "finished"
    case .interrupted: "interrupted"
    case .stopped: "stopped"
    }
  }

  /// The closing table.
  var text: String {
    var lines = [("model", "\(entry.id), \(Numbers.grouped(parameters)) parameters")]
    if let test = result.test {
      let what = data.isHeldOut ? "held-out" : "test"
      // The newest weights may be some steps past the newest test.
      let when = result.testStep.map { $0 == result.steps ? "" : ", after step \($0)" } ?? ""
      lines.append(
        (
          "\(what) accuracy",
          "\(Numbers.percent(test.accuracy)) of \(Numbers.grouped(test.count))\(when)"
            + by(result.testOf)
        ))
      lines.append(("\(what) loss", Numbers.fixed(test.loss, 4)))
      if let best = result.best {
        lines.append(
          (
            "best \(what) accuracy",
            "\(Numbers.percent(best.accuracy)), after step \(Numbers.grouped(best.step))"
              + by(best.chosen)
          ))
      }
    }
    if let final = result.final {
      let share = Numbers.percent(final.accuracy)
      let count = Numbers.grouped(data.final?.count ?? 0)
      lines.append(
        ("test accuracy", "\(share) of \(count), by the best weights (step \(final.step))"))
    }
    lines += [
      ("epochs", "\(result.epochs)"), ("steps", Numbers.grouped(result.steps)),
      ("images/s", Numbers.grouped(Int(result.imagesPerSecond))),
      ("seconds", Numbers.fixed(result.seconds, 1)), ("device", device.backend.summary),
      ("saved in", folder), ("weights", result.weights),
    ]
    if let samples { lines.append(("samples", samples)) }
    return TextTable.pairs(lines, columns: TerminalStyle.output.limit)
  }
}
