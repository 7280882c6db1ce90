import StriateCore
import StriateFormats

/// Which of a run's two sets of weights did better when both were measured.
public enum ChosenWeights: String, Sendable, Hashable {
  /// The weights as the steps leave them.
  case own = "weights"
  /// Their running average.
  case average

  /// The file of a checkpoint that holds them.
  var file: String { self == .average ? Checkpoint.averageFile : Checkpoint.weightsFile }
}

extension Checkpoint {
  /// The file of weights to use in a checkpoint's folder: that of the set which did better at the newest test
  /// before it; where both were never compared the average, if there is one.
  public static func weightsPath(in folder: String) -> String {
    let folder = RunFolder(folder).path
    let average = "\(folder)/\(averageFile)"
    let state = try? JSON(path: "\(folder)/\(stateFile)")
    let chosen = state?["progress"]?["evaluation_of"]?.string.flatMap(ChosenWeights.init)
    return chosen == .own || !InputFile.exists(average) ? "\(folder)/\(weightsFile)" : average
  }
}
