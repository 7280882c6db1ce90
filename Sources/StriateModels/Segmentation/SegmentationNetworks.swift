import StriateCore
import StriateIR
import StriateNN

/// What the zoo says about a network for semantic segmentation, and how to make it.
public struct SegmentationEntry: Sendable {
  /// The name on the command line: `fcn_resnet50`.
  public let id: String
  /// The year of its paper.
  public let year: Int
  /// Its usual name.
  public let title: String
  /// The paper.
  public let paper: String
  /// The shape of one input, `[C, H, W]`.
  public let input: Shape
  /// The number of classes as published.
  public let classes: Int
  /// Learned numbers at these classes and this input.
  public let parameters: Int
  /// By how much the answer is smaller than the image along each axis: convolutions without padding eat it.
  public let margin: Int
  /// Makes the network for a number of classes and of channels.
  public let make: @Sendable (_ classes: Int, _ channels: Int) -> any SegmentationNetwork

  /// Whether it is built for images of any number of channels, its first convolution being that of any other.
  public var takesAnyChannels: Bool { id.hasPrefix("unet") }

  /// Refuses channels that the network is not built for: images of other than grey or colour.
  ///
  /// - Throws: `ModelError` with the networks that take them.
  public func check(channels: Int) throws(ModelError) {
    guard !takesAnyChannels, channels != 1, channels != 3 else { return }
    let others = SegmentationNetworks.all.filter(\.takesAnyChannels).map(\.id)
    throw ModelError(
      .mismatch,
      "\(id) takes images of 1 or 3 channels, these have \(channels); networks for them: "
        + others.joined(separator: ", "))
  }

  /// The network; classes and channels as published where they are not given.
  public func model(classes: Int? = nil, channels: Int? = nil) -> any SegmentationNetwork {
    make(classes ?? self.classes, channels ?? input[0])
  }
}

/// The networks for semantic segmentation, by family.
public enum SegmentationNetworks {
  /// A record a network.
  public static let all: [SegmentationEntry] =
    torchvision + fromPapers

  /// The entry with an id.
  ///
  /// - Throws: `ModelError` with the names that may have been meant.
  public static func find(_ id: String) throws(ModelError) -> SegmentationEntry {
    if let entry = all.first(where: { $0.id == id }) { return entry }
    let hint = NearMiss.hint(for: id, among: all.map(\.id))
    throw ModelError(.unknown, "there is no segmentation network named '\(id)'; \(hint)")
  }

  private static let fcn =
    "Long, Shelhamer, Darrell: Fully convolutional networks for semantic segmentation"
  private static let deepLabV3 =
    "Chen, Papandreou, Schroff, Adam: Rethinking atrous convolution for semantic image segmentation"

  /// An entry for the 21 classes of VOC, as torchvision's.
  private static func voc(
    _ id: String, _ year: Int, _ title: String, _ paper: String, _ parameters: Int,
    make: @escaping @Sendable (_ classes: Int, _ channels: Int) -> any SegmentationNetwork
  ) -> SegmentationEntry {
    SegmentationEntry(
      id: id, year: year, title: title, paper: paper, input: [3, 520, 520], classes: 21,
      parameters: parameters, margin: 0, make: make)
  }

  private static let torchvision: [SegmentationEntry] = [
    voc("fcn_resnet50", 2015, "FCN on a dilated ResNet-50", fcn, 35_322_218) {
      FCN(.fifty, classes: $0, channels: $1)
    },
    voc("fcn_resnet101", 2015, "FCN on a dilated ResNet-101", fcn, 54_314_346) {
      FCN(.hundredOne, classes: $0, channels: $1)
    },
    voc("deeplabv3_resnet50", 2017, "DeepLab v3 on ResNet-50", deepLabV3, 42_004_074) {
      DeepLabV3(.resNet(.fifty), classes: $0, channels: $1)
    },
    voc("deeplabv3_resnet101", 2017, "DeepLab v3 on ResNet-101", deepLabV3, 60_996_202) {
      DeepLabV3(.resNet(.hundredOne), classes: $0, channels: $1)
    },
    voc(
      "deeplabv3_mobilenet_v3_large", 2017, "DeepLab v3 on MobileNetV3-Large", deepLabV3,
      11_029_328
    ) {
      DeepLabV3(.mobileNetV3, classes: $0, channels: $1)
    },
    voc(
      "lraspp_mobilenet_v3_large", 2019, "LR-ASPP on MobileNetV3-Large",
      Paper.mobileNetV3.rawValue, 3_221_538
    ) {
      LRASPP(classes: $0, channels: $1)
    },
  ]

