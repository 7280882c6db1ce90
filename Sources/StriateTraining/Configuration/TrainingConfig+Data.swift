import StriateCore
import StriateData

extension TrainingConfig {
  /// Finds the data and makes splits of them as the settings say.
  ///
  /// - Parameter modelInput: the shape of one input that the model is known for.
  /// - Throws: `DataError` where data are missing or damaged, or the settings do not fit them.
  public func loadData(modelInput: Shape? = nil) throws -> DataSplits {
    var request = DataSource.Request()
    request.preparation = preparation
    request.augmentation = try Pipeline(augmentation)
    request.modelInput = modelInput
    request.seed = seed
    return try DataSource.parse(data).load(request)
  }
}
