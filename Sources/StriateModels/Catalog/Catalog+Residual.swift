import StriateIR

/// Networks with shortcuts.
extension Catalog {
  /// Those for large images.
  static let residual: [CatalogEntry] =
    ResNet.Depth.allCases.map(resNet) + [
      bottlenecks(
        "resnet50-v1", 2015, "ResNet-50 that strides first, as published", .resNet, .fifty,
        ResNet.Style(stridesFirst: true), 25_557_032, 3_857_973_248),
      bottlenecks(
        "resnet101-v1", 2015, "ResNet-101 that strides first, as published", .resNet, .hundredOne,
        ResNet.Style(stridesFirst: true), 44_549_160, 7_570_194_432),
      bottlenecks(
        "resnet152-v1", 2015, "ResNet-152 that strides first, as published", .resNet,
        .hundredFiftyTwo, ResNet.Style(stridesFirst: true), 60_192_808, 11_282_415_616),
      bottlenecks(
        "wide_resnet50_2", 2016, "Wide ResNet-50, twice the hidden channels", .wideResNet, .fifty,
        ResNet.Style(groupWidth: 128), 68_883_240, 11_398_021_120),
      bottlenecks(
        "wide_resnet101_2", 2016, "Wide ResNet-101, twice the hidden channels", .wideResNet,
        .hundredOne, ResNet.Style(groupWidth: 128), 126_886_696, 22_753_050_624),
      bottlenecks(
        "resnext50_32x4d", 2016, "ResNeXt-50, 32 groups of 4", .resNeXt, .fifty,
        ResNet.Style(groups: 32, groupWidth: 4), 25_028_904, 4_230_479_872),
      bottlenecks(
        "resnext101_32x8d", 2016, "ResNeXt-101, 32 groups of 8", .resNeXt, .hundredOne,
        ResNet.Style(groups: 32, groupWidth: 8), 88_791_336, 16_414_015_488),
      bottlenecks(
        "resnext101_64x4d", 2016, "ResNeXt-101, 64 groups of 4", .resNeXt, .hundredOne,
        ResNet.Style(groups: 64, groupWidth: 4), 83_455_272, 15_460_270_080),
      bottlenecks(
        "seresnet50", 2017, "SE-ResNet-50", .squeezeExcitation, .fifty,
        ResNet.Style(squeeze: 16), 28_088_024, 4_091_699_200),
    ] + DenseNet.Depth.allCases.map(denseNet)

  /// Those for CIFAR.
  static let cifarResidual: [CatalogEntry] =
    [3, 5, 7, 9, 18, 200].map { cifarResNet(blocks: $0, isPlain: false) }
    + [3, 5, 7, 9, 18].map { cifarResNet(blocks: $0, isPlain: true) } + [
      .cifar(
        "resnet110-stochastic", 2016, "ResNet-110 with stochastic depth", .stochasticDepth,
        1_727_962, 252_887_680
      ) { CIFARResNet(blocks: 18, classes: $0, channels: $1, drop: 0.5) },
      preActivation("preresnet110", 18, hasBottlenecks: false, 1_730_522, 253_149_824),
      preActivation("preresnet164", 18, hasBottlenecks: true, 1_703_258, 247_646_720),
      preActivation("preresnet1001", 111, hasBottlenecks: true, 10_327_706, 1_490_995_712),
      wide("wrn-16-4", 2, 4, 2_748_890, 392_612_352),
      wide("wrn-22-2", 3, 2, 1_079_642, 157_730_048),
      wide("wrn-40-4", 6, 4, 8_949_210, 1_298_582_016),
      wide("wrn-28-10", 4, 10, 36_479_194, 5_243_328_768),
    ]

  private static func resNet(_ depth: ResNet.Depth) -> CatalogEntry {
    let (parameters, macs) =
      switch depth {
      case .eighteen: (11_689_512, 1_814_073_344)
      case .thirtyFour: (21_797_672, 3_663_761_408)
      case .fifty: (25_557_032, 4_089_184_256)
      case .hundredOne: (44_549_160, 7_801_405_440)
      case .hundredFiftyTwo: (60_192_808, 11_513_626_624)
      }
    return bottlenecks(
      "resnet\(depth.rawValue)", 2015, "ResNet-\(depth.rawValue)", .resNet, depth, ResNet.Style(),
      parameters, macs)
  }

  private static func bottlenecks(
    _ id: String, _ year: Int, _ title: String, _ paper: Paper, _ depth: ResNet.Depth,
    _ style: ResNet.Style, _ parameters: Int, _ macs: Int
  ) -> CatalogEntry {
    .imageNet(id, year, title, paper, parameters, macs) {
      ResNet(depth, style: style, classes: $0, channels: $1)
    }
  }

  private static func denseNet(_ depth: DenseNet.Depth) -> CatalogEntry {
    let (parameters, macs) =
      switch depth {
      case .hundredTwentyOne: (7_978_856, 2_834_161_664)
      case .hundredSixtyOne: (28_681_000, 7_727_907_072)
      case .hundredSixtyNine: (14_149_480, 3_359_843_328)
      case .twoHundredOne: (20_013_928, 4_291_365_888)
      }
    return .imageNet(
      "densenet\(depth.rawValue)", 2016, "DenseNet-\(depth.rawValue)", .denseNet, parameters, macs
    ) { DenseNet(depth, classes: $0, channels: $1) }
  }

  private static func cifarResNet(blocks: Int, isPlain: Bool) -> CatalogEntry {
    let depth = 6 * blocks + 2
    // A block adds 2·9·w² weights and 4·w of batch norm a stage, and 4,718,592 operations a stage.
    return .cifar(
      "\(isPlain ? "plain" : "resnet")\(depth)", 2015,
      isPlain ? "Plain network of \(depth) layers for CIFAR" : "ResNet-\(depth) for CIFAR", .resNet,
      269_722 + (blocks - 3) * 97_216, 40_551_040 + (blocks - 3) * 14_155_776
    ) { CIFARResNet(blocks: blocks, classes: $0, channels: $1, isPlain: isPlain) }
  }

  private static func preActivation(
    _ id: String, _ blocks: Int, hasBottlenecks: Bool, _ parameters: Int, _ macs: Int
  ) -> CatalogEntry {
    .cifar(
      id, 2016, "Pre-activation ResNet-\(id.dropFirst(9)) for CIFAR", .preActivation, parameters,
      macs
    ) {
      PreActivationResNet(
        blocks: blocks, hasBottlenecks: hasBottlenecks, classes: $0, channels: $1)
    }
  }

  private static func wide(
    _ id: String, _ blocks: Int, _ width: Int, _ parameters: Int, _ macs: Int
  ) -> CatalogEntry {
    .cifar(id, 2016, "Wide ResNet \(id.dropFirst(4)) for CIFAR", .wideResNet, parameters, macs) {
      PreActivationResNet(blocks: blocks, width: width, classes: $0, channels: $1)
    }
  }
}
