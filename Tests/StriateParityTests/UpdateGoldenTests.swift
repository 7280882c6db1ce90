import StriateCPU
import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// The network of `Tools/goldens/training.py`.
private struct Net: Layer {
  let conv = Conv2D(in: 1, out: 3, kernel: 3, padding: 1, bias: false)
  let bn = BatchNorm2D(3)
  let fc = Linear(in: 48, out: 4)

  func forward(_ x: Tensor) -> Tensor { fc(relu(bn(conv(x))).flattened(from: 1)) }
}

/// An optimiser on fixed gradients.
struct RuleGolden: Sendable, CustomStringConvertible {
  let description: String
  let optimizer: any Optimizer

  static let all: [RuleGolden] = {
    var amsgrad = Adam(weightDecay: 0.01)
    amsgrad.keepsMaximum = true
    var decoupled = Adam.decoupled(weightDecay: 0.01)
    decoupled.keepsMaximum = true
    return [
      RuleGolden(description: "rmsprop", optimizer: RMSProp()),
      RuleGolden(
        description: "rmsprop_momentum",
        optimizer: RMSProp(alpha: 0.9, epsilon: 1e-3, momentum: 0.9, weightDecay: 0.01)),
      RuleGolden(
        description: "rmsprop_centered",
        optimizer: RMSProp(alpha: 0.9, momentum: 0.5, isCentered: true)),
      RuleGolden(
        description: "rmsprop_tensorflow",
        optimizer: RMSProp(alpha: 0.9, epsilon: 1e-3, epsilonInsideRoot: true)),
      RuleGolden(description: "amsgrad", optimizer: amsgrad),
      RuleGolden(description: "adamw_amsgrad", optimizer: decoupled),
      RuleGolden(description: "lars", optimizer: LARS(trust: 0.02, weightDecay: 0.01)),
      RuleGolden(
        description: "lars_vectors",
        optimizer: LARS(momentum: 0.5, trust: 0.02, weightDecay: 0.01, adaptsVectors: true)),
    ]
  }()
}

/// A whole update of a network on one batch.
struct UpdateGolden: Sendable, CustomStringConvertible {
  let description: String
  /// Samples of the micro-batches.
  var parts = [10]
  var hasNorm = false
  let change: @Sendable (inout UpdateRule) -> Void

  static let all = [
    UpdateGolden(description: "plain") { $0.average = WeightAverage(decay: 0.9, warmsUp: true) },
    UpdateGolden(description: "groups") {
      $0.groups = [
        ParameterGroup(matching: .path("conv"), rate: 0.1),
        ParameterGroup(matching: .normalization, weightDecay: 0),
        ParameterGroup(matching: .biases, weightDecay: 0),
      ]
    },
    UpdateGolden(description: "clip_norm", hasNorm: true) { $0.clipping.norm = 0.3 },
    UpdateGolden(description: "clip_value", hasNorm: true) {
      $0.clipping.value = 0.05
      $0.reportsNorm = true
    },
    UpdateGolden(description: "accumulate", parts: [4, 4, 2], hasNorm: true) {
      $0.accumulation = 3
      $0.clipping.norm = 0.3
      $0.average = WeightAverage(decay: 0.5, warmsUp: false)
    },
  ]
}

@Suite struct UpdateGoldenTests {
  /// What a device in this precision may be off by.
  private func bound(_ device: Device) -> Double { device.id == "oracle" ? 1e-9 : 1e-4 }

  private var devices: [Device] { [.oracle] + (cpu.map { [$0] } ?? []) }

