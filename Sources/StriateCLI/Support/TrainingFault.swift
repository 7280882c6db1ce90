import Striate

/// What to do about an error that a training met, said behind it.
enum TrainingFault {
  /// The error with advice; the same error where there is none to give.
  static func advised(
    _ error: any Error, _ config: TrainingConfig, _ data: DataSplits, _ folder: RunFolder
  ) -> any Error {
    switch error {
    case var error as TrainingError where error.code == .notFinite:
      let rate = Numbers.plain(config.learningRate)
      let clipping = config.clipping.norm == nil ? ", or --clip-grad-norm 1" : ""
      error.message += "; a lower --lr (it is \(rate)) often helps\(clipping)"
      return error
    case var error as DataError where data.preprocessing != nil && error.code != .invalidRequest:
      let all = "'striate data inspect \(data.name)' names all such files"
      if let step = folder.steps.last {
        error.message +=
          "; \(all): mend or replace them, then go on after step \(step) with striate train --resume "
          + folder.path
      } else {
        error.message += "; \(all), and --bad-files skip leaves them out"
      }
      return error
    default: return error
    }
  }
}
