import StriateCore
import StriateIR

/// How many rows of logits `[N, C]` have their greatest element at the class in `[N]`, an f32 scalar.
///
/// Of equal elements the first one counts.
public func correctCount(_ logits: Tensor, labels: Tensor) -> Tensor {
  (logits.argMax(axis: 1) .== labels).converted(to: .float32).sum()
}