  @Test("Golden: optimisers on fixed gradients", arguments: RuleGolden.all)
  func trajectory(_ rule: RuleGolden) throws {
    let golden = try Golden("training")
    let start = try golden["start"].scalars(as: Double.self)
    let gradients = try golden["gradients"].scalars(as: Double.self)
    let expected = try golden["rule.\(rule.description)"].scalars(as: Double.self)
    for device in devices {
      let dtype: DType = device.id == "oracle" ? .float64 : .float32
      let types = ["matrix": TensorType(dtype, [2, 2]), "vector": TensorType(dtype, [2])]
      let optimizer = rule.optimizer
      let program = try Program(on: device) { builder in
        let scalars = optimizer.scalars.map { builder.input($0, TensorType(dtype, .scalar)) }
        for (name, type) in types.sorted(by: { $0.key < $1.key }) {
          let slots = optimizer.slots.map { builder.state("\(name).\($0)", type) }
          let new = optimizer.update(
            builder.state(name, type), gradient: builder.input("\(name).gradient", type),
            slots: slots, scalars: scalars)
          builder.update(name, new.weight)
          for (slot, value) in zip(optimizer.slots, new.slots) {
            builder.update("\(name).\(slot)", value)
          }
        }
      }
      func tensor(_ values: ArraySlice<Double>, _ name: String) throws -> HostTensor {
        let shape = try #require(types[name]).shape
        return try HostTensor(Array(values), shape: shape).converted(to: dtype)
      }
      let state = try program.state([
        "matrix": tensor(start[..<4], "matrix"), "vector": tensor(start[4...], "vector"),
      ])
      for (name, type) in types {
        for slot in optimizer.slots {
          try state.write(["\(name).\(slot)": HostTensor(zeros: type)])
        }
      }
      for step in 0..<6 {
        var inputs = [
          "matrix.gradient": try tensor(gradients[(step * 6)..<(step * 6 + 4)], "matrix"),
          "vector.gradient": try tensor(gradients[(step * 6 + 4)..<(step * 6 + 6)], "vector"),
        ]
        for (place, scalar) in optimizer.scalars.enumerated() {
          let value = optimizer.scalar(place, step: step + 1, learningRate: 0.1)
          inputs[scalar] = HostTensor(scalar: value).converted(to: dtype)
        }
        _ = try program.run(inputs, state: state)
        let read = try state.read(["matrix", "vector"])
        let found = read.flatMap { $0.value.scalars(as: Double.self) }
        let error = agreement(found, Array(expected[(step * 6)..<(step * 6 + 6)]))
        #expect(error < bound(device), "\(device), step \(step + 1): off by \(error)")
      }
    }
  }

  @Test("Golden: clipping, groups, accumulation and averages", arguments: UpdateGolden.all)
  func update(_ golden: UpdateGolden) throws {
    let file = try Golden("training")
    let (images, labels) = (try file["input"], try file["labels"])
    var rule = UpdateRule(SGD(momentum: 0.9, weightDecay: 0.05))
    golden.change(&rule)
    for device in devices {
      let isOracle = device.id == "oracle"
      let trainer = GradientDescent(
        Objective(Net()), rule: rule, scalars: isOracle ? .float64 : .float32, on: device)
      var start = try trainer.initialState(seed: 0)
      for (name, value) in file.under("init") {
        let own = isOracle || !value.dtype.isFloatingPoint ? value : value.converted(to: .float32)
        start.weights[name] = own
        if rule.average != nil { start.average[name] = own }
      }
      let state = device.backend.makeState()
      try start.write(to: state)
      let norms = file.tensors["norm.\(golden.description)"]?.scalars(as: Double.self)
      #expect((norms != nil) == golden.hasNorm)
      for step in 0..<4 {
        var (metrics, first) = (StepMetrics(), 0)
        for (index, size) in golden.parts.enumerated() {
          var context = StepContext(step: step, seed: 0, learningRate: 0.2)
          context.part = .init(
            index: index, share: Double(size) / 10, isLast: index == golden.parts.count - 1)
          let batch = try Batch(
            inputs: rows(first..<(first + size), of: images).converted(to: .float32),
            labels: rows(first..<(first + size), of: labels), indices: Array(0..<size))
          metrics = try metrics + trainer.step(state, batch, at: context)
          first += size
        }
        if let norms {
          let found = try #require(metrics.gradientNorm)
          // The step's output is f32: rounded once, where all else is in double precision.
          let bound = isOracle ? 0x1p-24 : 1e-4
          #expect(abs(found / norms[step] - 1) <= bound, "\(device), step \(step + 1)")
        } else {
          #expect(metrics.gradientNorm == nil)
        }
      }
      let end = try start.read(from: state)
      try expectEqual(end.weights, file.under("net.\(golden.description)"), device)
      if golden.description == "plain" { try expectEqual(end.average, file.under("ema"), device) }
      if rule.average != nil {
        #expect(end.average["bn.num_batches_tracked"] == end.weights["bn.num_batches_tracked"])
        #expect(end.average["fc.weight"] != end.weights["fc.weight"])
      }
    }
  }

