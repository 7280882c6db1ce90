import ArgumentParser
import Striate

/// The learning rate's course, on the command line in epochs.
struct RateOptions: ParsableArguments {
  @Option(help: "The learning rate's course (onecycle).")
  var lrScheduler: Scheduler?

  @Option(help: "Epochs after which multistep lowers the rate, joined by commas.")
  var lrMilestones: String?

  @Option(help: "Epochs between two steps of step (30).")
  var lrStepSize: Int?

  @Option(
    help:
      "What the rate is multiplied by: by multistep, step and plateau (0.1), an epoch by exponential (0.9)."
  )
  var lrGamma: Double?

  @Option(help: "The power of polynomial (0.9).")
  var lrPower: Double?

  @Option(help: "The least rate of cosine, polynomial and plateau (0).")
  var lrMin: Double?

  @Option(help: "Tests without a lower loss that plateau lets pass (10).")
  var lrPatience: Int?

  @Option(help: "Epochs over which the rate rises before its course begins (0).")
  var lrWarmupEpochs: Int?

  @Option(help: "How it rises: linear or constant (linear).")
  var lrWarmupMethod: Warmup.Method?

  @Option(help: "The share of the rate at the warm-up's first step (0.01).")
  var lrWarmupDecay: Double?

  /// The schedules under their names, and those of torchvision's script.
  enum Scheduler: String, ExpressibleByArgument, CaseIterable {
    case constant, step, multistep, exponential, polynomial, cosine, onecycle, plateau

    init?(argument: String) {
      switch argument {
      case "steplr": self = .step
      case "exponentiallr": self = .exponential
      case "cosineannealinglr": self = .cosine
      default: self.init(rawValue: argument)
      }
    }
  }

  func validate() throws {
    if lrScheduler == .multistep, lrMilestones == nil {
      throw ValidationError("--lr-scheduler multistep needs --lr-milestones, such as 30,60")
    }
    try refuse("--lr-milestones", lrMilestones != nil, unless: [.multistep])
    try refuse("--lr-step-size", lrStepSize != nil, unless: [.step])
    try refuse("--lr-gamma", lrGamma != nil, unless: [.multistep, .step, .exponential, .plateau])
    try refuse("--lr-power", lrPower != nil, unless: [.polynomial])
    try refuse("--lr-min", lrMin != nil, unless: [.cosine, .polynomial, .plateau])
    try refuse("--lr-patience", lrPatience != nil, unless: [.plateau])
    if let lrWarmupEpochs, lrWarmupEpochs < 0 {
      throw ValidationError("--lr-warmup-epochs must be at least 0, found \(lrWarmupEpochs)")
    }
    if lrWarmupEpochs == nil, lrWarmupMethod != nil || lrWarmupDecay != nil {
      throw ValidationError("--lr-warmup-method and --lr-warmup-decay need --lr-warmup-epochs")
    }
  }

  private func refuse(_ name: String, _ isGiven: Bool, unless schedules: [Scheduler]) throws {
    guard isGiven, !schedules.contains(where: { $0 == lrScheduler }) else { return }
    let names = schedules.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("\(name) needs --lr-scheduler with one of: \(names)")
  }

  /// Sets the course in the settings.
  func apply(to config: inout TrainingConfig, stepsPerEpoch: () throws -> Int) throws {
    switch lrScheduler {
    case nil: break
    case .constant: config.schedule = .constant
    case .cosine: config.schedule = .cosine(minimum: lrMin ?? 0)
    case .polynomial: config.schedule = .polynomial(power: lrPower ?? 0.9, minimum: lrMin ?? 0)
    case .onecycle: config.schedule = .oneCycle()
    case .plateau:
      config.schedule = .plateau(
        Plateau(factor: lrGamma ?? 0.1, patience: lrPatience ?? 10, minimum: lrMin ?? 0))
    case .exponential:
      config.schedule = .exponential(perEpoch: lrGamma ?? 0.9, steps: try stepsPerEpoch())
    case .step:
      config.schedule = .step(
        every: try steps(lrStepSize ?? 30, try stepsPerEpoch(), "--lr-step-size"),
        factor: lrGamma ?? 0.1)
    case .multistep:
      config.schedule = .multistep(
        milestones: try milestones(stepsPerEpoch()), factor: lrGamma ?? 0.1)
    }
    if let epochs = lrWarmupEpochs {
      config.warmup =
        epochs == 0
        ? nil
        : Warmup(
          steps: try steps(epochs, try stepsPerEpoch(), "--lr-warmup-epochs"),
          method: lrWarmupMethod ?? .linear, factor: lrWarmupDecay ?? 0.01)
    }
  }

  private func steps(_ epochs: Int, _ stepsPerEpoch: Int, _ name: String) throws -> Int {
    let (steps, overflow) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    guard steps > 0, !overflow else {
      throw ValidationError("\(name) must be a number of epochs from 1, found \(epochs)")
    }
    return steps
  }

  private func milestones(_ stepsPerEpoch: Int) throws -> [Int] {
    let parts = (lrMilestones ?? "").split(separator: ",", omittingEmptySubsequences: false)
    return try parts.map { part in
      let (steps, overflow) = (Int(part) ?? -1).multipliedReportingOverflow(by: stepsPerEpoch)
      guard steps > 0, !overflow else {
        throw ValidationError(
          "--lr-milestones takes numbers of epochs joined by commas, found '\(lrMilestones ?? "")'")
      }
      return steps
    }
  }
}

extension Warmup.Method: ExpressibleByArgument {}
