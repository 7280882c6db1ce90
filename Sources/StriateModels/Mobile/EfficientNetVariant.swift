extension EfficientNet {
  /// The networks of both papers.
  public enum Variant: String, Sendable, Hashable, CaseIterable {
    case b0, b1, b2, b3, b4, b5, b6, b7
    case v2Small = "v2_s"
    case v2Medium = "v2_m"
    case v2Large = "v2_l"

    /// Whether it is of the second paper.
    public var isSecond: Bool { rawValue.hasPrefix("v2") }

    /// What channels and depths of B0 are multiplied by; 1 for the second paper's.
    public var scale: (width: Double, depth: Double) {
      switch self {
      case .b0: (1, 1)
      case .b1: (1, 1.1)
      case .b2: (1.1, 1.2)
      case .b3: (1.2, 1.4)
      case .b4: (1.4, 1.8)
      case .b5: (1.6, 2.2)
      case .b6: (1.8, 2.6)
      case .b7: (2, 3.1)
      case .v2Small, .v2Medium, .v2Large: (1, 1)
      }
    }

    /// The published probability that a feature before the classifier is dropped in training.
    public var dropout: Double {
      switch self {
      case .b0, .b1, .v2Small: 0.2
      case .b2, .b3, .v2Medium: 0.3
      case .b4, .b5, .v2Large: 0.4
      case .b6, .b7: 0.5
      }
    }

    /// Pixels along each side of the images that it was published for.
    public var extent: Int {
      switch self {
      case .b0: 224
      case .b1: 240
      case .b2: 288
      case .b3: 300
      case .b4: 380
      case .b5: 456
      case .b6: 528
      case .b7: 600
      case .v2Small: 384
      case .v2Medium, .v2Large: 480
      }
    }

    /// Epsilon and momentum of its batch norms, torchvision's.
    var norm: NormSettings {
      switch self {
      case .b0, .b1, .b2, .b3, .b4: NormSettings()
      case .b5, .b6, .b7: NormSettings(epsilon: 1e-3, momentum: 0.01)
      case .v2Small, .v2Medium, .v2Large: NormSettings(epsilon: 1e-3)
      }
    }
  }

  /// Blocks of the same kind, of which the first may stride.
  struct Stage: Sendable {
    let isFused: Bool
    let expansion, kernel, stride, inputs, outputs, count: Int

    init(
      fused isFused: Bool = false, _ expansion: Int, _ kernel: Int, _ stride: Int, _ inputs: Int,
      _ outputs: Int, _ count: Int
    ) {
      self.isFused = isFused
      (self.expansion, self.kernel, self.stride) = (expansion, kernel, stride)
      (self.inputs, self.outputs, self.count) = (inputs, outputs, count)
    }

    /// With channels and depth multiplied: channels to multiples of 8, depths upwards.
    func scaled(width: Double, depth: Double) -> Stage {
      Stage(
        fused: isFused, expansion, kernel, stride, ChannelCount.rounded(Double(inputs) * width),
        ChannelCount.rounded(Double(outputs) * width), Int((Double(count) * depth).rounded(.up)))
    }
  }
}

extension EfficientNet.Variant {
  /// Its stages: expansion, kernel, first stride, channels before and after, blocks.
  var stages: [EfficientNet.Stage] {
    typealias Stage = EfficientNet.Stage
    switch self {
    case .v2Small:
      return [
        Stage(fused: true, 1, 3, 1, 24, 24, 2), Stage(fused: true, 4, 3, 2, 24, 48, 4),
        Stage(fused: true, 4, 3, 2, 48, 64, 4), Stage(4, 3, 2, 64, 128, 6),
        Stage(6, 3, 1, 128, 160, 9),
        Stage(6, 3, 2, 160, 256, 15),
      ]
    case .v2Medium:
      return [
        Stage(fused: true, 1, 3, 1, 24, 24, 3), Stage(fused: true, 4, 3, 2, 24, 48, 5),
        Stage(fused: true, 4, 3, 2, 48, 80, 5), Stage(4, 3, 2, 80, 160, 7),
        Stage(6, 3, 1, 160, 176, 14),
        Stage(6, 3, 2, 176, 304, 18), Stage(6, 3, 1, 304, 512, 5),
      ]
    case .v2Large:
      return [
        Stage(fused: true, 1, 3, 1, 32, 32, 4), Stage(fused: true, 4, 3, 2, 32, 64, 7),
        Stage(fused: true, 4, 3, 2, 64, 96, 7), Stage(4, 3, 2, 96, 192, 10),
        Stage(6, 3, 1, 192, 224, 19),
        Stage(6, 3, 2, 224, 384, 25), Stage(6, 3, 1, 384, 640, 7),
      ]
    case .b0, .b1, .b2, .b3, .b4, .b5, .b6, .b7:
      let (width, depth) = scale
      return [
        Stage(1, 3, 1, 32, 16, 1), Stage(6, 3, 2, 16, 24, 2), Stage(6, 5, 2, 24, 40, 2),
        Stage(6, 3, 2, 40, 80, 3), Stage(6, 5, 1, 80, 112, 3), Stage(6, 5, 2, 112, 192, 4),
        Stage(6, 3, 1, 192, 320, 1),
      ].map { $0.scaled(width: width, depth: depth) }
    }
  }
}
