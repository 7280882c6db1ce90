import StriateCore
import StriateTraining

/// The members from the contest on ImageNet on, in forms for small pictures, with what their papers report and what differs
/// here.
extension LineageMember {
  static let contest: [LineageMember] = [
    mini(
      "alexnet", 2012, 1400, "AlexNet",
      ilsvrc(15.3, "2012, seven networks, two of them trained on more pictures before"),
      topFive: 15.3,
      [
        quarter, "first kernels of 5×5 at stride 1, for 11×11 at 4", "He's first weights",
        "no changed colours", single,
      ]),
    mini(
      "zfnet", 2013, 1500, "ZFNet", ilsvrc(14.8, "2013, six networks"), topFive: 14.8,
      [
        quarter, "first kernels of 3×3 and strides of 1, for 7×7 and 2", "He's first weights",
        "response norm instead of contrast norm, filters of the first layer not limited", single,
      ]),
    mini(
      "nin", 2013, 2900, "Network in network",
      cifar(8.81, "Lin et al., 2014, with augmentation"),
      [quarter, "no global contrast normalisation and ZCA whitening of the pictures"]),
    mini(
      "vgg", 2014, 2000, "VGG", ilsvrc(7.3, "2014, seven networks"), topFive: 7.3,
      [
        "configuration A, of 11 layers, where the figure is of 16 and 19", quarter,
        "three poolings of five", "He's first weights", "no scale jitter", single,
      ]),
    mini(
      "googlenet", 2014, 860, "GoogLeNet", ilsvrc(6.67, "2014, seven networks"), topFive: 6.67,
      [
        quarter, "first kernels of 3×3 at stride 1, for 7×7 at 2, and one pooling less",
        "auxiliary heads of a mean over the map and one hidden layer", "no change of the aspect",
        "no average of weights", single,
      ]),
    mini(
      "plain", 2015, 1800, "Plain network", nil,
      ["ResNet-20 without its shortcuts, as its paper compares it"]),
    mini(
      "resnet", 2015, 1750, "ResNet", cifar(8.75, "He et al., 2016, 20 layers"), topFive: 3.57,
      [
        "ResNet-20 as published for CIFAR; the pale bar is of six networks of up to 152 layers",
        "moved by 2 pixels instead of 4",
      ]),
  ]

  static let later: [LineageMember] = [
    mini(
      "preresnet", 2016, 1700, "Pre-activation ResNet",
      cifar(4.62, "He et al., 2016, 1001 layers"),
      ["20 layers, where the figure is of 1001", "moved by 2 pixels instead of 4"]),
    mini(
      "densenet", 2016, 350, "DenseNet", cifar(3.46, "Huang et al., 2017, 190 layers"),
      [
        "40 layers of growth 12, where the figure is of 190 of growth 40",
        "moved by 2 pixels instead of 4",
      ]),
    mini(
      "mobilenet", 2017, 1350, "MobileNet",
      Published(29.4, "top-1 error on ImageNet", "Howard et al., 2017, 4.2 million weights"),
      [quarter, "three halvings of five"]),
    mini(
      "senet", 2017, 1500, "Squeeze and excitation", ilsvrc(2.25, "2017, several networks"),
      topFive: 2.25,
      ["squeeze and excitation in ResNet-20, of an eighth of the channels", single]),
    mini(
      "convnext", 2022, 900, "ConvNeXt",
      Published(17.9, "top-1 error on ImageNet", "Liu et al., 2022, tiny"),
      [
        quarter, "six blocks of 18", "a stem of 2×2 and two halvings more, for 4×4 and three",
        "no mixed pictures, random changes, label smoothing, stochastic depth or average of weights",
      ]),
  ]

  private static let quarter = "a quarter of the channels and hidden features"
  private static let single = "one network and one view of a picture"

  private static func ilsvrc(_ error: Double, _ source: String) -> Published {
    Published(error, "top-5 error on ILSVRC", source)
  }

  private static func cifar(_ error: Double, _ source: String) -> Published {
    Published(error, "error on CIFAR-10", source, data: "cifar10")
  }

  private static func mini(
    _ id: String, _ year: Int, _ rate: Double, _ title: String, _ published: Published?,
    topFive: Double? = nil, _ deviations: [String]
  ) -> LineageMember {
    LineageMember(
      id: "\(id)-mini", year: year, title: title, published: published, topFiveError: topFive,
      deviations: deviations + ["AdamW on one cycle in batches of 64, as for all members"],
      rate: rate, isAugmented: true, mostPasses: 60, recipe: settings(),
      kind: model("\(id)-mini"))
  }
}
