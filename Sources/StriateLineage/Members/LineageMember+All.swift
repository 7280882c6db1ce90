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
      published: "MNIST error 5.0 % (LeCun et al., 1998)", topFiveError: nil,
      deviations: ["by the distance of pixels, the nearest one alone"],
      recipe: settings(), kind: .nearestNeighbour),
    LineageMember(
      id: "linear", year: 1957, title: "Linear classifier",
      published: "MNIST error 12.0 % (LeCun et al., 1998)", topFiveError: nil,
      deviations: ["cross-entropy by AdamW instead of Rosenblatt's rule"],
      recipe: settings(), kind: .network { LinearClassifier(classes: $0, input: $1) }),
    LineageMember(
      id: "gabor", year: 1962, title: "Simple and complex cells, linear read-out",
      published: "no rate: the cells of the cat's striate cortex (Hubel and Wiesel)",
      topFiveError: nil,
      deviations: ["Gabor functions at eight directions and two scales; the read-out learns"],
      recipe: settings(), kind: .network { GaborReadOut(classes: $0, input: $1) }),
  ]

  static let early: [LineageMember] = [
    LineageMember(
      id: "neocognitron", year: 2003, title: "Neocognitron",
      published: "98.6 % on 3,000 digits of ETL-1 (2003)", topFiveError: nil,
      deviations: ["windows and thresholds for small pictures", "at most 15 vectors a class"],
      recipe: settings {
        $0.batchSize = 50
        $0.preparation.normalization = plain
      }, kind: .neocognitron),
    LineageMember(
      id: "lenet1", year: 1989, title: "LeNet-1",
      published: "MNIST error 1.7 % (LeCun et al., 1998)", topFiveError: nil,
      deviations: ["cross-entropy by AdamW"], recipe: settings(), kind: model("lenet1")),
    LineageMember(
      id: "lenet5-1998", year: 1998, title: "LeNet-5 as published",
      published: "MNIST error 0.95 %", topFiveError: nil,
      deviations: ["AdamW in batches instead of its own optimiser a picture at a time"],
      recipe: settings {
        $0.preparation.normalization = .given(mean: [0.1 / 1.275], std: [1 / 1.275])
      }, kind: model("lenet5-1998")),
    LineageMember(
      id: "lenet5", year: 1998, title: "LeNet-5 with ReLU and max-pooling",
      published: "MNIST error 0.95 % as published", topFiveError: nil,
      deviations: ["the modern copy: dense C3, softmax"], recipe: settings(),
      kind: model("lenet5")),
    LineageMember(
      id: "hmax", year: 2007, title: "HMAX",
      published: "Caltech 101: 42 % with 15 pictures a class", topFiveError: nil,
      deviations: ["prototypes of 4×4 only", "a linear classifier by AdamW"],
      recipe: settings {
        $0.batchSize = 50
        $0.learningRate = 0.02
        $0.preparation.normalization = plain
      }, kind: .hmax),
  ]

  static let contest: [LineageMember] = [
    mini("alexnet", 2012, "AlexNet", "ILSVRC 2012, seven networks", 15.3),
    mini("zfnet", 2013, "ZFNet", "ILSVRC 2013, several networks", 14.8),
    mini("nin", 2013, "Network in network", "CIFAR-10 error 8.81 % with augmentation", nil),
    mini("vgg", 2014, "VGG", "ILSVRC 2014, seven networks", 7.3),
    mini("googlenet", 2014, "GoogLeNet", "ILSVRC 2014, seven networks", 6.67),
    mini("plain", 2015, "Plain network", "CIFAR-10 error 9 % at 20 layers, 13 % at 56", nil),
    mini("resnet", 2015, "ResNet", "ILSVRC 2015, six networks", 3.57),
  ]

  static let later: [LineageMember] = [
    mini("preresnet", 2016, "Pre-activation ResNet", "CIFAR-10 error 4.62 % at 1001 layers", nil),
    mini("densenet", 2016, "DenseNet", "CIFAR-10 error 3.46 %", nil),
    mini("mobilenet", 2017, "MobileNet", "ImageNet top-1 70.6 % with 4.2 million weights", nil),
    mini("senet", 2017, "Squeeze and excitation", "ILSVRC 2017", 2.25),
    mini("convnext", 2022, "ConvNeXt", "ImageNet top-1 82.1 % (tiny)", nil),
  ]

  private static func mini(
    _ id: String, _ year: Int, _ title: String, _ published: String, _ error: Double?
  ) -> LineageMember {
    LineageMember(
      id: "\(id)-mini", year: year, title: title,
      published: published + (error.map { ": top-5 error \(Numbers.plain($0)) %" } ?? ""),
      topFiveError: error, deviations: ["AdamW on one cycle for all members"],
      recipe: settings(), kind: model("\(id)-mini"))
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
    .network { classes, input in
      // A name that is not there would be a fault of this table, which its test finds.
      (try? Catalog.find(id))?.model(classes: classes, input: input)
        ?? LinearClassifier(classes: classes, input: input)
    }
  }
}
