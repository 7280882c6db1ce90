import StriateCore
import StriateIR
import StriateNN

/// LeNet-300-100: the fully connected network beside LeNet-5 (LeCun et al., 1998, section III.C.4).
///
/// Deviations: ReLU for tanh, as where pruning uses it (Han et al., 2015). 266,610 parameters for
/// `[1, 28, 28]` and ten classes.
public struct LeNet300: Layer {
  let fc1: Linear
  let fc2: Linear
  let fc3: Linear

  /// A network for inputs of this shape.
  public init(classes: Int = 10, input: Shape = [1, 28, 28]) {
    fc1 = Linear(in: input.count, out: 300)
    fc2 = Linear(in: 300, out: 100)
    fc3 = Linear(in: 100, out: classes, weights: .glorot())
  }

  /// Maps images `[N, 1, 28, 28]` to logits `[N, 10]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = x.flattened(from: 1)  // [N, 784]
    return fc3(relu(fc2(relu(fc1(x)))))
  }
}
