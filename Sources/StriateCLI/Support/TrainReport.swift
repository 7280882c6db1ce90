import Striate

/// How a training ended.
struct TrainReport {
  let result: TrainingResult
  let id: String
  let data: DataSplits
  let device: Device
  let folder: String
  let parameters: Int
  var samples: String?

  /// The result as the command line's contract has it.
  var json: JSON {
    var members = JSONObject()
    for metric in result.task.metrics {
      members[metric.name] = number(result.test.flatMap(metric.value))
    }
    members["loss"] = number(result.test?.loss)
    let first = result.task.headline.name
    members["best_\(first)"] = number(result.best?.numbers[first])
    members["\(first)_of"] = result.testOf.map { JSON($0.rawValue) } ?? JSON.null
    members["best_step"] = result.best.map { JSON($0.step) } ?? JSON.null
    members["best_of"] = result.best?.chosen.map { JSON($0.rawValue) } ?? JSON.null
    for metric in result.task.metrics {
      guard let value = result.train.flatMap(metric.value) else { continue }
      members["train_\(metric.name)"] = JSON(value)
    }
    members["train_loss"] = number(result.train?.loss)
    members["monitor"] = JSON(result.monitor.name)
    if let best = result.best {
      members["best"] = [
        "name": JSON(result.monitor.name), "value": number(best.numbers[result.monitor.name]),
        "step": JSON(best.step),
      ]
    }
    let further: JSONObject = [
      "epochs": JSON(result.epochs), "steps": JSON(result.steps),
      "seconds": JSON(result.seconds.rounded(3)),
      "images_per_sec": JSON(result.imagesPerSecond.rounded(1)),
      "weights": JSON(result.weights), "output_dir": JSON(folder),
      "samples": samples.map { JSON($0) } ?? nil, "parameters": JSON(parameters),
      "model": JSON(id), "task": JSON(result.task.name), "data": JSON(data.name),
      "device": JSON(device.id),
      "tested_step": result.testStep.map { JSON($0) } ?? nil, "outcome": JSON(outcome),
      "stopped": JSON(result.outcome == .interrupted),
      "stop_reason": result.stopReason.map { JSON($0) } ?? nil,
    ]
    for (name, value) in further { members[name] = value }
    if let final = result.final {
      var all: JSONObject = ["loss": JSON(final.loss), "step": JSON(final.step)]
      for reading in final.metrics {
        members["final_\(reading.name)"] = JSON(reading.number)
        all[reading.name] = JSON(reading.number)
      }
      members["final_loss"] = JSON(final.loss)
      members["final"] = .object(all)
    }
    return .object(members)
  }

  private func number(_ value: Double?) -> JSON { value.map { JSON($0) } ?? nil }

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
    var lines = [("model", "\(id), \(Numbers.grouped(parameters)) parameters")]
    if let test = result.test {
      let what = data.isHeldOut ? "held-out" : "test"
      // The newest weights may be some steps past the newest test.
      let when = result.testStep.map { $0 == result.steps ? "" : ", after step \($0)" } ?? ""
      let shown = result.task.headline
      lines.append(
        (
          "\(what) \(shown.title)",
          "\(shown.text(shown.value(test))) of \(Numbers.grouped(test.count))\(when)"
            + by(result.testOf)
        ))
      for metric in result.task.metrics.dropFirst() {
        lines.append(("\(what) \(metric.title)", metric.text(metric.value(test))))
      }
      lines.append(("\(what) loss", Numbers.fixed(test.loss, 4)))
      if let best = result.best {
        lines.append(
          (
            "best \(what) \(shown.title)",
            "\(shown.text(best.numbers[shown.name])), after step \(Numbers.grouped(best.step))"
              + by(best.chosen)
          ))
      }
    }
    if let final = result.final {
      let shown = result.task.headline
      let share = shown.text(final[shown.name])
      let count = Numbers.grouped(data.final?.count ?? 0)
      lines.append(
        ("test \(shown.title)", "\(share) of \(count), by the best weights (step \(final.step))"))
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
