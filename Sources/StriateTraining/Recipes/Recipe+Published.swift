import StriateCore
import StriateData

/// The recipes of papers. Rates that were lowered by hand where the test error stood still are plateaus; steps are those
/// of ILSVRC's 1,281,167 images, or CIFAR's 50,000, at the published batch.
extension Recipe {
  static let published: [Recipe] = [
    Recipe(
      id: "neocognitron-1983",
      summary: "Fukushima, Miyake and Ito 1983, reconstructed: 16 whole pictures are taught",
      config: taught("neocognitron-1983")),
    Recipe(
      id: "neocognitron-1988",
      summary: "Fukushima 1988, reconstructed: 11 whole pictures are taught",
      config: taught("neocognitron-1988")),
    Recipe(
      id: "neocognitron-2003",
      summary:
        "Fukushima 2003 and 2013, without backpropagation: a pass for each middle stage, four for the last",
      config: neocognitron),
    Recipe(
      id: "lenet5-1998",
      summary:
        "LeCun et al. 1998, section III: a picture at a time, diagonal Levenberg–Marquardt",
      config: leNet5),
    Recipe(
      id: "hmax-2007",
      summary:
        "Serre et al. 2007: imprinted patches; the classifier by AdamW instead of a support vector machine",
      config: hmax),
    Recipe(
      id: "alexnet-2012",
      summary: "Krizhevsky et al. 2012, section 5: rate divided by 10 on a plateau; colours by PCA",
      config: ilsvrc(
        "alexnet-2012", epochs: 90, batch: 128, rate: 0.01, .plateau(byTen), decay: 5e-4,
        augmentation: "resize(256),random-crop(227),flip,lighting(0.1)", extent: 227)),
    Recipe(
      id: "vgg-2014",
      summary: "Simonyan, Zisserman 2015, section 3.1, scale jitter from 256 to 512 pixels",
      config: ilsvrc(
        "vgg16", epochs: 74, batch: 256, rate: 0.01, .plateau(byTen), decay: 5e-4,
        augmentation: "random-resize(256..512),random-crop(224),flip,lighting(0.1)")),
    Recipe(
      id: "googlenet-2014",
      summary:
        "Szegedy et al. 2015, section 6: rate times 0.96 every 8 epochs, averaged weights; the rate is Caffe's",
      config: googLeNet),
    Recipe(
      id: "resnet-2015",
      summary:
        "He et al. 2016, section 3.4: rate divided by 10 on a plateau, scale jitter from 256 to 480 pixels",
      config: ilsvrc(
        "resnet50-v1", epochs: 120, batch: 256, rate: 0.1, .plateau(byTen), decay: 1e-4,
        augmentation: "random-resize(256..480),random-crop(224),flip,lighting(0.1)")),
    Recipe(
      id: "inception-v3-2015",
      summary:
        "Szegedy et al. 2016, section 8: RMSProp, rate times 0.94 every 2 epochs, smoothing, averaged weights",
      config: inceptionV3),
    Recipe(
      id: "resnet-cifar-2015",
      summary: "He et al. 2016, section 4.2: rate divided by 10 at 32k and 48k steps",
      config: cifar(
        "resnet20", epochs: 164, .multistep(milestones: [32_000, 48_000], factor: 0.1), decay: 1e-4)
    ),
    Recipe(
      id: "wide-resnet-2016",
      summary: "Zagoruyko, Komodakis 2016, section 3: rate times 0.2 after 60, 120 and 160 epochs",
      config: cifar(
        "wrn-28-10", epochs: 200,
        .multistep(milestones: [60, 120, 160].map { $0 * 391 }, factor: 0.2), nesterov: true,
        decay: 5e-4)),
    Recipe(
      id: "densenet-2016",
      summary: "Huang et al. 2017, section 4.2: rate divided by 10 after 30 and 60 epochs",
      config: ilsvrc(
        "densenet121", epochs: 90, batch: 256, rate: 0.1,
        .multistep(milestones: [30, 60].map { $0 * 5005 }, factor: 0.1), nesterov: true,
        decay: 1e-4,
        augmentation: "imagenet")),
    Recipe(
      id: "mobilenet-v2-2018",
      summary: "torchvision's for MobileNetV2: SGD, rate times 0.98 an epoch",
      config: ilsvrc(
        "mobilenet_v2", epochs: 300, batch: 256, rate: 0.045, .step(every: 5005, factor: 0.98),
        decay: 4e-5, augmentation: "imagenet")),
    Recipe(
      id: "modern",
      summary:
        "torchvision's of 2021 for ResNet-50: cosine, smoothing, mixup, cutmix, averaged weights",
      config: modern),
  ]

