import Striate
import StriateTestSupport
import Testing

/// The Neocognitron of 2003 and the rules by which it learns.
@Suite struct LearnedNeocognitronTests {
  private static let device = (try? Device.cpu()) ?? .reference

  /// Five drawn digits at thirty-five places: every other place to learn from, the rest to be asked about.
  private static func digits() throws -> DataSplits {
    func part(_ isTest: Bool) throws -> TensorDataset {
      var pixels: [Float] = []
      var labels: [Int32] = []
      for (place, shift) in DrawnDigits.shifts.enumerated() where (place % 2 == 1) == isTest {
        for digit in 0..<5 {
          pixels += DrawnDigits.picture(digit, right: shift.right, down: shift.down)
            .scalars(as: Float.self)
          labels.append(Int32(digit))
        }
      }
      return try TensorDataset(
        inputs: HostTensor(pixels, shape: [labels.count, 1, 16, 16]), labels: labels,
        classNames: (0..<5).map(String.init))
    }
    return DataSplits(train: try part(false), test: try part(true), name: "digits")
  }

  private static var plan: Neocognitron.Plan {
    var plan = Neocognitron.Plan()
    (plan.s2.planes, plan.s3.planes, plan.perClass) = (80, 80, 4)
    plan.s2.learning = 0.6
    plan.s2.recognition = 0.5
    return plan
  }

  private static func network(
    _ change: (inout Neocognitron.Plan) -> Void = { _ in }
  ) -> Neocognitron {
    var plan = plan
    change(&plan)
    return Neocognitron(classes: 5, input: [1, 16, 16], plan: plan)
  }

  private static var quiet: Trainer.Options {
    var options = Trainer.Options()
    options.handlesSignals = false
    return options
  }

  private static func config(
    _ rule: PlaneRule = .addIfSilent, epochs: Int = 4
  ) -> TrainingConfig {
    var config = TrainingConfig(
      model: "neocognitron", data: "digits", epochs: epochs, batchSize: 9)
    config.rule = rule.rawValue
    return config
  }

  private static func train(
    _ network: Neocognitron, _ rule: PlaneRule, in folder: RunFolder
  ) throws -> TrainingResult {
    try Trainer(
      network, data: digits(), config: config(rule), on: device, options: quiet
    ).run(in: folder)
  }

  @Test func extentsAreTheTables() throws {
    let network = Neocognitron()
    let builder = GraphBuilder(naming: Naming(network))
    let x = builder.input("input", TensorType(.float32, [2, 1, 28, 28]))
    #expect(network.before(2, x).shape == [2, 16, 15, 15])
    #expect(network.before(3, x).shape == [2, 200, 8, 8])
    #expect(network.before(4, x).shape == [2, 200 * 16])
    #expect(network(x).shape == [2, 10])
    for side in [9, 16, 33, 64] {
      let network = Neocognitron(classes: 3, input: [3, side, side + 2])
      let builder = GraphBuilder(naming: Naming(network))
      let x = builder.input("input", TensorType(.float32, [1, 3, side, side + 2]))
      #expect(network(x).shape == [1, 3])
      #expect(throws: Never.self) { try builder.finish() }
    }
  }

  /// Digits are told apart at places that were not shown, by every rule.
  @Test(arguments: PlaneRule.allCases) func learnsWithoutGradients(_ rule: PlaneRule) throws {
    let scratch = try Scratch()
    let result = try Self.train(Self.network(), rule, in: RunFolder("\(scratch.path)/run"))
    let accuracy = try #require(result.test?.accuracy)
    #expect(accuracy >= 0.95, "\(rule.rawValue): \(accuracy)")
  }

  /// A trial says what learned and how well, by both read-outs; fewer planes where likeness asks for less.
  @Test func trialsCountWhatLearned() throws {
    var trial = NeocognitronTrial()
    trial.plan = Self.plan
    trial.passes = 4
    trial.batchSize = 9
    let found = try trial.outcome(Self.digits(), seed: 0, on: Self.device)
    #expect(found.winner >= 0.9 && found.segments ?? 0 >= 0.95, "\(found)")
    #expect((1...80).contains(found.planes[0]) && (1...80).contains(found.planes[1]), "\(found)")
    #expect((5...20).contains(found.planes[2]) && found.seconds > 0, "\(found)")
    trial.plan.s2.learning = 0.3
    let coarse = try trial.outcome(Self.digits(), seed: 0, on: Self.device)
    #expect(coarse.planes[0] < found.planes[0], "\(coarse)")
  }

  /// The networks of 1983 and 1988 have the papers' extents, and know what they were taught where it was not shown.
  @Test(
    arguments: [
      (TaughtNeocognitron.Plan.published1983, [11, 7, 7], [38, 32, 11], 0.5),
      (.published1988, [21, 13, 7], [38, 35, 6], 0.5),
    ])
  func taughtNetworksKnowWhatTheyWereTaught(
    _ plan: TaughtNeocognitron.Plan, _ sides: [Int], _ planes: [Int], _ least: Double
  ) throws {
    let network = TaughtNeocognitron(plan: plan)
    let builder = GraphBuilder(naming: Naming(network))
    let x = builder.input("input", TensorType(.float32, [2, 1, 28, 28]))
    #expect([2, 3, 4].map { network.before($0, x).shape[2] } == sides)
    #expect(network(x).shape == [2, 10])
    let found = try NeocognitronTrial().taught(plan, Self.digits(), on: Self.device)
    #expect(found.planes == planes && found.segments == nil, "\(found)")
    #expect(found.winner >= least, "\(found)")
  }

