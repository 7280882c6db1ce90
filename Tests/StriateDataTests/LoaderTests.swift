import StriateCore
import StriateData
import Testing

@Suite struct LoaderTests {
  /// All batches that are left.
  private func drain(_ stream: BatchStream) throws -> [Batch] {
    var batches: [Batch] = []
    while let batch = try stream.next() { batches.append(batch) }
    return batches
  }

  @Test(arguments: [0, 1, 2, 5]) func orderDoesNotDependOnThreads(threads: Int) throws {
    let data = Numbers()
    let loader = try Loader(
      data, batchSize: 8, shuffle: true, seed: 3, threads: threads, prefetch: 1 + threads)
    let batches = try drain(loader.batches(epoch: 2))
    #expect(batches.map(\.count) == [8, 8, 8, 8, 8, 8, 2])
    #expect(batches.flatMap(\.indices) == loader.order(epoch: 2))
    #expect(batches.flatMap(\.indices).sorted() == Array(0..<50))
    for batch in batches {
      #expect(batch.inputs.type == TensorType(.float32, [batch.count, 1, 2]))
      #expect(batch.labels.scalars(as: Int32.self) == batch.indices.map(Int32.init))
      #expect(
        batch.inputs.scalars(as: Float.self) == batch.indices.flatMap { [Float($0), -Float($0)] })
    }
    #expect(loader.order(epoch: 2) != loader.order(epoch: 3))
  }

  /// The order is a promise: a run resumed by a later version must go on with the same samples.
  @Test func orderIsFixed() throws {
    let order = SampleOrder.shuffled(8, by: RandomStream(seed: 0, "shuffle", 0))
    #expect(order == [2, 0, 5, 1, 4, 7, 3, 6])
  }

  @Test(arguments: [0, 1, 3]) func resumesInsideAnEpoch(threads: Int) throws {
    let loader = try Loader(Numbers(), batchSize: 7, shuffle: true, threads: threads)
    let whole = try drain(loader.batches(epoch: 1))
    for start in [0, 1, 6, 7, 8, 100] {
      let rest = try drain(loader.batches(epoch: 1, from: start))
      #expect(rest.map(\.indices) == whole.dropFirst(start).map(\.indices))
      #expect(rest.map(\.position) == whole.dropFirst(start).map(\.position))
    }
  }

  @Test func lastBatchCanBeDropped() throws {
    let loader = try Loader(Numbers(), batchSize: 8, rest: .dropped)
    let batches = try drain(loader.batches(epoch: 0))
    #expect(batches.count == 6)
    #expect(loader.batchCount == 6)
    #expect(batches.flatMap(\.indices) == Array(0..<48))
  }

  @Test(arguments: [0, 1, 4]) func errorsComeInTheirTurn(threads: Int) throws {
    let data = Numbers(count: 50, failing: 25)
    let stream = try Loader(data, batchSize: 10, threads: threads, prefetch: 4).batches(epoch: 0)
    #expect(try stream.next()?.position == 0)
    #expect(try stream.next()?.position == 1)
    let error = #expect(throws: DataError.self) { try stream.next() }
    #expect(error?.cause is Numbers.Failure)
    #expect(error?.message.contains("sample 25") == true)
    #expect(try stream.next() == nil)
  }

  @Test func abandoningStopsTheThreads() throws {
    for taken in 0..<40 {
      let stream = try Loader(Numbers(), batchSize: 2, threads: 4, prefetch: 3).batches(epoch: 0)
      for _ in 0..<(taken % 5) { _ = try stream.next() }
      if taken % 2 == 0 {
        stream.stop()
        #expect(try stream.next() == nil)
      }
    }
  }

  @Test func emptyDataSetsHaveNoBatches() throws {
    let loader = try Loader(Numbers(count: 0), batchSize: 4, shuffle: true)
    #expect(loader.batchCount == 0)
    #expect(try loader.batches(epoch: 0).next() == nil)
  }

  @Test func refusesNumbersThatMakeNoSense() {
    #expect(throws: DataError.self) { try Loader(Numbers(), batchSize: 0) }
    #expect(throws: DataError.self) { try Loader(Numbers(), batchSize: 1, threads: -1) }
    #expect(throws: DataError.self) { try Loader(Numbers(), batchSize: 1, prefetch: 0) }
  }

  @Test func samplesOfTheWrongSizeAreRefused() throws {
    struct Wrong: SampleDataset {
      let count = 1
      let inputShape: Shape = [3]
      let classNames = ["a"]
      func sample(at index: Int) -> (input: [Float], label: Int) { ([1, 2], 0) }
    }
    struct Outside: SampleDataset {
      let count = 1
      let inputShape: Shape = [1]
      let classNames = ["a"]
      func sample(at index: Int) -> (input: [Float], label: Int) { ([1], 1) }
    }
    #expect(throws: DataError.self) { try Loader(Wrong(), batchSize: 1).batches(epoch: 0).next() }
    #expect(throws: DataError.self) { try Loader(Outside(), batchSize: 1).batches(epoch: 0).next() }
  }

  @Test func subsetsAndTensors() throws {
    let inputs = try HostTensor((0..<6).map(Float.init), shape: [3, 2])
    let data = try TensorDataset(inputs: inputs, labels: [5, 6, 7])
    let subset = try Subset(data, indices: [2, 0])
    let batch = try #require(try Loader(subset, batchSize: 2).batches(epoch: 0).next())
    #expect(batch.inputs.scalars(as: Float.self) == [4, 5, 0, 1])
    #expect(batch.labels.scalars(as: Int32.self) == [7, 5])
    #expect(throws: DataError.self) { try Subset(data, indices: [3]) }
    #expect(throws: DataError.self) { try TensorDataset(inputs: inputs, labels: [1]) }
  }
}
