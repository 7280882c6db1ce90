import StriateCore
import StriateData
import Testing

/// Sizes of the batches of an epoch.
private func sizes(_ cut: BatchCut) -> [Int] {
  (0..<cut.batchCount).map { cut.samples(in: $0).count }
}

@Test(arguments: [
  (17, 8, BatchCut.Rest.kept, [8, 8, 1]), (17, 8, .dropped, [8, 8]), (17, 8, .merged, [8, 9]),
  (16, 8, .kept, [8, 8]), (16, 8, .dropped, [8, 8]), (16, 8, .merged, [8, 8]),
  (3, 8, .kept, [3]), (3, 8, .dropped, []), (3, 8, .merged, [3]),
  (3, 1, .merged, [1, 1, 1]), (0, 8, .kept, []), (0, 8, .merged, []), (9, 8, .merged, [9]),
  (5, .max, .merged, [5]), (5, .max, .kept, [5]),
])
func samplesAreCutIntoBatches(_ count: Int, _ size: Int, _ rest: BatchCut.Rest, _ wanted: [Int]) {
  let cut = BatchCut(count, batchSize: size, rest: rest)
  #expect(sizes(cut) == wanted)
  #expect(cut.usedCount == wanted.reduce(0, +))
  #expect(cut.samples(in: 0..<cut.batchCount) == 0..<cut.usedCount)
}

@Test func aMergedBatchIsStagedWhole() throws {
  let data = try TensorDataset(
    inputs: HostTensor((0..<17).map { Float($0) }, shape: [17, 1]),
    labels: [Int32](repeating: 0, count: 17))
  for threads in [0, 2] {
    let loader = try Loader(data, batchSize: 8, threads: threads, rest: .merged)
    let batches = loader.batches(epoch: 0)
    var seen: [[Int]] = []
    while let batch = try batches.next() { seen.append(batch.indices) }
    #expect(seen == [Array(0..<8), Array(8..<17)])
  }
}
