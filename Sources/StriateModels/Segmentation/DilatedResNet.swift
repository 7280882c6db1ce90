import StriateCore
import StriateIR
import StriateNN

/// Features of an image at several depths of a network, each `[N, C, H', W']`.
struct Features: TensorGroup {
  /// Of an early stage, fine and with few channels.
  var low: Tensor
  /// Of the last stage but one.
  var middle: Tensor
  /// Of the last stage, coarse and with many channels.
  var high: Tensor

  var namedTensors: [(name: String, tensor: Tensor)] {
    [("low", low), ("middle", middle), ("high", high)]
  }
}

/// A network from images to features.
protocol FeatureNetwork: Model where Input == Tensor, Output == Features {}

/// A `ResNet` without its classifier whose last stages dilate where they would stride, so that features stay fine.
///
/// A stage that dilates keeps its extent; its first block still has the dilation of the stage before, the others twice
/// that: torchvision's `replace_stride_with_dilation`. Chen, Papandreou, Schroff and Adam, "Rethinking atrous
/// convolution for semantic image segmentation", 2017, figure 3. Keys are torchvision's, without `fc`.
struct DilatedResNet: FeatureNetwork {
  let conv1: Conv2D
  let bn1: BatchNorm2D
  let maxpool = MaxPool2D(3, stride: 2, padding: 1)
  let layer1, layer2, layer3, layer4: Sequential

  /// - Parameter dilates: of the last two stages, whether each dilates; both give features of an eighth of the extent,
  ///   the last alone of a sixteenth.
  init(_ depth: ResNet.Depth, dilates: (third: Bool, fourth: Bool), channels: Int = 3) {
    var dilation = 1
    func stage(_ place: Int, from inputs: Int, dilates: Bool) -> Sequential {
      let first = dilation
      if dilates { dilation *= 2 }
      return ResNet.stage(
        depth, place, from: inputs, stride: place == 0 || dilates ? 1 : 2,
        dilation: (first, dilation))
    }
    let expansion = depth.hasBottlenecks ? 4 : 1
    conv1 = Conv2D(
      in: channels, out: 64, kernel: 7, stride: 2, padding: 3, bias: false, weights: .he(fan: .out))
    bn1 = BatchNorm2D(64)
    layer1 = stage(0, from: 64, dilates: false)
    layer2 = stage(1, from: 64 * expansion, dilates: false)
    layer3 = stage(2, from: 128 * expansion, dilates: dilates.third)
    layer4 = stage(3, from: 256 * expansion, dilates: dilates.fourth)
  }

  /// Maps images to the features of `layer1`, `layer3` and `layer4`.
  func forward(_ x: Tensor) -> Features {
    let low = layer1(maxpool(relu(bn1(conv1(x)))))  // [N, 256, H/4, W/4]
    let middle = layer3(layer2(low))  // [N, 1024, H/8, W/8]
    return Features(low: low, middle: middle, high: layer4(middle))  // [N, 2048, H/8, W/8]
  }
}
