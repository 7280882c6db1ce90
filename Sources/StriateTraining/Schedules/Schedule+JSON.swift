import StriateFormats

extension Schedule {
  /// The schedule as settings hold it.
  public var json: JSON {
    switch self {
    case .constant: ["name": "constant"]
    case .step(let every, let factor):
      ["name": "step", "every": JSON(every), "factor": JSON(factor)]
    case .exponential(let factor): ["name": "exponential", "factor": JSON(factor)]
    case .polynomial(let power, let minimum):
      ["name": "polynomial", "power": JSON(power), "minimum": JSON(minimum)]
    case .plateau(let plateau):
      [
        "name": "plateau", "factor": JSON(plateau.factor), "patience": JSON(plateau.patience),
        "threshold": JSON(plateau.threshold), "cooldown": JSON(plateau.cooldown),
        "minimum": JSON(plateau.minimum),
      ]
    case .multistep(let milestones, let factor):
      [
        "name": "multistep", "milestones": .array(milestones.map { JSON($0) }),
        "factor": JSON(factor),
      ]
    case .staged(let shares, let factors):
      [
        "name": "staged", "shares": .array(shares.map { JSON($0) }),
        "factors": .array(factors.map { JSON($0) }),
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
    case "staged":
      guard let shares = json["shares"]?.array, let factors = json["factors"]?.array,
        shares.count == factors.count
      else { return nil }
      let known = (shares.compactMap(\.double), factors.compactMap(\.double))
      guard known.0.count == shares.count, known.1.count == shares.count else { return nil }
      self = .staged(shares: known.0, factors: known.1)
    case "step":
      guard let every = json["every"]?.int, let factor = json["factor"]?.double else { return nil }
      self = .step(every: every, factor: factor)
    case "exponential":
      guard let factor = json["factor"]?.double else { return nil }
      self = .exponential(factor: factor)
    case "polynomial":
      guard let power = json["power"]?.double, let minimum = json["minimum"]?.double else {
        return nil
      }
      self = .polynomial(power: power, minimum: minimum)
    case "plateau":
      guard let factor = json["factor"]?.double, let patience = json["patience"]?.int,
        let threshold = json["threshold"]?.double, let cooldown = json["cooldown"]?.int,
        let minimum = json["minimum"]?.double
      else { return nil }
      self = .plateau(
        Plateau(
          factor: factor, patience: patience, threshold: threshold, cooldown: cooldown,
          minimum: minimum))
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

extension Warmup {
  /// The warm-up as settings hold it.
  var json: JSON {
    ["steps": JSON(steps), "method": JSON(method.rawValue), "factor": JSON(factor)]
  }

  /// The warm-up that settings hold; nil where it is not understood.
  init?(_ json: JSON) {
    guard let steps = json["steps"]?.int, let factor = json["factor"]?.double,
      let method = json["method"]?.string.flatMap(Method.init(rawValue:))
    else { return nil }
    self.init(steps: steps, method: method, factor: factor)
  }
}

extension Plateau.State {
  var json: JSON {
    [
      "best": best.map { JSON($0) } ?? nil, "stale": JSON(stale), "cooldown": JSON(cooldown),
      "rate": rate.map { JSON($0) } ?? nil,
    ]
  }

  init?(_ json: JSON) {
    guard let stale = json["stale"]?.int, let cooldown = json["cooldown"]?.int,
      (0..<1 << 40).contains(stale)
    else { return nil }
    self.init(
      best: json["best"]?.double, stale: stale, cooldown: cooldown, rate: json["rate"]?.double)
  }
}
