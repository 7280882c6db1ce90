import StriateIR

/// From the first network that won ILSVRC to Inception.
extension Catalog {
  static let classic: [CatalogEntry] =
    [
      .imageNet(
        "alexnet-2012", 2012, "AlexNet as published, two columns", .alexNet, 60_965_224,
        724_406_816, extent: 227
      ) { AlexNet2012(classes: $0, channels: $1) },
      .imageNet(
        "zfnet", 2013, "ZFNet", .zfNet, 62_357_608, 1_168_032_896
      ) { ZFNet(classes: $0, channels: $1) },
      .imageNet(
        "zfnet-wide", 2013, "ZFNet with wide last layers", .zfNet, 107_627_624, 2_476_704_896
      ) { ZFNet(isWide: true, classes: $0, channels: $1) },
      .cifar(
        "nin-cifar", 2013, "Network in network for CIFAR", .networkInNetwork, 966_986, 222_486_528
      ) { NetworkInNetwork(.cifar, classes: $0, channels: $1) },
      .imageNet(
        "nin", 2013, "Network in network", .networkInNetwork, 7_595_176, 1_100_188_800
      ) { NetworkInNetwork(.imageNet, classes: $0, channels: $1) },
      .imageNet(
        "alexnet", 2014, "AlexNet in one column", .oneWeirdTrick, 61_100_840, 714_188_480
      ) { AlexNet(classes: $0, channels: $1) },
    ] + VGG.Depth.allCases.map { vgg($0, normalized: false) }
    + VGG.Depth.allCases.map { vgg($0, normalized: true) } + [
      .imageNet(
        "googlenet-2014", 2014, "GoogLeNet as published, with its heads", .googLeNet, 13_378_280,
        1_582_671_872
      ) { GoogLeNet2014(classes: $0, channels: $1) },
      .imageNet(
        "googlenet", 2014, "GoogLeNet with batch norm and heads", .googLeNet, 13_004_888,
        1_498_376_192
      ) { GoogLeNet(classes: $0, channels: $1) },
      .imageNet(
        "inception_v3", 2015, "Inception v3 with its head", .inceptionV3, 27_161_264,
        5_713_216_096, extent: 299
      ) { InceptionV3(classes: $0, channels: $1) },
    ]

  private static func vgg(_ depth: VGG.Depth, normalized: Bool) -> CatalogEntry {
    let (parameters, macs, scales) =
      switch depth {
      case .eleven: (132_863_336, 7_609_090_048, 5504)
      case .thirteen: (133_047_848, 11_308_466_176, 5888)
      case .sixteen: (138_357_544, 15_470_264_320, 8448)
      case .nineteen: (143_667_240, 19_632_062_464, 11_008)
      }
    return .imageNet(
      "vgg\(depth.rawValue)\(normalized ? "_bn" : "")", 2014,
      "VGG-\(depth.rawValue)\(normalized ? " with batch norm" : "")", .vgg,
      parameters + (normalized ? scales : 0), macs
    ) { VGG(depth, normalized: normalized, classes: $0, channels: $1) }
  }
}
