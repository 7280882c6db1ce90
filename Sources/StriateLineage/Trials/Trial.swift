import StriateCore
import StriateData
import StriateIR
import StriateRuntime
import StriateTraining

/// What an experiment is given: where it runs, a seed and pictures.
package struct Trial: Sendable {
  /// Where everything runs.
  let device: Device
  /// The seed of first weights, order and choice of samples.
  let seed: UInt64
  /// A folder of its own for what must lie in files.
  let folder: String
  /// All pictures, normalised by the mean and deviation of the training set.
  private let pictures: DataSplits?

  /// What an experiment is given.
  package init(device: Device, seed: UInt64, folder: String, pictures: DataSplits?) {
    self.device = device
    self.seed = seed
    self.folder = folder
    self.pictures = pictures
  }

  /// Training and test pictures, so many of each, chosen by the seed.
  func pictures(_ train: Int, test: Int = 5000) throws -> DataSplits {
    guard let pictures else {
      throw DataError(.invalidRequest, "the claim learns from pictures, and was given none")
    }
    var splits = pictures
    func some(_ data: any Dataset, _ count: Int, _ name: String) throws -> any Dataset {
      let order = SampleOrder.shuffled(data.count, by: RandomStream(seed: seed, name, 0))
      return try HeldPictures(Subset(data, indices: Array(order.prefix(count)))).dataset()
    }
    splits.train = try some(pictures.train, train, "claims.train")
    splits.test = try some(pictures.test, test, "claims.test")
    return splits
  }

  /// A network that learned from pictures.
  func learn(
    _ model: some Layer, from data: any Dataset, by training: ShortTraining,
    beginning weights: NamedTensors? = nil
  ) throws -> TrainedNetwork {
    try training.run(model, on: data, seed: seed, from: weights, device: device)
  }
}
