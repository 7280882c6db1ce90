import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateTraining

/// The members, with what their papers report and what differs here.
extension LineageMember {
  static let baselines: [LineageMember] = [
    LineageMember(
      id: "nearest-neighbour", year: 1951, title: "Nearest neighbour",
      published: Published(5, "error on MNIST", "LeCun et al., 1998", data: "mnist"),
      topFiveError: nil,
      deviations: ["by the distance of pixels, the nearest one alone"],
      rate: 7500, isAugmented: false, mostPasses: 1,
      recipe: settings(), kind: .nearestNeighbour),
    LineageMember(
      id: "linear", year: 1957, title: "Linear classifier",
      published: Published(12, "error on MNIST", "LeCun et al., 1998", data: "mnist"),
      topFiveError: nil,
      deviations: ["cross-entropy by AdamW instead of Rosenblatt's rule"],
      rate: 150_000, isAugmented: false, mostPasses: 20,
      recipe: settings(), kind: .network { LinearClassifier(classes: $0, input: $1) }),
    LineageMember(
      id: "gabor", year: 1962, title: "Simple and complex cells",
      published: nil,
      topFiveError: nil,
      deviations: [
        "the cells of Hubel and Wiesel as Gabor functions at eight directions and two scales; a linear read-out learns"
      ],
      rate: 15_000, isAugmented: false, mostPasses: 20,
      recipe: settings(), kind: .network { GaborReadOut(classes: $0, input: $1) }),
  ]

  static let early: [LineageMember] = [
    LineageMember(
      id: "neocognitron", year: 2003, title: "Neocognitron",
      published: Published(1.4, "error on 3,000 digits of ETL-1", "Fukushima, 2003"),
      topFiveError: nil,
      deviations: ["windows and thresholds for small pictures", "at most 15 vectors a class"],
      rate: 150, isAugmented: false, mostPasses: 6,
      recipe: settings {
        $0.batchSize = 50
        $0.preparation.normalization = plain
      }, kind: .neocognitron),
    LineageMember(
      id: "lenet1", year: 1989, title: "LeNet-1",
      published: Published(1.7, "error on MNIST", "LeCun et al., 1998", data: "mnist"),
      topFiveError: nil,
      deviations: ["cross-entropy by AdamW"], rate: 15_000, isAugmented: false, mostPasses: 20,
      recipe: settings(), kind: model("lenet1")),
    LineageMember(
      id: "lenet5-1998", year: 1998, title: "LeNet-5 of 1998",
      published: Published(0.95, "error on MNIST", "LeCun et al., 1998", data: "mnist"),
      topFiveError: nil,
      deviations: ["AdamW in batches instead of its own optimiser a picture at a time"],
      rate: 7500, isAugmented: false, mostPasses: 20,
      recipe: settings {
        $0.preparation.normalization = .given(mean: [0.1 / 1.275], std: [1 / 1.275])
      }, kind: model("lenet5-1998")),
    LineageMember(
      id: "lenet5", year: 1998, title: "LeNet-5 with ReLU",
      published: Published(0.95, "error on MNIST", "LeCun et al., 1998", data: "mnist"),
      topFiveError: nil,
      deviations: ["the modern copy: ReLU, max-pooling, dense C3, softmax"], rate: 33_000,
      isAugmented: false,
      mostPasses: 20,
      recipe: settings(),
      kind: model("lenet5")),
    LineageMember(
      id: "hmax", year: 2007, title: "HMAX",
      published: Published(
        58, "error on Caltech 101 with 15 pictures a class",
        "Mutch and Lowe, 2006; Serre et al., 2007"), topFiveError: nil,
      deviations: ["prototypes of 4×4 only", "a linear classifier by AdamW"],
      rate: 1500, isAugmented: false, mostPasses: 20,
      recipe: settings {
        $0.batchSize = 50
        $0.learningRate = 0.02
        $0.preparation.normalization = plain
      }, kind: .hmax),
  ]

  static let contest: [LineageMember] = [
    mini(
      "alexnet", 2012, 1400, "AlexNet", ilsvrc(15.3, "2012, seven networks"), topFive: 15.3),
    mini(
      "zfnet", 2013, 1500, "ZFNet", ilsvrc(14.8, "2013, several networks"), topFive: 14.8),
    mini(
      "nin", 2013, 2900, "Network in network", cifar(8.81, "Lin et al., 2014, with augmentation")),
    mini(
      "vgg", 2014, 2000, "VGG", ilsvrc(7.3, "2014, seven networks"), topFive: 7.3),
    mini(
      "googlenet", 2014, 860, "GoogLeNet", ilsvrc(6.67, "2014, seven networks"), topFive: 6.67),
    mini(
      "plain", 2015, 1800, "Plain network", nil),
    mini(
      "resnet", 2015, 1750, "ResNet", cifar(8.75, "He et al., 2016, 20 layers"), topFive: 3.57),
  ]

  static let later: [LineageMember] = [
    mini(
      "preresnet", 2016, 1700, "Pre-activation ResNet", cifar(4.62, "He et al., 2016, 1001 layers")),
    mini(
      "densenet", 2016, 350, "DenseNet", cifar(3.46, "Huang et al., 2017, 190 layers")),
    mini(
      "mobilenet", 2017, 1350, "MobileNet",
      Published(29.4, "top-1 error on ImageNet", "Howard et al., 2017, 4.2 million weights")),
    mini(
      "senet", 2017, 1500, "Squeeze and excitation", ilsvrc(2.25, "2017, several networks"),
      topFive: 2.25
    ),
    mini(
      "convnext", 2022, 900, "ConvNeXt",
      Published(17.9, "top-1 error on ImageNet", "Liu et al., 2022, tiny")),
  ]

  private static func ilsvrc(_ error: Double, _ source: String) -> Published {
    Published(error, "top-5 error on ILSVRC", source)
  }

  private static func cifar(_ error: Double, _ source: String) -> Published {
    Published(error, "error on CIFAR-10", source, data: "cifar10")
  }

  private static func mini(
    _ id: String, _ year: Int, _ rate: Double, _ title: String, _ published: Published?,
    topFive: Double? = nil
  ) -> LineageMember {
    LineageMember(
      id: "\(id)-mini", year: year, title: title, published: published, topFiveError: topFive,
      deviations: [
        "a quarter of the channels and fewer halvings where it was made for larger pictures",
        "AdamW on one cycle, as for all members",
      ], rate: rate, isAugmented: true, mostPasses: 60, recipe: settings(),
      kind: model("\(id)-mini"))
  }

  /// Pictures as they are, from 0 to 1.
  private static let plain = DataPreparation.Normalization.given(mean: [0], std: [1])

  /// AdamW over one cycle, for all alike.
  private static func settings(
    _ change: (inout TrainingConfig) -> Void = { _ in }
  ) -> TrainingConfig {
    var config = TrainingConfig(
      epochs: 1, batchSize: 64, optimizer: .adamw, learningRate: 3e-3, schedule: .oneCycle(),
      weightDecay: 0.02)
    change(&config)
    return config
  }

  private static func model(_ id: String) -> Kind {
    .network { classes, input in try Catalog.find(id).model(classes: classes, input: input) }
  }
}
