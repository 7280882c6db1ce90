import StriateCore
import StriateData
import StriateFormats

extension TrainingConfig {
  /// The settings as `config.json` and checkpoints hold them.
  public var json: JSON {
    var members: JSONObject = [
      "model": JSON(model), "data": JSON(data), "epochs": JSON(epochs),
      "batch_size": JSON(batchSize), "optimizer": JSON(optimizer.rawValue),
      "learning_rate": JSON(learningRate), "schedule": schedule.json, "momentum": JSON(momentum),
      "nesterov": JSON(nesterov), "weight_decay": JSON(weightDecay),
      "label_smoothing": JSON(smoothing), "seed": JSON(seed), "augmentation": JSON(augmentation),
      "frozen": JSON(frozen),
    ]
    if let preparation = preparation.json { members["preparation"] = preparation }
    return .object(members)
  }

  /// The settings in a `config.json`.
  ///
  /// - Throws: `TrainingError` naming what is missing or not understood.
  public init(_ json: JSON) throws(TrainingError) {
    func member<T>(_ name: String, _ read: (JSON) -> T?) throws(TrainingError) -> T {
      guard let value = json[name].flatMap(read) else {
        let found = json[name].map(\.description) ?? "nothing"
        throw TrainingError(.invalidSetting, "the settings give \(name) as \(found)")
      }
      return value
    }
    self.init(
      model: try member("model", \.string), data: try member("data", \.string),
      epochs: try member("epochs", \.int), batchSize: try member("batch_size", \.int),
      optimizer: try member("optimizer") { $0.string.flatMap(OptimizerKind.init(rawValue:)) },
      learningRate: try member("learning_rate", \.double),
      schedule: try member("schedule", Schedule.init), momentum: try member("momentum", \.double),
      nesterov: try member("nesterov", \.bool), weightDecay: try member("weight_decay", \.double),
      smoothing: try member("label_smoothing", \.double), seed: try member("seed", \.uint64),
      augmentation: try member("augmentation", \.string),
      frozen: try member("frozen") { $0.array?.compactMap(\.string) })
    if json["preparation"] != nil {
      preparation = try member("preparation", DataPreparation.init)
    }
  }

  /// What differs from other settings: `epochs is 6, not 7`.
  func differences(from other: JSON) -> [String] {
    let mine = json
    let names = (mine.object?.names ?? []) + (other.object?.names ?? [])
    var seen: Set<String> = []
    return names.compactMap { name in
      guard seen.insert(name).inserted, !same(mine[name], other[name]) else { return nil }
      let found = other[name].map(\.description) ?? "not set"
      return "\(name) is \(found), not \(mine[name].map(\.description) ?? "set")"
    }
  }

  /// Whether two values are the same when `1` and `1.0` are one number.
  private func same(_ a: JSON?, _ b: JSON?) -> Bool {
    if let x = a?.double, let y = b?.double { return x == y }
    if let x = a?.object, let y = b?.object {
      return Set(x.names) == Set(y.names) && x.names.allSatisfy { same(x[$0], y[$0]) }
    }
    return a == b
  }
}

extension Schedule {
  /// The schedule as settings hold it.
  public var json: JSON {
    switch self {
    case .constant: ["name": "constant"]
    case .multistep(let milestones, let factor):
      [
        "name": "multistep", "milestones": .array(milestones.map { JSON($0) }),
        "factor": JSON(factor),
      ]
    case .cosine(let minimum): ["name": "cosine", "minimum": JSON(minimum)]
    case .oneCycle(let warmup, let initialDivisor, let finalDivisor):
      [
        "name": "one-cycle", "warmup": JSON(warmup), "initial_divisor": JSON(initialDivisor),
        "final_divisor": JSON(finalDivisor),
      ]
    }
  }

  /// The schedule that settings hold; nil where it is not understood.
  public init?(_ json: JSON) {
    switch json["name"]?.string {
    case "constant": self = .constant
    case "multistep":
      guard let list = json["milestones"]?.array, let factor = json["factor"]?.double else {
        return nil
      }
      let milestones = list.compactMap(\.int)
      guard milestones.count == list.count else { return nil }
      self = .multistep(milestones: milestones, factor: factor)
    case "cosine":
      guard let minimum = json["minimum"]?.double else { return nil }
      self = .cosine(minimum: minimum)
    case "one-cycle":
      guard let warmup = json["warmup"]?.double, let initial = json["initial_divisor"]?.double,
        let final = json["final_divisor"]?.double
      else { return nil }
      self = .oneCycle(warmup: warmup, initialDivisor: initial, finalDivisor: final)
    default: return nil
    }
  }
}
