import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateTraining

/// The members up to the contest on ImageNet, with what their papers report and what differs here.
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
      rate: 1500, isAugmented: false, mostPasses: 6,
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
      rate: 12_000, isAugmented: false, mostPasses: 50,
      recipe: settings {
        $0.batchSize = 50
        $0.learningRate = 0.02
        $0.preparation.normalization = plain
      }, kind: .hmax),
  ]

  /// Pictures as they are, from 0 to 1.
  private static let plain = DataPreparation.Normalization.given(mean: [0], std: [1])

  /// AdamW over one cycle, for all alike.
  static func settings(
    _ change: (inout TrainingConfig) -> Void = { _ in }
  ) -> TrainingConfig {
    var config = TrainingConfig(
      epochs: 1, batchSize: 64, optimizer: .adamw, learningRate: 3e-3, schedule: .oneCycle(),
      weightDecay: 0.02)
    change(&config)
    return config
  }

  static func model(_ id: String) -> Kind {
    .network { classes, input in try Catalog.find(id).model(classes: classes, input: input) }
  }
}
