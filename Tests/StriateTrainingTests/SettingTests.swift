import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

@Test func settingsSurviveTheirFileInFull() throws {
  for schedule in [
    .plateau(Plateau(factor: 0.5, patience: 3, threshold: 0.01, cooldown: 2, minimum: 1e-5)),
    .step(every: 4, factor: 0.5), .exponential(factor: 0.9), .polynomial(power: 2, minimum: 0.1),
  ] as [Schedule] {
    let config = everything {
      $0.schedule = schedule
      $0.groups = [
        ParameterGroup(matching: .path("a.b"), rate: 0.5, weightDecay: 1),
        ParameterGroup(matching: .vectors, weightDecay: 0), ParameterGroup(matching: .biases),
        ParameterGroup(matching: .normalization, rate: 2),
      ]
    }
    #expect(try TrainingConfig(JSON(parsing: config.json.text())) == config)
  }
  for (name, value) in [
    ("warmup", "soon"), ("groups", [["match": "all"]]), ("model_ema", 0.5), ("monitor", 3),
    ("patience", "long"), ("clip_grad_norm", "1"),
  ] as [(String, JSON)] {
    var members = try #require(everything().json.object)
    members[name] = value
    let error = #expect(throws: TrainingError.self) { try TrainingConfig(.object(members)) }
    #expect(error?.message.contains(name) == true)
  }
}

@Test func groupsThatMatchNothingAreRefused() throws {
  let scratch = try Scratch()
  let config = tinyConfig { $0.groups = [ParameterGroup(matching: .path("con"), rate: 0)] }
  let error = #expect(throws: TrainingError.self) {
    try tinyTrainer(config).run(in: scratch.run("run"))
  }
  #expect(error?.code == .mismatch)
  #expect(error?.message.contains("'con'") == true)

  struct Plain: Optimizer {
    let slots: [String] = []
    let scalars: [String] = []
    func scalar(_ index: Int, step: Int, learningRate: Double) -> Double { 0 }
    func update(
      _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
    ) -> (weight: Tensor, slots: [Tensor]) { (weight - gradient, []) }
  }
  var rule = UpdateRule(Plain())
  rule.groups = [ParameterGroup(matching: .vectors, weightDecay: 0)]
  let other = #expect(throws: TrainingError.self) {
    try TrainingStep(
      Objective(Tiny()), rule: rule,
      batch: BatchType(classifying: TensorType(.float32, [2, 1, 4, 4])), on: .reference)
  }
  #expect(other?.message.contains("Plain") == true)
}

@Test(arguments: 0..<22)
func senselessFurtherSettingsAreRefused(_ which: Int) {
  let config = tinyConfig {
    switch which {
    case 0: $0.accumulation = 0
    case 1: $0.clipping.norm = 0
    case 2: $0.clipping.value = .infinity
    case 3: $0.average = WeightAverage(decay: 1)
    case 4: $0.mixing.mixup = .nan
    case 5: $0.mixing.cutmix = -0.5
    case 6: $0.patience = 0
    case 7: $0.minDelta = -1
    case 8: $0.evaluateEvery = 0
    case 9: $0.normWeightDecay = -1
    case 10: $0.biasWeightDecay = .nan
    case 11: $0.groups = [ParameterGroup(matching: .vectors, rate: -1)]
    case 12: $0.groups = [ParameterGroup(matching: .vectors, weightDecay: .infinity)]
    case 13: $0.schedule = .step(every: 0, factor: 0.1)
    case 14: $0.schedule = .exponential(factor: 1.1)
    case 15: $0.schedule = .polynomial(power: 0)
    case 16: $0.schedule = .plateau(Plateau(factor: 1))
    case 17: $0.schedule = .plateau(Plateau(patience: -1))
    case 18: $0.schedule = .plateau(Plateau(threshold: .nan))
    case 19:
      $0.schedule = .constant
      $0.warmup = Warmup(steps: -1)
    case 20: $0.warmup = Warmup(steps: 3)
    default:
      $0.schedule = .constant
      $0.warmup = Warmup(steps: 3, factor: 2)
    }
  }
  let error = #expect(throws: TrainingError.self) { try tinyTrainer(config) }
  #expect(error?.code == .invalidSetting)
}
