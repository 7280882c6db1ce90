import StriateCore
import StriateIR

/// The mean cross-entropy of logits `[N, C]` against classes `[N]` (i32).
///
/// `−Σ_c t_c · log softmax(x)_c` averaged over the batch, where the target `t` is 1 at the class, or with
/// smoothing `s` is `(1 − s) + s/C` there and `s/C` elsewhere (Szegedy et al., 2016, section 7).
public struct CrossEntropyLoss: Sendable, Hashable {
  /// The share of the target that is spread over all classes.
  public var smoothing: Double

  /// A loss with this label smoothing.
  public init(smoothing: Double = 0) { self.smoothing = smoothing }

  /// The mean over the batch, a scalar.
  public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    crossEntropy(logits, labels: labels, smoothing: smoothing).mean()
  }
}
