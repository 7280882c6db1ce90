import StriateCore
import StriateIR
import StriateNN

/// SegNet (Badrinarayanan, Kendall and Cipolla, "SegNet: A deep convolutional encoder-decoder architecture for image
/// segmentation", PAMI 2017, figure 2).
///
/// The convolutions of VGG-16, batch-normed, pooled by 2 five times; then as many decoders, each of which puts the
/// values where its encoder's maxima lay, zeros elsewhere, and convolves. The last convolution gives the logits. Keys
/// `encoder.0.0.weight` to `decoder.4.3.bias`: a list of convolution, norm and ReLU for each stage. Any extent of 32 or
/// more. 29,449,355 parameters with 11 classes.
public struct SegNet: SegmentationNetwork {
  let encoder, decoder: [Sequential]

  /// A network for images of so many channels.
  public init(classes: Int = 11, channels: Int = 3) {
    func stage(_ inputs: Int, _ widths: [Int]) -> [any Layer] {
      zip([inputs] + widths, widths).flatMap { inputs, outputs -> [any Layer] in
        [
          Conv2D(in: inputs, out: outputs, kernel: 3, padding: 1, weights: .he()),
          BatchNorm2D(outputs), ReLU(),
        ]
      }
    }
    let down = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]
    encoder = zip([channels] + down.map { $0[0] }, down).map { Sequential(stage($0, $1)) }
    let rise = [[512, 512, 512], [512, 512, 256], [256, 256, 128], [128, 64]]
    let last: [any Layer] = [Conv2D(in: 64, out: classes, kernel: 3, padding: 1, weights: .he())]
    decoder =
      zip([512, 512, 256, 128], rise).map { Sequential(stage($0, $1)) }
      + [Sequential(stage(64, [64]) + last)]
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 11, H, W]`.
  public func forward(_ image: Tensor) -> SegmentationLogits {
    var x = image
    var places: [(indices: Tensor, spatial: [Int])] = []
    for stage in encoder {
      x = stage(x)
      let spatial = Array(x.shape.dims.dropFirst(2))
      let pooled = maxPoolWithIndices(x, kernel: [2, 2])
      places.append((pooled.indices, spatial))
      x = pooled.y
    }
    for (stage, place) in zip(decoder, places.reversed()) {
      x = stage(maxUnpool(x, indices: place.indices, spatial: place.spatial))
    }
    return SegmentationLogits(out: x)
  }
}
