import StriateCore

extension Dataset {
  /// The label of a sample, read together with it where it cannot be had alone.
  ///
  /// - Throws: `DataError` where there is no such sample, or it cannot be read.
  public func label(at index: Int) throws -> Int32 {
    switch self {
    case let images as any ImageDataset: return try images.label(at: index)
    case let data as TransformedDataset: return try data.images.label(at: index)
    case let data as Subset:
      guard data.indices.indices.contains(index) else { throw DataError.noSample(index, count) }
      return try data.base.label(at: data.indices[index])
    default: break
    }
    return Int32(try labelled(index).label)
  }

  /// A sample's values and its label.
  ///
  /// - Throws: `DataError` where the samples have no class each, there is no such sample, or it cannot be read.
  public func labelled(_ index: Int) throws -> (input: HostTensor, label: Int) {
    guard isLabelled else {
      throw DataError(
        .invalidRequest, "expected samples with one class each, found \(signature)")
    }
    let example = try example(index)
    return (example[0], Int(example[1].scalars(as: Int32.self)[0]))
  }

  /// Whether a sample is one input with one class.
  public var isLabelled: Bool { signature == .classification(inputShape) }

  /// The labels of all samples.
  ///
  /// - Throws: `DataError` where one cannot be read.
  public func labels() throws -> [Int32] { try (0..<count).map { try label(at: $0) } }

  /// So many samples of every class, drawn by the seed.
  ///
  /// - Throws: `DataError` where a class has fewer.
  public func few(_ shots: Int, seed: UInt64) throws -> Subset {
    var classes: [Int32: [Int]] = [:]
    for index in 0..<count { classes[try label(at: index), default: []].append(index) }
    var chosen: [Int] = []
    for (label, members) in classes.sorted(by: { $0.key < $1.key }) {
      guard members.count >= shots else {
        let name =
          classNames.indices.contains(Int(label)) ? classNames[Int(label)] : "\(label)"
        throw DataError(
          .invalidRequest,
          "\(shots) samples of every class are asked for, but '\(name)' has \(members.count)")
      }
      let order = SampleOrder.shuffled(
        members.count, by: RandomStream(seed: seed, "few", Int(label)))
      chosen += order.prefix(max(shots, 0)).map { members[$0] }
    }
    return try Subset(self, indices: chosen.sorted())
  }
}
