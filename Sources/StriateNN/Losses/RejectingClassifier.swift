import StriateCore
import StriateIR

/// A classifier whose loss knows one more answer than its classes: that the input is of none.
///
/// Its cross-entropy is over the logits and a constant one beside them. Where the logits are negative distances `−y`,
/// this is the criterion by which LeNet-5 was trained, `y_D + log(e^−j + Σ e^−yᵢ)`: all distances are kept from growing
/// small together (LeCun, Bottou, Bengio and Haffner, 1998, equation 9).
public protocol RejectingClassifier: Layer {
  /// The logit of no class at all, `−j`.
  var rejectionLogit: Double { get }
}

extension RejectingClassifier {
  /// The logits `[N, C]` with the constant one behind them, `[N, C + 1]`.
  public func withRejection(_ logits: Tensor) -> Tensor {
    if logits.isPoisoned { return logits }
    let none = logits.builder.fill(
      rejectionLogit, TensorType(logits.dtype, [logits.shape[0], 1]))
    return concat([logits, none], axis: 1) ?? logits
  }
}
