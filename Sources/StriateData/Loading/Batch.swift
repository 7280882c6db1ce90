import StriateCore

/// Samples staged together.
public struct Batch: Sendable {
  /// The values, f32 of shape `[count] + inputShape`.
  public var inputs: HostTensor
  /// The labels, i32 of shape `[count]`.
  public var labels: HostTensor
  /// The samples' numbers in the data set.
  public var indices: [Int]
  /// The batch's place in its epoch, from 0.
  public var position: Int

  /// Samples staged by other means than a loader.
  public init(inputs: HostTensor, labels: HostTensor, indices: [Int], position: Int = 0) {
    self.inputs = inputs
    self.labels = labels
    self.indices = indices
    self.position = position
  }

  /// The number of samples.
  public var count: Int { indices.count }

  /// Reads samples one after the other.
  ///
  /// - Parameter isCancelled: asked before every sample; true ends with nil.
  /// - Throws: `DataError`, the data set's own error being its cause.
  static func stage(
    _ dataset: any Dataset, indices: [Int], position: Int, draw: SampleDraw,
    isCancelled: () -> Bool = { false }
  ) throws -> Batch? {
    let size = dataset.inputShape.count
    let type = TensorType(.float32, Shape([indices.count] + dataset.inputShape.dims))
    var labels: [Int32] = []
    let inputs = try HostTensor(type: type) { bytes in
      let values = bytes.bindMemory(to: Float.self)
      for (row, index) in indices.enumerated() {
        if isCancelled() { return }
        let place = UnsafeMutableBufferPointer(rebasing: values[(row * size)..<((row + 1) * size)])
        labels.append(try read(dataset, index, draw, into: place))
      }
    }
    guard labels.count == indices.count else { return nil }
    return Batch(
      inputs: inputs, labels: HostTensor(labels), indices: indices, position: position)
  }

  private static func read(
    _ dataset: any Dataset, _ index: Int, _ draw: SampleDraw,
    into place: UnsafeMutableBufferPointer<Float>
  ) throws -> Int32 {
    let label: Int32
    do {
      label = try dataset.read(index, draw: draw, into: place)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.dataset, "sample \(index): \(error)", cause: error)
    }
    let classes = dataset.classNames.count
    guard classes == 0 || (label >= 0 && Int(label) < classes) else {
      throw DataError(
        .dataset, "sample \(index) has label \(label), outside the \(classes) classes")
    }
    return label
  }
}
