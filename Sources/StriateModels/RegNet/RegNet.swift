import StriateCore
import StriateIR
import StriateNN

/// RegNet (Radosavovic, Kosaraju, Girshick, He and Dollár, "Designing network design spaces", CVPR 2020, section 3.3 and
/// figures 15 to 17).
///
/// A 3×3 convolution with stride 2 to 32 channels; four stages of residual bottlenecks 1×1, 3×3 in groups, 1×1, whose
/// first block strides by 2; the spatial mean; the classifier. Widths and depths of the stages follow from four numbers,
/// see ``RegNet/Shape``. RegNetY has squeeze and excitation behind the 3×3 convolution, of a quarter of the block's
/// input channels. No deviation but torchvision's stride on the 3×3 convolution, as in the paper's code. Keys are
/// torchvision's `regnet_x_400mf` to `regnet_y_128gf`. Any input size.
public struct RegNet: Layer {
  let stem: Sequential
  let trunkOutput: NamedSequential
  let avgpool = AdaptiveAvgPool2D(1)
  let fc: Linear

  /// A network for images of so many channels.
  public init(_ shape: RegNet.Shape, classes: Int = 1000, channels: Int = 3) {
    stem = convNorm(channels, 32, kernel: 3, stride: 2, activation: ReLU())
    var inputs = 32
    var stages: [(name: String, layer: any Layer)] = []
    for (place, stage) in shape.stages.enumerated() {
      let entering = inputs
      let blocks = repeated(stage.depth) { block in
        RegNetBlock(
          in: block == 0 ? entering : stage.width, out: stage.width, stride: block == 0 ? 2 : 1,
          groupWidth: stage.groupWidth, isSqueezed: shape.isSqueezed)
      }
      stages.append(
        (
          "block\(place + 1)",
          NamedSequential(
            blocks.enumerated().map { ("block\(place + 1)-\($0.offset)", $0.element) })
        ))
      inputs = stage.width
    }
    trunkOutput = NamedSequential(stages)
    fc = Linear(in: inputs, out: classes, weights: .normal(deviation: 0.01), biases: .zeros)
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = avgpool(trunkOutput(stem(x)))
    return fc(x.flattened(from: 1))
  }
}

/// A bottleneck of 1×1, 3×3 in groups and 1×1 beside a shortcut (figure 4).
struct RegNetBlock: Layer {
  let proj: Sequential?
  let f: NamedSequential

  init(in inputs: Int, out outputs: Int, stride: Int, groupWidth: Int, isSqueezed: Bool) {
    proj =
      inputs != outputs || stride != 1 ? convNorm(inputs, outputs, stride: stride) : nil
    var layers: [(name: String, layer: any Layer)] = [
      ("a", convNorm(inputs, outputs, activation: ReLU())),
      (
        "b",
        convNorm(
          outputs, outputs, kernel: 3, stride: stride, groups: outputs / max(groupWidth, 1),
          activation: ReLU())
      ),
    ]
    if isSqueezed {
      let squeezed = Int((0.25 * Double(inputs)).rounded(.toNearestOrEven))
      layers.append(("se", SqueezeExcitation(outputs, squeezed: squeezed)))
    }
    layers.append(("c", convNorm(outputs, outputs)))
    f = NamedSequential(layers)
  }

  func forward(_ x: Tensor) -> Tensor { relu((proj?(x) ?? x) + f(x)) }
}
