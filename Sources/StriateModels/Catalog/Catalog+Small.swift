import StriateIR

/// Networks made for few parameters and products, and what grew out of them.
extension Catalog {
  static let small: [CatalogEntry] =
    [
      .imageNet("squeezenet1_0", 2016, "SqueezeNet 1.0", .squeezeNet, 1_248_424, 818_924_576) {
        SqueezeNet(.original, classes: $0, channels: $1)
      },
      .imageNet("squeezenet1_1", 2016, "SqueezeNet 1.1", .squeezeNet, 1_235_496, 349_151_936) {
        SqueezeNet(.later, classes: $0, channels: $1)
      },
      .imageNet("mobilenet_v1", 2017, "MobileNet", .mobileNet, 4_231_976, 568_740_352) {
        MobileNet(classes: $0, channels: $1)
      },
      .imageNet("mobilenet_v2", 2018, "MobileNetV2", .mobileNetV2, 3_504_872, 300_774_272) {
        MobileNetV2(classes: $0, channels: $1)
      },
      .imageNet(
        "mobilenet_v3_large", 2019, "MobileNetV3, large", .mobileNetV3, 5_483_032, 216_589_760
      ) { MobileNetV3(.large, classes: $0, channels: $1) },
      .imageNet(
        "mobilenet_v3_small", 2019, "MobileNetV3, small", .mobileNetV3, 2_542_856, 56_510_400
      ) { MobileNetV3(.small, classes: $0, channels: $1) },
      shuffleNet(.half, 1_366_792, 40_476_448), shuffleNet(.single, 2_278_604, 144_907_992),
      shuffleNet(.oneAndHalf, 3_503_624, 295_759_392), shuffleNet(.double, 7_393_996, 583_253_464),
      mnasNet("0_5", 0.5, 2_218_512, 104_455_968), mnasNet("0_75", 0.75, 3_170_208, 215_493_104),
      mnasNet("1_0", 1, 4_383_312, 314_415_872), mnasNet("1_3", 1.3, 6_282_256, 526_362_432),
    ] + EfficientNet.Variant.allCases.map(efficientNet)

  /// Networks whose shape was searched for, and the one that took the transformers' recipe back.
  static let modern: [CatalogEntry] =
    RegNet.Shape.all.compactMap(regNet) + ConvNeXt.Size.allCases.map(convNeXt) + [
      .cifar("airbench94", 2024, "The fast network for CIFAR", .airbench, 1_972_792, 118_147_360) {
        Airbench(classes: $0, channels: $1)
      }
    ]

  private static func shuffleNet(
    _ width: ShuffleNetV2.Width, _ parameters: Int, _ macs: Int
  ) -> CatalogEntry {
    let factor = width.rawValue.replacing("_", with: ".")
    return .imageNet(
      "shufflenet_v2_x\(width.rawValue)", 2018, "ShuffleNet V2, \(factor) times as wide",
      .shuffleNetV2, parameters, macs
    ) { ShuffleNetV2(width, classes: $0, channels: $1) }
  }

  private static func mnasNet(
    _ id: String, _ width: Double, _ parameters: Int, _ macs: Int
  ) -> CatalogEntry {
    .imageNet(
      "mnasnet\(id)", 2018, "MNASNet, \(width) times as wide", .mnasNet, parameters, macs
    ) { MNASNet(width: width, classes: $0, channels: $1) }
  }

  private static func efficientNet(_ variant: EfficientNet.Variant) -> CatalogEntry {
    let (parameters, macs) =
      switch variant {
      case .b0: (5_288_548, 385_814_752)
      case .b1: (7_794_184, 686_802_832)
      case .b2: (9_109_994, 1_087_529_456)
      case .b3: (12_233_232, 1_827_141_392)
      case .b4: (19_341_616, 4_393_771_024)
      case .b5: (30_389_784, 10_266_384_752)
      case .b6: (43_040_704, 19_067_593_536)
      case .b7: (66_347_960, 37_745_884_192)
      case .v2Small: (21_458_488, 8_365_617_152)
      case .v2Medium: (54_139_356, 24_582_460_384)
      case .v2Large: (118_515_272, 56_079_699_008)
      }
    let name = variant.rawValue.uppercased().replacing("_", with: "-")
    return .imageNet(
      "efficientnet_\(variant.rawValue)", variant.isSecond ? 2021 : 2019, "EfficientNet-\(name)",
      variant.isSecond ? .efficientNetV2 : .efficientNet, parameters, macs, extent: variant.extent
    ) { EfficientNet(variant, classes: $0, channels: $1) }
  }

  private static let regNetCounts: [String: (parameters: Int, macs: Int)] = [
    "x_400mf": (5_495_976, 413_812_608), "x_800mf": (7_259_656, 799_699_712),
    "x_1_6gf": (9_190_136, 1_602_849_792), "x_3_2gf": (15_296_552, 3_176_621_952),
    "x_8gf": (39_572_648, 7_995_132_416), "x_16gf": (54_278_536, 15_940_755_456),
    "x_32gf": (107_811_560, 31_735_929_792), "y_400mf": (4_344_144, 401_842_848),
    "y_800mf": (6_432_512, 833_856_256), "y_1_6gf": (11_202_430, 1_612_076_160),
    "y_3_2gf": (19_436_338, 3_176_482_752), "y_8gf": (39_381_472, 8_473_070_592),
    "y_16gf": (83_590_140, 15_911_510_272), "y_32gf": (145_046_770, 32_279_552_832),
    "y_128gf": (644_812_894, 127_517_815_680),
  ]

  private static func regNet(_ shape: RegNet.Shape) -> CatalogEntry? {
    guard let counts = regNetCounts[shape.id] else { return nil }
    let (kind, size) = (shape.id.prefix(1).uppercased(), shape.id.dropFirst(2))
    return .imageNet(
      "regnet_\(shape.id)", 2020,
      "RegNet\(kind)-\(size.uppercased().replacing("_", with: "."))", .regNet, counts.parameters,
      counts.macs
    ) { RegNet(shape, classes: $0, channels: $1) }
  }

  private static func convNeXt(_ size: ConvNeXt.Size) -> CatalogEntry {
    let (parameters, macs) =
      switch size {
      case .tiny: (28_589_128, 4_455_531_264)
      case .small: (50_223_688, 8_683_712_256)
      case .base: (88_591_464, 15_354_729_472)
      case .large: (197_767_336, 34_361_433_600)
      }
    return .imageNet(
      "convnext_\(size.rawValue)", 2022, "ConvNeXt, \(size.rawValue)", .convNeXt, parameters, macs
    ) { ConvNeXt(size, classes: $0, channels: $1) }
  }
}
