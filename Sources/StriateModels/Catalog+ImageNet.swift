import StriateCore
import StriateIR

/// Networks for ILSVRC's thousand classes: counts are those of torchvision's metadata.
extension Catalog {
  /// AlexNet in one column, VGG and GoogLeNet.
  static let imageNet2014: [CatalogEntry] =
    [
      imageNet(
        "alexnet", 2014, "AlexNet in one column",
        "Krizhevsky: One weird trick for parallelizing convolutional neural networks",
        parameters: 61_100_840, macs: 714_188_480
      ) { AlexNet(classes: $0, channels: $1) }
    ] + VGG.Depth.allCases.map { vgg($0, normalized: false) }
    + VGG.Depth.allCases.map { vgg($0, normalized: true) } + [
      imageNet(
        "googlenet", 2014, "GoogLeNet with batch norm, no auxiliary heads",
        "Szegedy et al.: Going deeper with convolutions",
        parameters: 6_624_904, macs: 1_498_376_192
      ) { GoogLeNet(classes: $0, channels: $1) }
    ]

  /// The residual networks and what came after them.
  static let imageNet2015: [CatalogEntry] =
    ResNet.Depth.allCases.map(resNet) + [
      imageNet(
        "mobilenet_v2", 2018, "MobileNetV2",
        "Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: Inverted residuals and linear "
          + "bottlenecks",
        parameters: 3_504_872, macs: 300_774_272
      ) { MobileNetV2(classes: $0, channels: $1) }
    ]

  private static func imageNet(
    _ id: String, _ year: Int, _ title: String, _ paper: String, parameters: Int, macs: Int,
    make: @escaping @Sendable (_ classes: Int, _ channels: Int) -> any Layer
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, year: year, title: title, paper: paper, input: [3, 224, 224], classes: 1000,
      parameters: parameters, macs: macs, make: { make($0, $1?[0] ?? 3) })
  }

  private static func vgg(_ depth: VGG.Depth, normalized: Bool) -> CatalogEntry {
    let (parameters, macs, scales) =
      switch depth {
      case .eleven: (132_863_336, 7_609_090_048, 5504)
      case .thirteen: (133_047_848, 11_308_466_176, 5888)
      case .sixteen: (138_357_544, 15_470_264_320, 8448)
      case .nineteen: (143_667_240, 19_632_062_464, 11_008)
      }
    return imageNet(
      "vgg\(depth.rawValue)\(normalized ? "_bn" : "")", 2014,
      "VGG-\(depth.rawValue)\(normalized ? " with batch norm" : "")",
      "Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition",
      parameters: parameters + (normalized ? scales : 0), macs: macs
    ) { VGG(depth, normalized: normalized, classes: $0, channels: $1) }
  }

  private static func resNet(_ depth: ResNet.Depth) -> CatalogEntry {
    let (parameters, macs) =
      switch depth {
      case .eighteen: (11_689_512, 1_814_073_344)
      case .thirtyFour: (21_797_672, 3_663_761_408)
      case .fifty: (25_557_032, 4_089_184_256)
      case .hundredOne: (44_549_160, 7_801_405_440)
      case .hundredFiftyTwo: (60_192_808, 11_513_626_624)
      }
    return imageNet(
      "resnet\(depth.rawValue)", 2015, "ResNet-\(depth.rawValue)",
      "He, Zhang, Ren, Sun: Deep residual learning for image recognition",
      parameters: parameters, macs: macs
    ) { ResNet(depth, classes: $0, channels: $1) }
  }
}
