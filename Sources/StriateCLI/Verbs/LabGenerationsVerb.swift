import ArgumentParser
import Striate

struct LabGenerationsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generations",
    abstract: "The Neocognitron's learning rules on the same samples: accuracy, planes, seconds.",
    discussion: """
      Beside the networks of 1983 and 1988, which are taught, each rule trains anew and is read in two ways: by the most similar reference vector (winner), and by the most \
      similar place between two of a class (segments). --sweep varies the thresholds instead: those in learning, with \
      those in use as far below as they are, and those in use set to those in learning.
      """)

  @Option(help: "The data, such as mnist or idx:FOLDER#PREFIX.", completion: .data)
  var data: String

  @Option(help: "The seed of the order of samples.")
  var seed: UInt64 = 0

  @Flag(help: "Vary the thresholds of the second and third stage.")
  var sweep = false

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var config = try Recipe.find("neocognitron-2003").config
    (config.data, config.seed) = (data, seed)
    let splits = try config.loadData(modelInput: Catalog.find(config.model).input)
    guard splits.test.count > 0 else {
      throw ValidationError("\(splits.name) has no test samples to ask about")
    }
    let device = try device.find()
    output.note(
      "\(splits.name): \(splits.train.count) to learn from, \(splits.test.count) to ask about, on \(device.id)"
    )
    var table = TextTable([
      ("rule", .left), ("S2 learns, answers", .right), ("S3 learns, answers", .right),
      ("S2", .right), ("S3", .right), ("S4", .right), ("winner", .right), ("segments", .right),
      ("seconds", .right),
    ])
    var json: [JSON] = []
    func add(
      _ name: String, _ s2: SCells.Plan?, _ s3: SCells.Plan?, _ found: NeocognitronTrial.Outcome
    ) {
      table.add(
        [name, s2.map(Self.pair) ?? "", s3.map(Self.pair) ?? ""] + found.planes.map { "\($0)" } + [
          Numbers.percent(found.winner), found.segments.map { Numbers.percent($0) } ?? "",
          Numbers.fixed(found.seconds, 1),
        ])
      json.append([
        "rule": JSON(name), "s2": s2.map(Self.json) ?? .null, "s3": s3.map(Self.json) ?? .null,
        "planes": .array(found.planes.map { JSON($0) }), "winner": JSON(found.winner),
        "segments": found.segments.map { JSON($0) } ?? .null, "seconds": JSON(found.seconds),
      ])
      output.note("\(name): \(Numbers.percent(found.segments ?? found.winner))")
    }
    if !sweep {
      for (name, plan) in [
        ("taught, 1983", TaughtNeocognitron.Plan.published1983), ("taught, 1988", .published1988),
      ] {
        add(name, nil, nil, try NeocognitronTrial().taught(plan, splits, on: device))
      }
    }
    for trial in sweep ? Self.thresholds : Self.rules {
      add(
        trial.rule.rawValue, trial.plan.s2, trial.plan.s3,
        try trial.outcome(splits, seed: seed, on: device))
    }
    try output.show(
      ["data": JSON(splits.name), "seed": JSON(Int(clamping: seed)), "trials": .array(json)],
      text: table.text)
  }

  private static var rules: [NeocognitronTrial] {
    PlaneRule.allCases.map { rule in
      var trial = NeocognitronTrial()
      trial.rule = rule
      return trial
    }
  }

  /// The published order of thresholds, shifted, and without the difference between learning and use.
  private static var thresholds: [NeocognitronTrial] {
    func trial(_ change: (inout Neocognitron.Plan) -> Void) -> NeocognitronTrial {
      var trial = NeocognitronTrial()
      change(&trial.plan)
      return trial
    }
    func shift(_ cells: inout SCells.Plan, by step: Int) {
      cells.learning += 0.05 * Double(step)
      cells.recognition += 0.05 * Double(step)
    }
    let shifts = [-3, -2, -1, 1, 2, 3]
    return [trial { _ in }]
      + shifts.map { step in trial { shift(&$0.s2, by: step) } }
      + shifts.map { step in trial { shift(&$0.s3, by: step) } }
      + [
        trial { $0.s2.recognition = $0.s2.learning },
        trial { $0.s3.recognition = $0.s3.learning },
        trial {
          $0.s2.recognition = $0.s2.learning
          $0.s3.recognition = $0.s3.learning
        },
      ]
  }

  private static func pair(_ plan: SCells.Plan) -> String {
    "\(Numbers.fixed(plan.learning, 2)), \(Numbers.fixed(plan.recognition, 2))"
  }

  private static func json(_ plan: SCells.Plan) -> JSON {
    ["learning": JSON(plan.learning), "recognition": JSON(plan.recognition)]
  }
}