  private static let fromPapers: [SegmentationEntry] = [
    SegmentationEntry(
      id: "unet", year: 2015, title: "U-Net", paper: uNet, input: [1, 572, 572], classes: 2,
      parameters: 31_030_658, margin: 184, make: { UNet(classes: $0, channels: $1) }),
    SegmentationEntry(
      id: "unet-small", year: 2015, title: "U-Net, a quarter as wide, padded, batch-normed",
      paper: uNet, input: [3, 256, 256], classes: 2, parameters: 1_942_594, margin: 0,
      make: { UNet(.small, classes: $0, channels: $1) }),
    voc("fcn32s_vgg16", 2015, "FCN-32s on VGG-16", fcn, 136_152_917) {
      FCNVGG16(.thirtyTwo, classes: $0, channels: $1)
    },
    voc("fcn16s_vgg16", 2015, "FCN-16s on VGG-16", fcn, 134_815_994) {
      FCNVGG16(.sixteen, classes: $0, channels: $1)
    },
    voc("fcn8s_vgg16", 2015, "FCN-8s on VGG-16", fcn, 134_489_759) {
      FCNVGG16(.eight, classes: $0, channels: $1)
    },
    camVid("segnet", 2017, "SegNet", segNet, 29_449_355) { SegNet(classes: $0, channels: $1) },
    camVid("enet", 2016, "ENet", eNet, 363_098) { ENet(classes: $0, channels: $1) },
    voc("dilated_frontend_vgg16", 2016, "Dilated front end on VGG-16", dilation, 134_346_581) {
      DilatedVGG16(hasContext: false, classes: $0, channels: $1)
    },
    voc(
      "dilated_context_vgg16", 2016, "Dilated front end and context module", dilation, 134_374_973
    ) {
      DilatedVGG16(classes: $0, channels: $1)
    },
    voc("deeplabv3plus_resnet50", 2018, "DeepLab v3+ on ResNet-50", deepLabV3Plus, 40_352_181) {
      DeepLabV3Plus(.fifty, classes: $0, channels: $1)
    },
    voc("deeplabv3plus_resnet101", 2018, "DeepLab v3+ on ResNet-101", deepLabV3Plus, 59_344_309) {
      DeepLabV3Plus(.hundredOne, classes: $0, channels: $1)
    },
  ]

  /// An entry for CamVid's 11 classes, at half its size.
  private static func camVid(
    _ id: String, _ year: Int, _ title: String, _ paper: String, _ parameters: Int,
    make: @escaping @Sendable (_ classes: Int, _ channels: Int) -> any SegmentationNetwork
  ) -> SegmentationEntry {
    SegmentationEntry(
      id: id, year: year, title: title, paper: paper, input: [3, 360, 480], classes: 11,
      parameters: parameters, margin: 0, make: make)
  }

  private static let uNet =
    "Ronneberger, Fischer, Brox: U-Net: Convolutional networks for biomedical image segmentation"
  private static let segNet =
    "Badrinarayanan, Kendall, Cipolla: SegNet: A deep convolutional encoder-decoder architecture for "
    + "image segmentation"
  private static let eNet =
    "Paszke, Chaurasia, Kim, Culurciello: ENet: A deep neural network architecture for real-time "
    + "semantic segmentation"
  private static let dilation =
    "Yu, Koltun: Multi-scale context aggregation by dilated convolutions"
  private static let deepLabV3Plus =
    "Chen, Zhu, Papandreou, Schroff, Adam: Encoder-decoder with atrous separable convolution for "
    + "semantic image segmentation"
}
