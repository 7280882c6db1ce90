import StriateCore

/// Examples of one signature; called from several threads at once.
///
/// Of images with a class each, `LabelledDataset` asks for less; one's own data take a few lines with `SampleDataset`.
///
/// ```swift
/// struct Rain: Dataset {
///   let count = 1000
///   let signature = Signature([
///     Port("radar", .float32, [1, 64, 64], role: .input), Port("rain", .float32, [64, 64], role: .target),
///   ])
///   func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws {
///     fill(index, example.values(0, as: Float.self), example.values(1, as: Float.self))
///   }
/// }
/// ```
public protocol Dataset: Sendable {
  /// The number of examples.
  var count: Int { get }
  /// What one example holds.
  var signature: Signature { get }
  /// The names of the classes in the order of their labels; empty where they have none.
  var classNames: [String] { get }
  /// Writes an example.
  ///
  /// - Parameters:
  ///   - index: the example, from 0 to `count - 1`.
  ///   - draw: with the index, all that chance may depend on; nil for the example as it is.
  ///   - example: the room of each port of the signature; all of it must be written.
  func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws
}

extension Dataset {
  /// None.
  public var classNames: [String] { [] }

  /// The shape of one example's first input: `[1, 28, 28]`.
  public var inputShape: Shape { signature.first(.input)?.shape ?? .scalar }

  /// One example, a tensor a port.
  ///
  /// - Parameter draw: as an epoch sees it; nil for the example as it is.
  /// - Throws: `DataError` where there is no such example, or what reading throws.
  public func example(_ index: Int, draw: SampleDraw? = nil) throws -> [HostTensor] {
    guard index >= 0, index < count else { throw DataError.noSample(index, count) }
    return try HostTensor.filled(signature.ports.map { TensorType($0.dtype, $0.shape) }) {
      try read(index, draw: draw, into: ExampleBuffers($0))
    }
  }
}

/// Samples of one shape with a class each.
public protocol LabelledDataset: Dataset {
  /// The shape of one sample: `[1, 28, 28]`.
  var inputShape: Shape { get }
  /// Writes a sample's values and returns its label.
  ///
  /// - Parameters:
  ///   - index: the sample, from 0 to `count - 1`.
  ///   - input: as many values as `inputShape` has; all must be written.
  func read(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) throws -> Int32
  /// Writes a sample's values as an epoch sees them and returns its label; what needs no draws is read
  /// as `read(_:into:)` does.
  ///
  /// - Parameters:
  ///   - index: the sample, from 0 to `count - 1`.
  ///   - draw: with the index, all that chance may depend on.
  ///   - input: as many values as `inputShape` has; all must be written.
  func read(
    _ index: Int, draw: SampleDraw, into input: UnsafeMutableBufferPointer<Float>
  ) throws -> Int32
}

extension LabelledDataset {
  /// One input and its class.
  public var signature: Signature { .classification(inputShape) }

  /// Writes the sample that needs no draws.
  public func read(
    _ index: Int, draw: SampleDraw, into input: UnsafeMutableBufferPointer<Float>
  ) throws -> Int32 {
    try read(index, into: input)
  }

  /// Writes the sample and its label.
  ///
  /// - Throws: `DataError` for a label that is none of the classes, or what reading throws.
  public func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws {
    let input = example.values(0, as: Float.self)
    let label = try draw.map { try read(index, draw: $0, into: input) } ?? read(index, into: input)
    let classes = classNames.count
    guard classes == 0 || (label >= 0 && Int(label) < classes) else {
      throw DataError(
        .dataset, "sample \(index) has label \(label), outside the \(classes) classes")
    }
    example.values(1, as: Int32.self).update(repeating: label)
  }
}

/// What chance in a sample depends on beside its number: neither threads nor the batch it is in.
public struct SampleDraw: Sendable, Hashable {
  /// The seed of the run.
  public var seed: UInt64
  /// The pass over the samples, from 0.
  public var epoch: Int

  /// The draws of a pass.
  public init(seed: UInt64, epoch: Int) {
    self.seed = seed
    self.epoch = epoch
  }

  /// The random numbers of a sample.
  public func stream(_ index: Int) -> RandomStream {
    RandomStream(seed: seed, "augment", epoch, index)
  }
}

/// A data set that hands out arrays.
///
/// ```swift
/// struct Parity: SampleDataset {
///   let count = 256
///   let inputShape: Shape = [8]
///   let classNames = ["even", "odd"]
///   func sample(at index: Int) throws -> (input: [Float], label: Int) {
///     ((0..<8).map { Float(index >> $0 & 1) }, index.nonzeroBitCount % 2)
///   }
/// }
/// ```
public protocol SampleDataset: LabelledDataset {
  /// A sample's values in row order and its label.
  func sample(at index: Int) throws -> (input: [Float], label: Int)
}

extension SampleDataset {
  /// Copies the sample's values and returns its label.
  ///
  /// - Throws: `DataError` where the sample is of another size, or what `sample(at:)` throws.
  public func read(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) throws -> Int32 {
    let sample = try sample(at: index)
    guard sample.input.count == input.count, let label = Int32(exactly: sample.label) else {
      throw DataError(
        .dataset,
        "sample \(index) has \(sample.input.count) values and label \(sample.label), expected "
          + "\(input.count) values for shape \(inputShape)")
    }
    _ = input.update(fromContentsOf: sample.input)
    return label
  }
}

/// Chosen samples of another data set, in a chosen order.
public struct Subset: Dataset {
  let base: any Dataset
  let indices: [Int]

  /// The samples at these indices.
  ///
  /// - Throws: `DataError` where there is no such sample.
  public init(_ base: any Dataset, indices: [Int]) throws(DataError) {
    for index in indices where index < 0 || index >= base.count {
      throw DataError(.invalidRequest, "there is no sample \(index) among \(base.count)")
    }
    self.base = base
    self.indices = indices
  }

  /// The number of chosen samples.
  public var count: Int { indices.count }
  /// What one example holds.
  public var signature: Signature { base.signature }
  /// The names of the classes in the order of their labels.
  public var classNames: [String] { base.classNames }

  /// Writes an example; its draws are those that it has in the other data set.
  ///
  /// - Throws: `DataError` where there is no such sample, or what the other data set throws.
  public func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws {
    guard indices.indices.contains(index) else { throw DataError.noSample(index, count) }
    try base.read(indices[index], draw: draw, into: example)
  }
}

extension DataError {
  static func noSample(_ index: Int, _ count: Int) -> DataError {
    DataError(
      .invalidRequest,
      "there is no sample \(index) among \(count)"
        + (count > 0 ? "; they are numbered from 0 to \(count - 1)" : ""))
  }
}
