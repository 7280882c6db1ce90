import StriateCore
import StriateNN
import Testing

@Test func badBatchesAreRefused() {
  #expect(throws: MetricError.self) { try ScoredBatch([1, 2, 3], classes: 2, labels: [0]) }
  #expect(throws: MetricError.self) { try ScoredBatch([], classes: 0, labels: []) }
  #expect(throws: MetricError.self) { try ScoredBatch([], classes: .min, labels: [0]) }
  #expect(throws: MetricError.self) { try ScoredBatch([1], classes: .max, labels: [0, 1]) }
  #expect(throws: MetricError.self) {
    try ScoredBatch(HostTensor([Float(1), 2]), labels: HostTensor([Int32(0)]))
  }
  #expect(throws: MetricError.self) {
    try ScoredBatch(
      HostTensor(zeros: TensorType(.float32, [2, 3])),
      labels: HostTensor(zeros: TensorType(.float32, [2])))
  }
  #expect(throws: MetricError.self) {
    var ranking = OneVersusRest(classes: 3)
    try ranking.add(ScoredBatch([1, 2], classes: 2, labels: [0]))
  }
}

@Test func labelsThatAreNoClassesAreNotCounted() throws {
  let batch = try ScoredBatch([3, 1, 2, 0, 1, 5], classes: 2, labels: [-1, 7, 1])
  var accuracy = TopKAccuracy([1, -3, 99])
  accuracy.add(batch)
  #expect(accuracy.samples == 1)
  #expect(accuracy[1] == 1 && accuracy[-3] == 0 && accuracy[99] == 1 && accuracy[2] == 0)
  var matrix = ConfusionMatrix(classes: 2)
  matrix.add(batch)
  matrix.add(labels: [0, 0], answers: [.max])
  #expect(matrix.rows == [[0, 0], [0, 1]])
  #expect(matrix.skipped == 3)
}

@Test func notANumberIsTheLeastScore() throws {
  let nan = Double.nan
  let batch = try ScoredBatch([nan, 1, nan, nan, 0, nan], classes: 2, labels: [1, 1, 0])
  #expect(batch.answers == [1, 0, 0])
  #expect(batch.ranks == [0, 1, 0])
  let ranking = Ranking([nan, 1, nan], isPositive: [false, true, true])
  #expect(ranking.auroc == 0.75)
}

@Test func emptyMetricsAreZeroOrNone() throws {
  #expect(TopKAccuracy()[1] == 0)
  let matrix = ConfusionMatrix(classes: -3)
  #expect(matrix.rows.isEmpty && matrix.accuracy == 0 && matrix.report.isEmpty)
  #expect(matrix.average(.macro).f1 == 0 && matrix.average(.weighted).support == 0)
  #expect(matrix[0, 9] == 0)
  #expect(Ranking([], isPositive: [true]).auroc == nil)
  #expect(Ranking([1], isPositive: [true]).auroc == nil)
  #expect(Ranking([1], isPositive: [false]).averagePrecision == nil)
  let ranking = OneVersusRest(classes: .min)
  #expect(ranking.perClass.isEmpty && ranking.ranking(of: 3).auroc == nil)
  #expect(OneVersusRest.mean([nil, nil]) == nil && OneVersusRest.mean([nil, 0.5]) == 0.5)
}

@Test func theGreatestConfusionsComeFirst() {
  var matrix = ConfusionMatrix(classes: 3)
  matrix.add(labels: [0, 0, 0, 2, 2, 1, 1], answers: [1, 1, 0, 0, 0, 2, 1])
  let found = matrix.confusions(2).map { [$0.label, $0.answer, $0.samples] }
  #expect(found == [[0, 1, 2], [2, 0, 2]])
  #expect(matrix.confusions(-1).isEmpty)
}

@Test func probabilitiesAreTheSoftmaxOfEachRow() throws {
  let batch = try ScoredBatch([0, 0, 1000, -1000], classes: 2, labels: [0, 1]).probabilities
  #expect(batch.scores == [0.5, 0.5, 1, 0])
}
