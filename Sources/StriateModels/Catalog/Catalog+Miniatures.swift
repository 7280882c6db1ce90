import StriateCore
import StriateIR

/// The milestones at the size of small pictures, which one budget trains beside each other; see `Miniature`.
extension Catalog {
  static let miniatures: [CatalogEntry] = [
    mini("alexnet", 2012, "AlexNet", .alexNet, 1_467_578, 9_515_136) {
      AlexNetMini(classes: $0, input: $1)
    },
    mini("zfnet", 2013, "ZFNet", .zfNet, 1_555_514, 14_947_200) {
      AlexNetMini(.zfNet, classes: $0, input: $1)
    },
    mini("nin", 2013, "Network in network", .networkInNetwork, 61_370, 10_899_168) {
      NetworkInNetwork(.cifar, classes: $0, channels: $1[0], dividedBy: 4)
    },
    mini("vgg", 2014, "VGG-11", .vgg, 2_817_354, 30_294_272) { VGGMini(classes: $0, input: $1) },
    mini("googlenet", 2014, "GoogLeNet", .googLeNet, 449_050, 22_479_920) {
      GoogLeNetMini(classes: $0, channels: $1[0])
    },
    mini("plain", 2015, "Plain network of 20 layers", .resNet, 269_434, 30_821_248) {
      CIFARResNet(blocks: 3, classes: $0, channels: $1[0], isPlain: true)
    },
    mini("resnet", 2015, "ResNet-20", .resNet, 269_434, 30_821_248) {
      CIFARResNet(blocks: 3, classes: $0, channels: $1[0])
    },
    mini("preresnet", 2016, "Pre-activation ResNet-20", .preActivation, 271_994, 31_021_952) {
      PreActivationResNet(blocks: 3, classes: $0, channels: $1[0])
    },
    mini("densenet", 2016, "DenseNet-BC of growth 12 and 40 layers", .denseNet, 175_690, 55_066_344)
    {
      DenseNetMini(classes: $0, channels: $1[0])
    },
    mini("mobilenet", 2017, "MobileNet", .mobileNet, 215_498, 9_486_400) {
      MobileNetMini(classes: $0, channels: $1[0])
    },
    mini("senet", 2017, "SE-ResNet-20", .squeezeExcitation, 273_844, 30_825_280) {
      CIFARResNet(blocks: 3, classes: $0, channels: $1[0], reduction: 8)
    },
    mini("convnext", 2022, "ConvNeXt", .convNeXt, 657_250, 17_556_336) {
      ConvNeXtMini(classes: $0, channels: $1[0])
    },
  ]

  private static func mini(
    _ id: String, _ year: Int, _ title: String, _ paper: Paper, _ parameters: Int, _ macs: Int,
    make: @escaping @Sendable (_ classes: Int, _ input: Shape) -> any Layer
  ) -> CatalogEntry {
    let input: Shape = [1, 28, 28]
    return CatalogEntry(
      id: "\(id)-mini", year: year, title: "\(title), for small pictures", paper: paper.rawValue,
      input: input, classes: 10, parameters: parameters, macs: macs,
      make: { classes, shape in
        make(classes, shape.flatMap { $0.rank == 3 ? $0 : nil } ?? input)
      })
  }
}
