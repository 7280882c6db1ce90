import StriateCore

/// Settings that are known to work, under a name.
public struct Recipe: Sendable {
  /// The name on the command line.
  public let id: String
  /// What it gives, in one line.
  public let summary: String
  /// The settings.
  public let config: TrainingConfig

  /// The recipes that there are.
  public static let all: [Recipe] = [
    Recipe(
      id: "lenet5-fashion",
      summary: "LeNet-5 on Fashion-MNIST: AdamW, one cycle of the learning rate, six epochs",
      config: TrainingConfig(
        model: "lenet5", data: "fashion-mnist", epochs: 6, batchSize: 128, optimizer: .adamw,
        learningRate: 4e-3, schedule: .oneCycle(), weightDecay: 0.1))
  ]

  /// The recipe with an id.
  ///
  /// - Throws: `TrainingError` with the names that may have been meant.
  public static func find(_ id: String) throws(TrainingError) -> Recipe {
    if let recipe = all.first(where: { $0.id == id }) { return recipe }
    let hint = NearMiss.hint(for: id, among: all.map(\.id))
    throw TrainingError(.invalidSetting, "there is no recipe named '\(id)'; \(hint)")
  }
}
