import StriateCore
import StriateData

/// Pictures in memory, to be changed as an experiment asks.
package struct HeldPictures {
  /// All values, a picture `[C, H, W]` after the other.
  package var values: [Float]
  /// The class of each.
  package var labels: [Int32]
  /// The shape of a picture, `[C, H, W]`.
  package var shape: Shape
  /// The names of the classes.
  package var classNames: [String]

  /// The pictures of a data set.
  ///
  /// - Throws: `DataError` where one cannot be read.
  package init(_ data: any Dataset) throws {
    shape = data.inputShape
    classNames = data.classNames
    (values, labels) = ([], [])
    values.reserveCapacity(data.count * shape.count)
    let batches = try Loader(data, batchSize: 500).batches(epoch: 0)
    while let batch = try batches.next() {
      values += batch.inputs.scalars(as: Float.self)
      labels += batch.labels.scalars(as: Int32.self)
    }
  }

  /// The pictures as a data set.
  package func dataset() throws -> TensorDataset {
    try TensorDataset(
      inputs: HostTensor(values, shape: Shape([labels.count] + shape.dims)), labels: labels,
      classNames: classNames)
  }

  /// Halves the extent: each value is the mean of four.
  package func halved() -> HeldPictures {
    mapped(Shape([shape[0], shape[1] / 2, shape[2] / 2])) { picture, place in
      let (row, column) = (2 * place.row, 2 * place.column)
      func at(_ y: Int, _ x: Int) -> Float { picture((place.channel, y, x)) }
      let sum =
        at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1)
      return sum / 4
    }
  }

  /// Those of some classes alone, which are then counted from 0 in this order; at most so many of each.
  package func only(_ classes: [Int], most: Int = .max) -> HeldPictures {
    var result = self
    (result.values, result.labels) = ([], [])
    result.classNames = classes.map { classNames.indices.contains($0) ? classNames[$0] : "\($0)" }
    var counts = [Int](repeating: 0, count: classes.count)
    for (index, label) in labels.enumerated() {
      guard let new = classes.firstIndex(of: Int(label)), counts[new] < most else { continue }
      counts[new] += 1
      result.values += values[(index * shape.count)..<((index + 1) * shape.count)]
      result.labels.append(Int32(new))
    }
    return result
  }

  private typealias Place = (channel: Int, row: Int, column: Int)

  /// Pictures of another shape, each value made from the picture that it stands for.
  private func mapped(_ new: Shape, _ make: ((Place) -> Float, Place) -> Float) -> HeldPictures {
    var result = self
    result.shape = new
    result.values = []
    result.values.reserveCapacity(labels.count * new.count)
    let (rows, columns) = (shape[1], shape[2])
    values.withUnsafeBufferPointer { values in
      for index in labels.indices {
        let start = index * shape.count
        func at(_ place: Place) -> Float {
          values[start + (place.channel * rows + place.row) * columns + place.column]
        }
        for channel in 0..<new[0] {
          for row in 0..<new[1] {
            for column in 0..<new[2] { result.values.append(make(at, (channel, row, column))) }
          }
        }
      }
    }
    return result
  }
}
