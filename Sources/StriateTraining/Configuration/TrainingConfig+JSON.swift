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
      "frozen": JSON(frozen), "warmup": warmup?.json ?? nil,
      "norm_weight_decay": JSON(optional: normWeightDecay),
      "bias_weight_decay": JSON(optional: biasWeightDecay),
      "groups": .array(groups.map(\.json)), "clip_grad_norm": JSON(optional: clipping.norm),
      "clip_grad_value": JSON(optional: clipping.value), "accumulate": JSON(accumulation),
      "drop_last": JSON(dropLast.rawValue),
      "model_ema": average?.json ?? nil, "report_grad_norm": JSON(reportsGradientNorm),
      "mixup_alpha": JSON(mixing.mixup), "cutmix_alpha": JSON(mixing.cutmix),
      "eval_every": JSON(evaluateEvery), "monitor": monitor.map { JSON($0.rawValue) } ?? nil,
      "patience": patience.map { JSON($0) } ?? nil, "min_delta": JSON(minDelta),
      "epsilon": JSON(optional: epsilon), "epsilon_inside_root": JSON(epsilonInsideRoot),
      "alpha": JSON(alpha), "whiten": whitening.map { JSON($0) } ?? nil,
      "rule": rule.map { JSON($0) } ?? nil,
    ]
    if let preparation = preparation.json { members["preparation"] = preparation }
    if let loss { members["loss"] = JSON(loss) }
    if let classWeights { members["class_weights"] = JSON(classWeights.description) }
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
    // What older settings do not mention stays as it was without it.
    if json["monitor"] == nil { monitor = .accuracy }
    func further<T>(_ name: String, _ value: inout T, _ read: (JSON) -> T?) throws(TrainingError) {
      if let found = json[name], !found.isNull { value = try member(name, read) }
    }
    try further("warmup", &warmup, Warmup.init)
    try further("norm_weight_decay", &normWeightDecay, \.double)
    try further("bias_weight_decay", &biasWeightDecay, \.double)
    try further("groups", &groups) { list in
      let groups = list.array?.compactMap(ParameterGroup.init)
      return groups?.count == list.array?.count ? groups : nil
    }
    try further("clip_grad_norm", &clipping.norm, \.double)
    try further("clip_grad_value", &clipping.value, \.double)
    try further("accumulate", &accumulation, \.int)
    try further("drop_last", &dropLast) { $0.string.flatMap(DropLast.init(rawValue:)) }
    try further("model_ema", &average, WeightAverage.init)
    try further("report_grad_norm", &reportsGradientNorm, \.bool)
    try further("mixup_alpha", &mixing.mixup, \.double)
    try further("cutmix_alpha", &mixing.cutmix, \.double)
    try further("eval_every", &evaluateEvery, \.int)
    try further("monitor", &monitor) { $0.string.flatMap(Monitor.init(rawValue:)) }
    try further("patience", &patience, \.int)
    try further("min_delta", &minDelta, \.double)
    try further("epsilon", &epsilon, \.double)
    try further("epsilon_inside_root", &epsilonInsideRoot, \.bool)
    try further("alpha", &alpha, \.double)
    try further("whiten", &whitening, \.string)
    try further("rule", &rule, \.string)
    try further("loss", &loss, \.string)
    try further("class_weights", &classWeights) { $0.string.flatMap(ClassWeights.init) }
    if json["preparation"] != nil {
      preparation = try member("preparation", DataPreparation.init)
    }
  }

  /// What differs from other settings: `epochs is 6, not 7`.
  func differences(from other: JSON) -> [String] {
    let mine = json
    // As this version writes them: what older settings do not mention is there with its usual value.
    let other = (try? TrainingConfig(other))?.json ?? other
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

extension JSON {
  /// A number, or null.
  fileprivate init(optional value: Double?) { self = value.map { JSON($0) } ?? .null }
}

extension WeightAverage {
  var json: JSON { ["decay": JSON(decay), "warms_up": JSON(warmsUp)] }

  init?(_ json: JSON) {
    guard let decay = json["decay"]?.double, let warmsUp = json["warms_up"]?.bool else {
      return nil
    }
    self.init(decay: decay, warmsUp: warmsUp)
  }
}

extension ParameterGroup {
  var json: JSON {
    let match: JSON =
      switch match {
      case .path(let path): ["path": JSON(path)]
      case .vectors: "vectors"
      case .biases: "biases"
      case .normalization: "normalization"
      }
    return [
      "match": match, "rate": JSON(optional: rate), "weight_decay": JSON(optional: weightDecay),
    ]
  }

  init?(_ json: JSON) {
    let match: Match
    switch (json["match"]?.string, json["match"]?["path"]?.string) {
    case ("vectors", _): match = .vectors
    case ("biases", _): match = .biases
    case ("normalization", _): match = .normalization
    case (_, let path?): match = .path(path)
    default: return nil
    }
    self.init(
      matching: match, rate: json["rate"]?.double, weightDecay: json["weight_decay"]?.double)
  }
}
