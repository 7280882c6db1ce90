import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateRuntime
import StriateTraining
import Testing

/// Recipes against their papers: batch, momentum, decay, and the rate at given steps.
@Suite struct RecipeTests {
  struct Sheet: Sendable, CustomTestStringConvertible {
    let id: String
    let model: String
    let batch: Int
    let decay: Double
    /// Rates at steps, of a run of the recipe's length.
    let rates: [(step: Int, rate: Double)]
    /// Steps an epoch.
    let steps: Int
    let augmentation: [String]
    var optimizer = TrainingConfig.OptimizerKind.sgd

    var testDescription: String { id }
  }

  @Test(
    arguments: [
      Sheet(
        id: "lenet5-1998", model: "lenet5-1998", batch: 1, decay: 0,
        rates: [
          (0, 5e-4), (119_999, 5e-4), (120_000, 2e-4), (300_000, 1e-4), (480_000, 5e-5),
          (720_000, 1e-5), (1_199_999, 1e-5),
        ], steps: 60_000, augmentation: ["none"], optimizer: .lm),
      Sheet(
        id: "alexnet-2012", model: "alexnet-2012", batch: 128, decay: 5e-4, rates: [(0, 0.01)],
        steps: 10_010, augmentation: ["random-crop(227)", "flip", "lighting(0.1)"]),
      Sheet(
        id: "vgg-2014", model: "vgg16", batch: 256, decay: 5e-4, rates: [(0, 0.01)], steps: 5005,
        augmentation: ["random-resize(256..512)", "random-crop(224)", "flip"]),
      Sheet(
        id: "googlenet-2014", model: "googlenet-2014", batch: 32, decay: 2e-4,
        rates: [(0, 0.01), (320_295, 0.01), (320_296, 0.0096), (640_592, 0.009216)],
        steps: 40_037, augmentation: ["random-resized-crop(scale=0.08..1", "flip", "color-jitter"]),
      Sheet(
        id: "resnet-2015", model: "resnet50-v1", batch: 256, decay: 1e-4, rates: [(0, 0.1)],
        steps: 5005, augmentation: ["random-resize(256..480)", "random-crop(224)", "flip"]),
      Sheet(
        id: "resnet-cifar-2015", model: "resnet20", batch: 128, decay: 1e-4,
        rates: [(0, 0.1), (31_999, 0.1), (32_000, 0.01), (47_999, 0.01), (48_000, 0.001)],
        steps: 391, augmentation: ["cifar"]),
      Sheet(
        id: "wide-resnet-2016", model: "wrn-28-10", batch: 128, decay: 5e-4,
        rates: [(23_459, 0.1), (23_460, 0.02), (46_920, 0.004), (62_560, 0.0008)], steps: 391,
        augmentation: ["cifar"]),
      Sheet(
        id: "densenet-2016", model: "densenet121", batch: 256, decay: 1e-4,
        rates: [(150_149, 0.1), (150_150, 0.01), (300_300, 0.001)], steps: 5005,
        augmentation: ["imagenet"]),
      Sheet(
        id: "mobilenet-v2-2018", model: "mobilenet_v2", batch: 256, decay: 4e-5,
        rates: [(0, 0.045), (5005, 0.0441)], steps: 5005, augmentation: ["imagenet"]),
      Sheet(
        id: "modern", model: "resnet50", batch: 1024, decay: 2e-5,
        rates: [(0, 0.005), (6260, 0.5)], steps: 1252,
        augmentation: ["random-resized-crop(176)", "flip", "random-erasing(p=0.1)"]),
    ])
  func recipesAreThoseOfTheirPapers(_ sheet: Sheet) throws {
    let config = try Recipe.find(sheet.id).config
    try config.validate()
    #expect(config.model == sheet.model)
    #expect(
      (config.batchSize, config.weightDecay, config.momentum) == (sheet.batch, sheet.decay, 0.9))
    #expect(config.optimizer == sheet.optimizer)
    let rates = config.rates(totalSteps: config.epochs * sheet.steps)
    for (step, rate) in sheet.rates {
      #expect(
        abs(rates.rate(step: step) / rate - 1) < 1e-9, "step \(step): \(rates.rate(step: step))")
    }
    for part in sheet.augmentation { #expect(config.augmentation.contains(part)) }
    _ = try Pipeline(config.augmentation)
    _ = try Catalog.find(config.model)
  }

  /// Section 8 of the third Inception's paper.
  @Test func inceptionsRecipeIsThePapers() throws {
    let config = try Recipe.find("inception-v3-2015").config
    try config.validate()
    #expect(config.model == "inception_v3" && config.preparation.input == [3, 299, 299])
    let optimizer = try #require(config.makeOptimizer() as? RMSProp)
    #expect((optimizer.alpha, optimizer.epsilon, optimizer.momentum) == (0.9, 1, 0))
    #expect(optimizer.epsilonInsideRoot && config.clipping.norm == 2 && config.smoothing == 0.1)
    let rates = config.rates(totalSteps: config.epochs * 40_037)
    for (step, rate) in [(0, 0.045), (80_073, 0.045), (80_074, 0.0423), (160_148, 0.039762)] {
      #expect(abs(rates.rate(step: step) / rate - 1) < 1e-9)
    }
    #expect(try TrainingConfig(config.json) == config)
  }

  /// The listing of Jordan's paper, in its terms: rates and decay of a sum over 1024 images there.
  @Test func cifarFastIsAirbench() throws {
    let config = try Recipe.find("cifar-fast").config
    try config.validate()
    #expect(config.model == "airbench94" && config.batchSize == 256)
    #expect((config.momentum, config.nesterov, config.smoothing) == (0.85, true, 0.2))
    // 11.5 / (1024 · (1 + 1/(1 − 0.85))) for a sum of gradients; for their mean as many times more as there are.
    let sum = 11.5 / (1024 * (1 + 1 / 0.15))
    #expect(abs(config.learningRate / (sum * 256) - 1) < 0.07)
    // 0.0153 · batch / (1024 · (1 + 1/0.15)) is what a step takes off.
    #expect(
      abs(config.learningRate * config.weightDecay / (0.0153 * 256 / (1024 * (1 + 1 / 0.15))) - 1)
        < 0.1)
    let rates = config.rates(totalSteps: 1000)
    #expect(abs(rates.rate(step: 0) / config.learningRate - 0.2) < 1e-6)
    #expect(abs(rates.rate(step: 229) / config.learningRate - 1) < 0.01)
    #expect(config.whitening == "whiten" && config.frozen.count == 7)
    let naming = Naming(try Catalog.find("airbench94").model())
    for name in config.frozen { #expect(naming.parameters.contains { $0.path == name }, "\(name)") }
    #expect(config.groups.map(\.rate) == [64])
  }

  /// The first weights of AlexNet's section 5: deviation 0.01, biases 1 in conv2, conv4, conv5, fc6 and fc7.
  @Test func alexNetStartsAsPublished() throws {
    let weights = try Naming(AlexNet2012(classes: 10, hidden: 64)).initialWeights(seed: 1)
    for (layer, bias) in [
      ("conv1", 0.0), ("conv2", 1), ("conv3", 0), ("conv4", 1), ("conv5", 1), ("fc6", 1),
      ("fc7", 1), ("fc8", 0),
    ] {
      let biases = try #require(weights["\(layer).bias"]).scalars(as: Double.self)
      #expect(biases.allSatisfy { $0 == bias }, "\(layer)")
      let numbers = try #require(weights["\(layer).weight"]).scalars(as: Double.self)
      let deviation = (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot()
      #expect(abs(deviation / 0.01 - 1) < 0.15, "\(layer): \(deviation)")
    }
  }
}
