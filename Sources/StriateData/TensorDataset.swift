import StriateCore

/// Samples held in one tensor, the first axis counting them.
public struct TensorDataset: LabelledDataset {
  /// The number of samples.
  public let count: Int
  /// The shape of one sample.
  public let inputShape: Shape
  /// The names of the classes in the order of their labels.
  public let classNames: [String]
  private let inputs: HostTensor
  private let labels: [Int32]

  /// A data set of these samples; the values are converted to f32.
  ///
  /// - Throws: `DataError` where there are not as many labels as samples.
  public init(inputs: HostTensor, labels: [Int32], classNames: [String] = []) throws(DataError) {
    guard inputs.shape.rank > 0, inputs.shape[0] == labels.count else {
      throw DataError(
        .invalidRequest, "inputs of shape \(inputs.shape) do not go with \(labels.count) labels")
    }
    self.inputs = inputs.converted(to: .float32)
    self.labels = labels
    self.classNames = classNames
    count = labels.count
    inputShape = Shape(Array(inputs.shape.dims.dropFirst()))
  }

  /// Writes a sample's values and returns its label.
  ///
  /// - Throws: `DataError` where there is no such sample, or the room is of another size.
  public func read(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) throws -> Int32 {
    guard labels.indices.contains(index) else { throw DataError.noSample(index, count) }
    let size = inputShape.count
    guard input.count == size else {
      throw DataError(.invalidRequest, "expected room for \(size) values, found \(input.count)")
    }
    inputs.withUnsafeBytes { bytes in
      let values = bytes.bindMemory(to: Float.self)
      _ = input.update(fromContentsOf: values[(index * size)..<((index + 1) * size)])
    }
    return labels[index]
  }
}
