import StriateCore
import StriateData
import StriateTraining

/// The samples that trained weights are tested on, prepared as they were for the training.
public struct TestData: Sendable {
  /// The splits of the data; `test` is what is tested on.
  public let splits: DataSplits
  /// Whether the data have one split, all of which is tested on.
  public let isWhole: Bool

  /// Finds the data that weights are tested on.
  ///
  /// Images are prepared as the weights' file says; what `choices` ask for goes before that.
  ///
  /// - Parameters:
  ///   - name: the data as the command line names them.
  ///   - input: the shape of one input of the model.
  ///   - seed: the seed that chose the samples held out, where some were.
  /// - Throws: `DataError` where data are missing or damaged, or do not fit the weights.
  public init(
    _ name: String, for metadata: WeightsMetadata, input: Shape,
    choices: DataPreparation = DataPreparation(), seed: UInt64 = 0
  ) throws {
    let source = try DataSource.parse(name)
    var request = DataSource.Request()
    request.preparation = choices
    request.modelInput = input
    request.seed = seed
    request.allowsOneSplit = true
    if source.isOfPhotographs { request.classNames = metadata.classes }
    if let known = metadata.preprocessing {
      request.preparation = try known.choices(choices)
    } else if source.isOfPhotographs, metadata.mean.count == metadata.std.count,
      !metadata.mean.isEmpty, choices.normalization == nil
    {
      request.preparation.normalization = .given(mean: metadata.mean, std: metadata.std)
    }
    splits = try source.load(request)
    isWhole = source.isOfPhotographs && choices.validation == nil && splits.isOneSplit
  }
}

extension Preprocessing {
  /// What a user asks for, and for the rest this.
  public func choices(_ asked: DataPreparation) throws -> DataPreparation {
    var choices = asked
    let known = try asked.input.map { $0[0] == input[0] ? try adapted(to: $0) : self } ?? self
    choices.input = asked.input ?? input
    choices.resizeSize = asked.resizeSize ?? known.resizeSize ?? 0
    choices.interpolation = asked.interpolation ?? interpolation
    choices.resizeOrder = asked.resizeOrder ?? resizeOrder
    choices.normalization = asked.normalization ?? .given(mean: mean, std: std)
    return choices
  }
}
