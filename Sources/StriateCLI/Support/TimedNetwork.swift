import Striate

/// A network to be timed: as the catalogue makes it, with weights of a file, or quantised.
struct TimedNetwork {
  var name: String
  var model: any Layer
  /// Nil for those of the seed.
  var weights: NamedTensors?
  var input: Shape
  var classes: Int

  init(
    _ entry: CatalogEntry, weights path: String?, input: Shape?, classes: Int?, seed: UInt64,
    isQuantized: Bool, on device: Device
  ) throws {
    name = entry.id
    if let path {
      let trained = try TrainedModel(entry.id, weights: path, classes: classes, input: input)
      (model, weights, self.input) = (trained.model, trained.weights, trained.input)
      self.classes = trained.classes
      if trained.isQuantized {
        name += " int8"
        if isQuantized {
          throw InspectError(.usage, "\(path) holds a quantised network; leave out --int8")
        }
      }
    } else {
      self.input = input ?? entry.input
      self.classes = classes ?? entry.classes
      model = entry.model(classes: self.classes, input: self.input)
    }
    guard isQuantized else { return }
    let floats = try weights ?? Naming(model).initialWeights(seed: seed)
    var quantizer = Quantizer()
    quantizer.samples = 4
    quantizer.batchSize = 1
    let noise = try Self.noise(self.input, count: quantizer.samples, seed: seed)
    let result = try quantizer.quantize(
      model, weights: floats, input: self.input, data: noise, on: device)
    (model, weights) = (result.model, result.tensors)
    name += " int8"
  }

  /// Images of noise, uniform with variance 1.
  private static func noise(_ shape: Shape, count: Int, seed: UInt64) throws -> TensorDataset {
    let generator = Philox(key: seed)
    let bound = Float(3).squareRoot()
    let numbers = (0..<(count * shape.count)).map {
      (2 * Philox.unit(generator.word(at: UInt64($0), stream: 3)) - 1) * bound
    }
    let images = try HostTensor(numbers, shape: Shape([count] + shape.dims))
    return try TensorDataset(inputs: images, labels: [Int32](repeating: 0, count: count))
  }
}
