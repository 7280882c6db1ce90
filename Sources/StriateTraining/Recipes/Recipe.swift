import StriateCore

/// Settings that are known to work, or were published, under a name.
public struct Recipe: Sendable {
  /// The name on the command line.
  public let id: String
  /// What it gives, or where it deviates, in one line.
  public let summary: String
  /// The settings.
  public let config: TrainingConfig

  /// The recipes that there are.
  public static let all: [Recipe] = [lenet5Fashion, cifarFast] + published

  /// The recipe with an id.
  ///
  /// - Throws: `TrainingError` with the names that may have been meant.
  public static func find(_ id: String) throws(TrainingError) -> Recipe {
    if let recipe = all.first(where: { $0.id == id }) { return recipe }
    let hint = NearMiss.hint(for: id, among: all.map(\.id))
    throw TrainingError(.invalidSetting, "there is no recipe named '\(id)'; \(hint)")
  }

  private static let lenet5Fashion = Recipe(
    id: "lenet5-fashion",
    summary: "LeNet-5 on Fashion-MNIST: AdamW, one cycle of the learning rate, six epochs",
    config: TrainingConfig(
      model: "lenet5", data: "fashion-mnist", epochs: 6, batchSize: 128, optimizer: .adamw,
      learningRate: 4e-3, schedule: .oneCycle(), weightDecay: 0.1))

  private static let cifarFast = Recipe(
    id: "cifar-fast",
    summary:
      "Jordan's airbench94 on CIFAR-10: whitened patches, one cycle, smoothing, averaged weights",
    config: airbench(epochs: 16))

  private static func airbench(epochs: Int) -> TrainingConfig {
    var config = TrainingConfig(
      model: "airbench94", data: "cifar10", epochs: epochs, batchSize: 256, optimizer: .sgd,
      learningRate: 0.4, schedule: .oneCycle(warmup: 0.23, initialDivisor: 5, finalDivisor: 1000),
      momentum: 0.85, nesterov: true, weightDecay: 1.3e-3, smoothing: 0.2,
      augmentation: "random-crop(padding=2,mode=reflect),flip", frozen: ["whiten.weight"])
    config.whitening = "whiten"
    // The norms keep their scale; their shifts learn 64 times as fast and shrink as slowly as the rest.
    config.frozen += (1...3).flatMap { group in (1...2).map { "group\(group).norm\($0).weight" } }
    config.groups = [
      ParameterGroup(matching: .normalization, rate: 64, weightDecay: config.weightDecay / 64)
    ]
    config.average = WeightAverage(decay: 0.995)
    config.evaluateEvery = 4
    return config
  }
}
