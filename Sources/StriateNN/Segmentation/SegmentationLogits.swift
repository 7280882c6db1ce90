import StriateIR

/// What a network for semantic segmentation answers: logits for every class at every pixel.
public struct SegmentationLogits: TensorGroup {
  /// The logits `[N, classes, H, W]`.
  public var out: Tensor
  /// The logits of an auxiliary head, whose loss helps in training; of the extents of `out`.
  public var aux: Tensor?

  /// An answer.
  public init(out: Tensor, aux: Tensor? = nil) {
    self.out = out
    self.aux = aux
  }

  /// `out`, and `aux` where there is one: torchvision's names.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    [("out", out)] + (aux.map { [("aux", $0)] } ?? [])
  }
}

/// A network from images `[N, C, H, W]` to logits at every pixel.
public protocol SegmentationNetwork: Model where Input == Tensor, Output == SegmentationLogits {}