  @Test("Golden: two classes a sample are soft targets")
  func mixed() throws {
    let golden = try Golden("training")
    let input = try golden["mixed.input"].converted(to: .float32)
    let labels = try golden["labels"]
    let objective = Objective(Net(), loss: CrossEntropyLoss(smoothing: 0.1))
    let step = try TrainingStep(
      objective, rule: UpdateRule(SGD()), mixing: Mixing(mixup: 1),
      batch: BatchType(classifying: input.type),
      scalars: .float64, on: .oracle)
    let own = labels.scalars(as: Int32.self)
    let state = try step.program.state(NamedTensors(golden.under("init")))
    let outputs = try Interpreter<Double>(step.program.graph).evaluate(
      inputs: [
        "input": input, "labels": labels, "labels.other": HostTensor([own[9]] + own.dropLast()),
        "mixing.share": HostTensor(scalar: 0.7),
        OptimizerNames.scalar("learning_rate"): HostTensor(scalar: 1.0),
      ], state: state)
    #expect(agreement(try #require(outputs["loss"]), try golden["mixed.loss"]) < 1e-9)
    let after = try #require(try state.read(["fc.weight"])["fc.weight"]).scalars(as: Double.self)
    let before = try golden["init.fc.weight"].scalars(as: Double.self)
    let gradient = zip(before, after).map { $0 - $1 }
    #expect(agreement(gradient, try golden["mixed.fc"].scalars(as: Double.self)) < 1e-9)
  }

  @Test("Golden: schedules and warm-ups")
  func rates() throws {
    let golden = try Golden("training")
    let linear = Warmup(steps: 4)
    let cases: [(name: String, schedule: Schedule, warmup: Warmup?)] = [
      ("step", .step(every: 3, factor: 0.5), nil),
      ("exponential", .exponential(factor: 0.9), nil),
      ("polynomial", .polynomial(power: 0.9), nil),
      ("linear_cosine", .cosine(minimum: 0.001), linear),
      (
        "constant_step", .step(every: 3, factor: 0.5),
        Warmup(steps: 4, method: .constant, factor: 0.25)
      ),
      ("linear_polynomial", .polynomial(power: 2), linear),
    ]
    for (name, schedule, warmup) in cases {
      let rates = LearningRate(base: 0.1, schedule: schedule, warmup: warmup, totalSteps: 12)
      for (step, expected) in try golden["rate.\(name)"].scalars(as: Double.self).enumerated() {
        #expect(abs(rates.rate(step: step) - expected) < 1e-14, "\(name), step \(step)")
      }
    }
  }

  @Test("Golden: plateaus")
  func plateaus() throws {
    let golden = try Golden("training")
    let losses = try golden["losses"].scalars(as: Double.self)
    for (name, plateau) in [
      ("plateau", Plateau(factor: 0.5, patience: 1)),
      (
        "plateau_cooldown",
        Plateau(factor: 0.1, patience: 1, threshold: 0.05, cooldown: 2, minimum: 0.002)
      ),
    ] {
      let rates = LearningRate(base: 0.1, schedule: .plateau(plateau), totalSteps: losses.count)
      let expected = try golden["rate.\(name)"].scalars(as: Double.self)
      #expect(Set(expected).count > 2)
      var state = Plateau.State()
      for (step, loss) in losses.enumerated() {
        #expect(abs(rates.rate(step: step, plateau: state) - expected[step]) < 1e-14, "\(name)")
        plateau.observe(loss, base: 0.1, in: &state)
      }
    }
  }

  private func rows(_ range: Range<Int>, of tensor: HostTensor) throws -> HostTensor {
    let size = tensor.count / tensor.shape[0]
    let shape = Shape([range.count] + tensor.shape.dims.dropFirst())
    let values = (range.lowerBound * size)..<(range.upperBound * size)
    return tensor.dtype == .int32
      ? try HostTensor(Array(tensor.scalars(as: Int32.self)[values]), shape: shape)
      : try HostTensor(Array(tensor.scalars(as: Double.self)[values]), shape: shape)
  }

  private func expectEqual(
    _ found: NamedTensors, _ expected: [(name: String, value: HostTensor)], _ device: Device
  ) throws {
    #expect(!expected.isEmpty)
    for (name, value) in expected where value.dtype.isFloatingPoint {
      let error = agreement(try #require(found[name]), value)
      #expect(error < bound(device), "\(device): \(name) is off by \(error)")
    }
  }
}
