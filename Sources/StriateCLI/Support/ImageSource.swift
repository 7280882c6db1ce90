import Striate

/// Images for a network: files as it wants them, and test samples of data sets.
struct ImageSource {
  /// An image that is ready.
  struct Entry {
    var name: String
    var tensor: HostTensor
    /// What was subtracted from each channel, then divided by; empty for nothing.
    var mean: [Float]
    var std: [Float]
    var truth: Int?
  }

  private let trained: TrainedModel
  private let data: DataSplits?
  private let invert: Bool
  private var loaded: [String: DataSplits] = [:]

  init(_ trained: TrainedModel, data: String?, invert: Bool) throws {
    self.trained = trained
    self.invert = invert
    self.data = try data.map {
      try TestData($0, for: trained.metadata, input: trained.input).splits
    }
    if let data = self.data { try ClassCheck.check(trained.metadata, against: data) }
  }

  /// The names of the classes: those in the weights' file, else those of the data.
  var classNames: [String] {
    trained.metadata.classes.isEmpty
      ? data?.test.classNames ?? [] : trained.metadata.classes
  }

  /// An image file, or a sample as `idx:FOLDER#PREFIX:INDEX`.
  mutating func image(_ name: String) throws -> Entry {
    if name.hasPrefix("idx:") { return try idx(name) }
    let image = try Image(file: name)
    let (mean, std) = normalization
    return Entry(name: name, tensor: try tensor(image, mean, std), mean: mean, std: std, truth: nil)
  }

  /// A test sample of the data.
  func sample(_ index: Int) throws -> Entry {
    guard let data else { throw InspectError(.usage, "--index needs --data") }
    return try sample(index, of: data)
  }

  private mutating func idx(_ name: String) throws -> Entry {
    guard let mark = name.lastIndex(of: ":"), let index = Int(name[name.index(after: mark)...]),
      index >= 0, name.filter({ $0 == ":" }).count > 1
    else {
      throw InspectError(.usage, "\(name): expected idx:FOLDER:INDEX or idx:FOLDER#PREFIX:INDEX")
    }
    let place = String(name[..<mark])
    let splits =
      try loaded[place] ?? TestData(place, for: trained.metadata, input: trained.input).splits
    loaded[place] = splits
    return try sample(index, of: splits)
  }

  private func sample(_ index: Int, of splits: DataSplits) throws -> Entry {
    guard splits.test.inputShape == trained.input else {
      throw InspectError(
        .mismatch,
        "\(splits.name) has images \(splits.test.inputShape), the network takes \(trained.input)")
    }
    let (tensor, label) = try splits.test.labelled(index)
    // Samples are as their own data normalise them; the network wants those that it was trained on.
    let (mean, std) = (trained.metadata.mean, trained.metadata.std)
    guard splits.preprocessing == nil, mean.count == 1, std.count == 1, splits.mean.count == 1,
      splits.std.count == 1,
      mean != splits.mean || std != splits.std
    else {
      return Entry(
        name: "\(splits.name):\(index)", tensor: tensor, mean: splits.mean, std: splits.std,
        truth: label)
    }
    let values = tensor.scalars(as: Float.self).map {
      ($0 * splits.std[0] + splits.mean[0] - mean[0]) / std[0]
    }
    return Entry(
      name: "\(splits.name):\(index)", tensor: try HostTensor(values, shape: tensor.shape),
      mean: mean, std: std, truth: label)
  }

  /// What image files are normalised by: the weights', else the data's; nothing where neither fits.
  private var normalization: (mean: [Float], std: [Float]) {
    if let known = trained.metadata.preprocessing { return (known.mean, known.std) }
    let (mean, std) =
      trained.metadata.mean.isEmpty
      ? (data?.mean ?? [], data?.std ?? []) : (trained.metadata.mean, trained.metadata.std)
    let channels = trained.input.rank == 3 ? trained.input[0] : 0
    return mean.count == channels && std.count == channels ? (mean, std) : ([], [])
  }

  private func tensor(_ image: Image, _ mean: [Float], _ std: [Float]) throws -> HostTensor {
    if let known = trained.metadata.preprocessing {
      return try known.adapted(to: trained.input).tensor(invert ? image.inverted() : image)
    }
    let shape = trained.input
    guard shape.rank == 3, shape[0] == 1 || shape[0] == 3 else {
      throw InspectError(.mismatch, "the network takes \(shape), no image of 1 or 3 channels")
    }
    var image = shape[0] == 1 ? image.grey() : image.rgb()
    image = try image.resized(width: shape[2], height: shape[1])
    if invert { image = image.inverted() }
    return try image.tensor(mean: mean, std: std)
  }
}
