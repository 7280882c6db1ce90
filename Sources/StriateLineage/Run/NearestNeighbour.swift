import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// The class of the nearest training picture, by the Euclidean distance of pixels (Cover and Hart, 1967).
enum NearestNeighbour {
  /// Training pictures that are compared at once.
  private static let block = 2000

  /// The class that is given to each of the asked samples.
  ///
  /// - Throws: `DataError` where samples cannot be read, or the device's error.
  static func answers(
    _ asked: any Dataset, knowing train: any Dataset, on device: Device
  ) throws -> [Int32] {
    var blocks: [(pictures: HostTensor, labels: [Int32])] = []
    let known = try Loader(train, batchSize: block).batches(epoch: 0)
    while let batch = try known.next() {
      blocks.append((try flat(batch.inputs), batch.labels.scalars(as: Int32.self)))
    }
    var programs: [[Int]: Program] = [:]
    var answers: [Int32] = []
    let batches = try Loader(asked, batchSize: 500).batches(epoch: 0)
    while let batch = try batches.next() {
      let pictures = try flat(batch.inputs)
      var best = [(distance: Float, label: Int32)](
        repeating: (.infinity, -1), count: batch.count)
      for (others, labels) in blocks {
        let key = [pictures.shape[0], others.shape[0]]
        let program =
          try programs[key]
          ?? Program(on: device, options: TraceOptions(mode: .inference)) { builder in
            let a = builder.input("pictures", pictures.type)
            let b = builder.input("others", others.type)
            // |a − b|² less |a|², which is the same for all b.
            let squares = square(b).sum(over: [1]).reshaped([1, others.shape[0]])
            let distance = squares - matmul(a, b, transposingRight: true) * 2
            builder.output("place", (-distance).argMax(axis: 1))
            builder.output("distance", -(-distance).max(over: [1]))
          }
        programs[key] = program
        let found = try program.run(
          ["pictures": pictures, "others": others], state: program.state())
        let distances = found["distance"]?.scalars(as: Float.self) ?? []
        let places = found["place"]?.scalars(as: Int32.self) ?? []
        for row in best.indices where distances[row] < best[row].distance {
          best[row] = (distances[row], labels[Int(places[row])])
        }
      }
      answers += best.map(\.label)
    }
    return answers
  }

  private static func flat(_ pictures: HostTensor) throws -> HostTensor {
    let count = pictures.shape[0]
    return try HostTensor(
      pictures.scalars(as: Float.self), shape: [count, pictures.shape.count / max(count, 1)])
  }
}