  private static let byTen = Plateau(factor: 0.1, patience: 5, minimum: 1e-6)

  private static var leNet5: TrainingConfig {
    // The rate falls after 2, 5, 8 and 12 of 20 passes.
    var config = TrainingConfig(
      model: "lenet5-1998", data: "mnist", epochs: 20, batchSize: 1, optimizer: .lm,
      learningRate: 5e-4,
      schedule: .staged(shares: [0.1, 0.25, 0.4, 0.6], factors: [0.4, 0.2, 0.1, 0.02]))
    // Paper is −0.1 and ink 1.175.
    config.preparation.normalization = .given(mean: [0.1 / 1.275], std: [1 / 1.275])
    return config
  }

  private static var hmax: TrainingConfig {
    var config = TrainingConfig(
      model: "hmax", data: "mnist", epochs: 20, batchSize: 50, optimizer: .adamw,
      learningRate: 0.02, schedule: .cosine())
    config.preparation.normalization = .given(mean: [0], std: [1])
    return config
  }

  private static func taught(_ model: String) -> TrainingConfig {
    var config = TrainingConfig(model: model, data: "mnist", epochs: 1, batchSize: 50)
    config.preparation.normalization = .given(mean: [0], std: [1])
    return config
  }

  private static var neocognitron: TrainingConfig {
    var config = TrainingConfig(model: "neocognitron", data: "mnist", epochs: 6, batchSize: 50)
    config.preparation.normalization = .given(mean: [0], std: [1])
    return config
  }

  private static var googLeNet: TrainingConfig {
    var config = ilsvrc(
      "googlenet-2014", epochs: 250, batch: 32, rate: 0.01, .step(every: 8 * 40_037, factor: 0.96),
      decay: 2e-4,
      augmentation: "random-resized-crop(scale=0.08..1,ratio=0.75..1.3333),flip,color-jitter(0.4)")
    config.average = WeightAverage(decay: 0.9999)
    return config
  }

  private static var inceptionV3: TrainingConfig {
    var config = ilsvrc(
      "inception_v3", epochs: 100, batch: 32, rate: 0.045, .step(every: 2 * 40_037, factor: 0.94),
      decay: 4e-5,
      augmentation: "random-resized-crop(scale=0.08..1,ratio=0.75..1.3333),flip,color-jitter(0.4)",
      extent: 299)
    config.optimizer = .rmsprop
    config.momentum = 0
    (config.alpha, config.epsilon, config.epsilonInsideRoot) = (0.9, 1, true)
    config.clipping.norm = 2
    config.smoothing = 0.1
    config.average = WeightAverage(decay: 0.9999)
    config.preparation.resizeSize = 342
    return config
  }

  private static var modern: TrainingConfig {
    var config = ilsvrc(
      "resnet50", epochs: 600, batch: 1024, rate: 0.5, .cosine(), decay: 2e-5,
      augmentation: "random-resized-crop(176),flip,randaugment,random-erasing(p=0.1)")
    config.warmup = Warmup(steps: 5 * 1252, method: .linear, factor: 0.01)
    config.smoothing = 0.1
    config.mixing = Mixing(mixup: 0.2, cutmix: 1)
    config.normWeightDecay = 0
    config.average = WeightAverage(decay: 0.99998)
    config.preparation.resizeSize = 232
    return config
  }

  private static func ilsvrc(
    _ model: String, epochs: Int, batch: Int, rate: Double, _ schedule: Schedule,
    nesterov: Bool = false, decay: Double, augmentation: String, extent: Int = 224
  ) -> TrainingConfig {
    var config = TrainingConfig(
      model: model, data: "imagefolder:ILSVRC2012", epochs: epochs, batchSize: batch,
      optimizer: .sgd, learningRate: rate, schedule: schedule, nesterov: nesterov,
      weightDecay: decay, augmentation: augmentation)
    config.preparation.input = [3, extent, extent]
    config.preparation.resizeSize = 256
    return config
  }

  private static func cifar(
    _ model: String, epochs: Int, _ schedule: Schedule, nesterov: Bool = false, decay: Double
  ) -> TrainingConfig {
    TrainingConfig(
      model: model, data: "cifar10", epochs: epochs, batchSize: 128, optimizer: .sgd,
      learningRate: 0.1, schedule: schedule, nesterov: nesterov, weightDecay: decay,
      augmentation: "cifar")
  }
}
