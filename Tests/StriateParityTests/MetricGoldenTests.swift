import StriateFormats
import StriateNN
import Testing

/// One line of metrics.json: scores and labels with what scikit-learn says of them.
struct MetricGolden: Sendable, CustomStringConvertible {
  let json: JSON
  var description: String { json["name"]?.string ?? "" }

  static let all = ((try? JSON(path: Golden.folder + "/metrics.json"))?.array ?? []).map {
    MetricGolden(json: $0)
  }

  /// The samples in batches of at most 7, so that adding up is part of what is compared.
  func batches() throws -> [ScoredBatch] {
    let scores = json["scores"]?.array?.compactMap(\.double) ?? []
    let labels = json["labels"]?.array?.compactMap(\.int) ?? []
    let classes = json["classes"]?.int ?? 0
    return try stride(from: 0, to: labels.count, by: 7).map { start in
      let end = min(start + 7, labels.count)
      return try ScoredBatch(
        Array(scores[(start * classes)..<(end * classes)]), classes: classes,
        labels: Array(labels[start..<end]))
    }
  }
}

@Suite struct MetricGoldenTests {
  @Test("Golden: the table of metrics is whole")
  func table() { #expect(MetricGolden.all.count == 7) }

  @Test("Golden: accuracies are numpy's", arguments: MetricGolden.all)
  func accuracy(_ golden: MetricGolden) throws {
    var accuracy = TopKAccuracy([1, 2, 5])
    for batch in try golden.batches() { accuracy.add(batch) }
    for count in [1, 2, 5] {
      let expected = try #require(golden.json["top"]?["\(count)"]?.double)
      #expect(abs(accuracy[count] - expected) < 1e-12)
    }
  }

  @Test(
    "Golden: confusion, precision, recall and F1 are scikit-learn's", arguments: MetricGolden.all)
  func confusion(_ golden: MetricGolden) throws {
    let batches = try golden.batches()
    var matrix = ConfusionMatrix(classes: batches[0].classes)
    for batch in batches { matrix.add(batch) }
    let rows = golden.json["confusion"]?.array?.map { $0.array?.compactMap(\.int) ?? [] }
    #expect(matrix.rows == rows)
    for (index, scores) in matrix.report.enumerated() {
      let expected = try #require(golden.json["per_class"]?[index])
      try expect(scores, expected)
      #expect(scores.support == expected["support"]?.int)
    }
    for average in ConfusionMatrix.Average.allCases {
      try expect(
        matrix.average(average, absent: .zero), try #require(golden.json[average.rawValue]))
    }
  }

  @Test("Golden: areas under curves are scikit-learn's, ties too", arguments: MetricGolden.all)
  func areas(_ golden: MetricGolden) throws {
    let batches = try golden.batches()
    var ranking = OneVersusRest(classes: batches[0].classes)
    for batch in batches { try ranking.add(batch) }
    for (index, areas) in ranking.perClass.enumerated() {
      let expected = try #require(golden.json["per_class"]?[index])
      for (found, key) in [(areas.auroc, "auroc"), (areas.auprc, "auprc")] {
        let value = expected[key]?.double
        #expect((found == nil) == (value == nil), "\(key) of class \(index)")
        if let found, let value { #expect(abs(found - value) < 1e-12, "\(key) of class \(index)") }
      }
    }
  }

  private func expect(_ scores: ClassScores, _ expected: JSON) throws {
    for (found, key) in [
      (scores.precision, "precision"), (scores.recall, "recall"), (scores.f1, "f1"),
    ] {
      #expect(abs(found - (try #require(expected[key]?.double))) < 1e-12, "\(key)")
    }
  }
}
