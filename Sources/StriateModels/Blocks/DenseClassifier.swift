import StriateCore
import StriateIR
import StriateNN

/// A classifier with fully connected layers that can answer at every place of a larger image.
///
/// The first fully connected layer becomes a convolution of the extent that it was trained on, the others 1×1
/// convolutions, and the map of logits is averaged: Sermanet et al., "OverFeat", 2014; Simonyan and Zisserman, 2015,
/// section 3.2. Networks that end in a mean over space need nothing of this.
public protocol DenseClassifier: Layer {
  /// Maps images `[N, C, H, W]` of the trained extent or more to logits `[N, classes]`, the mean over all places.
  func denseLogits(_ x: Tensor) -> Tensor
}

extension Tensor {
  /// The mean over all places of what a head makes of features `[N, C, H, W]`.
  ///
  /// - Parameters:
  ///   - head: the layers of the head, the first linear one trained on features `[N, C·k·k]`.
  ///   - kernel: the extent k.
  public func denseLogits(_ head: [any Layer], kernel: Int) -> Tensor {
    var (x, kernel) = (self, kernel)
    for layer in head {
      if let linear = layer as? Linear {
        x = linear.convolved(x, kernel: kernel)
        kernel = 1
      } else {
        x = layer(x)
      }
    }
    return x.mean(over: [2, 3])
  }
}

extension Linear {
  /// This layer as a convolution `[N, C, H, W]` → `[N, out, H − k + 1, W − k + 1]`.
  fileprivate func convolved(_ x: Tensor, kernel: Int) -> Tensor {
    let matrix = x.builder.read(weight)
    if x.isPoisoned || matrix.isPoisoned { return x.isPoisoned ? x : matrix }
    let filter = matrix.reshaped([
      matrix.shape[0], matrix.shape[1] / (kernel * kernel), kernel, kernel,
    ])
    let y = convolution(x, filter)
    guard let bias else { return y }
    return y + x.builder.read(bias).reshaped([1, matrix.shape[0], 1, 1])
  }
}
