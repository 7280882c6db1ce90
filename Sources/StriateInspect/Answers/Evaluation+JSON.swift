import StriateData
import StriateFormats
import StriateNN

extension Evaluation {
  /// The result as the command line's contract has it: acc1 and acc5 in percent, all other shares from 0 to 1.
  ///
  /// - Parameter absent: what of classes in the macro average that neither occur nor are answered.
  public func json(absent: ConfusionMatrix.AbsentClasses = .omit) -> JSONObject {
    let rows = classes.enumerated().map { index, entry -> JSON in
      [
        "index": JSON(index), "name": JSON(entry.name), "images": JSON(entry.images),
        "acc1": entry.accuracy.map { JSON(100 * $0) } ?? nil, "answers": JSON(entry.answers),
        "precision": JSON(entry.scores.precision), "recall": JSON(entry.scores.recall),
        "f1": JSON(entry.scores.f1), "support": JSON(entry.scores.support),
        "auroc": entry.auroc.map { JSON($0) } ?? nil, "auprc": entry.auprc.map { JSON($0) } ?? nil,
      ]
    }
    var json: JSONObject = [
      "acc1": JSON(100 * accuracy), "acc5": JSON(100 * topFive), "loss": JSON(loss),
      "images": JSON(images),
      "images_per_sec": JSON(imagesPerSecond.rounded(1)), "per_class": .array(rows),
    ]
    for average in ConfusionMatrix.Average.allCases {
      let scores = confusion.average(average, absent: absent)
      json[average.rawValue] = [
        "precision": JSON(scores.precision), "recall": JSON(scores.recall), "f1": JSON(scores.f1),
      ]
    }
    json["absent_classes"] = [
      "rule": JSON(absent.rawValue), "count": JSON(classes.count - confusion.seenClasses),
    ]
    json["left_out"] = .array(left.map { ["name": JSON($0.name), "reason": JSON($0.reason)] })
    json["auroc"] = auroc.map { JSON($0) } ?? JSON.null
    json["auprc"] = auprc.map { JSON($0) } ?? JSON.null
    return json
  }

  /// The confusion matrix, a list of counts a class: rows are what is so, columns what was answered.
  public var confusionJSON: JSON {
    .array(confusion.rows.map { row in .array(row.map { JSON($0) }) })
  }

  /// The confusion matrix as comma-separated values, with the classes' names before rows and above columns.
  public var confusionCSV: String {
    func quoted(_ name: String) -> String {
      let isPlain = !name.contains { $0 == "," || $0 == "\"" || $0.isNewline }
      return isPlain
        ? name
        : "\""
          + name.split(separator: "\"", omittingEmptySubsequences: false)
          .joined(separator: "\"\"") + "\""
    }
    let names = classes.map { quoted($0.name) }
    let lines = zip(names, confusion.rows).map { name, row in
      ([name] + row.map { "\($0)" }).joined(separator: ",")
    }
    return ((["class"] + names).joined(separator: ",") + "\n") + lines.map { $0 + "\n" }.joined()
  }

  /// The confusion matrix as text, its columns numbered as its rows; of many classes the greatest confusions.
  package var confusionText: String {
    guard classes.count <= 30 else {
      var table = TextTable([("class", .left), ("taken for", .left), ("images", .right)])
      for (label, answer, samples) in confusion.confusions(30) {
        table.add([classes[label].name, classes[answer].name, "\(samples)"])
      }
      return table.text
    }
    let columns = classes.indices.map { (title: "\($0)", side: TextTable.Side.right) }
    var table = TextTable([("", .right), ("class", .left)] + columns)
    for (index, row) in confusion.rows.enumerated() {
      table.add(["\(index)", classes[index].name] + row.map { $0 == 0 ? "·" : "\($0)" })
    }
    return table.text
  }
}
