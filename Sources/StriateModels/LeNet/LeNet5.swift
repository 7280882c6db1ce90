import StriateCore
import StriateIR
import StriateNN

/// LeNet-5 (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
/// recognition", Proceedings of the IEEE, 1998, figure 2).
///
/// Deviations: ReLU for tanh, max for trainable average pooling, full C3 connectivity, a linear layer for
/// the radial basis functions. 61,706 parameters for `[1, 28, 28]` and ten classes.
public struct LeNet5: Layer {
  let conv1: Conv2D
  let conv2: Conv2D
  let fc1: Linear
  let fc2: Linear
  let fc3: Linear
  let pool = MaxPool2D(2)

  /// A network for images of this shape; the first convolution's padding keeps their size.
  public init(classes: Int = 10, input: Shape = [1, 28, 28]) {
    conv1 = Conv2D(in: input[0], out: 6, kernel: 5, padding: 2, weights: .lecun())
    conv2 = Conv2D(in: 6, out: 16, kernel: 5, weights: .lecun())
    let features = Shape([16, (input[1] / 2 - 4) / 2, (input[2] / 2 - 4) / 2])
    fc1 = Linear(in: features.count, out: 120, weights: .lecun())
    fc2 = Linear(in: 120, out: 84, weights: .lecun())
    fc3 = Linear(in: 84, out: classes, weights: .lecun())
  }

  /// Maps images `[N, 1, 28, 28]` to logits `[N, 10]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = pool(relu(conv1(x)))  // [N, 6, 14, 14]
    x = pool(relu(conv2(x)))  // [N, 16, 5, 5]
    x = x.flattened(from: 1)  // [N, 400]
    return fc3(relu(fc2(relu(fc1(x)))))
  }
}
