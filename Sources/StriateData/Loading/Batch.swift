import StriateCore

/// Examples staged together: a tensor a port, the first axis counting the examples.
public struct Batch: Sendable {
  /// The ports with the types that they have here.
  public let type: BatchType
  /// A tensor for each port of `type`.
  public let tensors: [HostTensor]
  /// The examples' numbers in the data set.
  public let indices: [Int]
  /// The batch's place in its epoch, from 0.
  public let position: Int

  /// Examples staged by other means than a loader.
  ///
  /// - Parameter tensors: names of ports with their tensors, in the order of the ports.
  public init(_ tensors: [(name: String, tensor: HostTensor)], indices: [Int], position: Int = 0) {
    type = BatchType(tensors.map { BatchType.Entry(name: $0.name, type: $0.tensor.type) })
    self.tensors = tensors.map(\.tensor)
    self.indices = indices
    self.position = position
  }

  /// Samples with a class each.
  ///
  /// - Parameters:
  ///   - inputs: the values, f32 of shape `[count] + inputShape`.
  ///   - labels: the labels, i32 of shape `[count]`.
  public init(inputs: HostTensor, labels: HostTensor, indices: [Int], position: Int = 0) {
    self.init([("input", inputs), ("labels", labels)], indices: indices, position: position)
  }

  /// The number of examples.
  public var count: Int { indices.count }

  /// The tensor of a port; nil where there is none of that name.
  public subscript(name: String) -> HostTensor? {
    type.entries.firstIndex { $0.name == name }.map { tensors[$0] }
  }

  /// The tensor of the port `input`, `[count] + inputShape`; of a batch that has none, an empty one.
  public var inputs: HostTensor { self["input"] ?? HostTensor([Float]()) }
  /// The tensor of the port `labels`, `[count]` where every sample has one class; of a batch that has none, an empty
  /// one.
  public var labels: HostTensor { self["labels"] ?? HostTensor([Int32]()) }

  /// Reads examples one after the other.
  ///
  /// - Parameter isCancelled: asked before every example; true ends with nil.
  /// - Throws: `DataError`, the data set's own error being its cause.
  static func stage(
    _ dataset: any Dataset, indices: [Int], position: Int, draw: SampleDraw,
    isCancelled: () -> Bool = { false }
  ) throws -> Batch? {
    let ports = dataset.signature.ports
    let sizes = ports.map { TensorType($0.dtype, $0.shape).byteCount }
    var staged = 0
    let tensors = try HostTensor.filled(ports.map { $0.type(count: indices.count) }) { rooms in
      for (row, index) in indices.enumerated() {
        if isCancelled() { return }
        let places = zip(rooms, sizes).map { room, size in
          UnsafeMutableRawBufferPointer(rebasing: room[(row * size)..<((row + 1) * size)])
        }
        try read(dataset, index, draw, into: ExampleBuffers(places))
        staged += 1
      }
    }
    guard staged == indices.count else { return nil }
    return Batch(
      zip(ports, tensors).map { ($0.name, $1) }, indices: indices, position: position)
  }

  private static func read(
    _ dataset: any Dataset, _ index: Int, _ draw: SampleDraw, into example: ExampleBuffers
  ) throws {
    do {
      try dataset.read(index, draw: draw, into: example)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.dataset, "sample \(index): \(error)", cause: error)
    }
  }
}