  /// Segments between vectors are never less alike than their ends, and often more: each is as alike as its most alike
  /// place, which a fine search along it finds.
  @Test func segmentsAreAsAlikeAsTheirBestPlace() throws {
    var random = RandomStream(seed: 1, "references")
    let (classes, width, count) = (3, 6, 20)
    func vectors(_ number: Int) -> [[Double]] {
      (0..<number).map { _ in (0..<width).map { _ in Double.random(in: 0...1, using: &random) } }
    }
    // The last class has one vector, and two places that have learned nothing.
    let references = [vectors(3), vectors(3), vectors(1)]
    let pictures = vectors(count)
    let empty = [Float](repeating: 0, count: width)
    let a = references.flatMap { rows in
      (0..<3).flatMap { rows.indices.contains($0) ? rows[$0].map { Float($0) } : empty }
    }
    let x = try HostTensor(pictures.flatMap { $0.map { Float($0) } }, shape: [count, width])
    func unit(_ v: [Double]) -> [Double] {
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return v.map { $0 / length }
    }
    func cosine(_ a: [Double], _ b: [Double]) -> Double {
      zip(unit(a), unit(b)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for readOut in ReferenceCells.ReadOut.allCases {
      let model = ReferenceCells(
        classes: classes, perClass: 3, features: width, readOut: readOut)
      let program = try Program(model, input: x.type, on: .reference)
      var weights = NamedTensors()
      weights["a"] = try HostTensor(a, shape: [classes, 3, width])
      let found = try program(x, state: program.state(weights)).scalars(as: Float.self)
      for (row, picture) in pictures.enumerated() {
        for label in 0..<classes {
          let units = references[label].map(unit)
          var best = units.map { cosine(picture, $0) }.max() ?? 0
          if readOut == .segments {
            for (p, q) in units.flatMap({ p in units.map { (p, $0) } }) {
              for step in 0...1000 {
                let share = Double(step) / 1000
                let place = zip(p, q).map { $0 * share + $1 * (1 - share) }
                best = max(best, cosine(picture, place))
              }
            }
          }
          #expect(abs(Double(found[row * classes + label]) - best) < 1e-4)
        }
      }
    }
  }

  /// Where anything is seen some cell answers, once planes were added to all that was shown; and a cell answers what it
  /// has learned.
  @Test func nothingThatWasSeenIsSilent() throws {
    let network = Self.network { $0.s2.planes = 300 }
    let rule = NeocognitronRule(
      network, samples: 90, batchSize: 90, on: Self.device)
    let state = Self.device.backend.makeState()
    try rule.initialState(seed: 0).write(to: state)
    let loader = try Loader(try Self.digits().train, batchSize: 90, threads: 0)
    let batch = try #require(try loader.batches(epoch: 0).next())
    let made = try rule.step(
      state, batch, at: StepContext(step: 0, seed: 0, learningRate: 0))
    #expect(made.lossSum > 5 && made.lossSum < 300, "\(made.lossSum) planes")
    let program = try Program(
      on: Self.device, options: TraceOptions(mode: .inference), naming: Naming(network)
    ) { builder in
      let seen = network.before(2, builder.input("input", batch.inputs.type))
      builder.output("best", network.s2.likeness(seen).max(over: [1]))
      builder.output("seen", network.s2.plan.inhibition(seen).squeezed(axes: [1]))
    }
    let found = try program.run(["input": batch.inputs], state: state)
    let best = try #require(found["best"]).scalars(as: Float.self)
    let seen = try #require(found["seen"]).scalars(as: Float.self)
    let area = best.count / batch.count
    for picture in 0..<batch.count {
      let places = (picture * area)..<((picture + 1) * area)
      let most = seen[places].max() ?? 0
      for place in places where seen[place] > 0.1 * most * 1.001 {
        #expect(best[place] > Float(network.s2.plan.learning) * 0.999)
      }
    }
    // Shown again there is nothing new.
    let again = try rule.step(
      state, batch, at: StepContext(step: 0, seed: 0, learningRate: 0))
    #expect(again.lossSum == 0)
  }

  @Test func aRunThatWasStoppedEndsTheSame() throws {
    let scratch = try Scratch()
    let whole = try Self.train(
      Self.network(), .winnerKillLoser, in: RunFolder("\(scratch.path)/whole"))
    for stop in [3, 13, 25] {
      let folder = RunFolder("\(scratch.path)/stopped\(stop)")
      var steps = 0
      var options = Self.quiet
      options.shouldStop = {
        steps += 1
        return steps == stop
      }
      func trainer(_ options: Trainer.Options) throws -> Trainer {
        try Trainer(
          Self.network(), data: try Self.digits(), config: Self.config(.winnerKillLoser),
          on: Self.device, options: options)
      }
      _ = try trainer(options).run(in: folder)
      let end = try trainer(Self.quiet).run(in: folder, resuming: true)
      let tensors = try [end, whole].map { try Safetensors.read($0.weights).tensors }
      #expect(tensors[0] == tensors[1], "stopped after \(stop)")
    }
  }

  @Test func tooFewEpochsAreRefused() throws {
    #expect {
      _ = try Trainer(
        Self.network(), data: try Self.digits(),
        config: Self.config(epochs: 2), on: Self.device, options: Self.quiet)
    } throws: {
      "\($0)".contains("at least 3 epochs, found 2")
    }
  }
}
