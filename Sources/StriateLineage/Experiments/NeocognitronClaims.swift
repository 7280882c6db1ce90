import StriateCore
import StriateCortex
import StriateData
import StriateModels
import StriateTraining

/// Networks that learn without a teacher.
extension Claim {
  static let neocognitron: [Claim] = [
    Claim(
      "shift-invariance", 1980, "Fukushima, Biol. Cybern. 36",
      "A network of alternating feature and pooling cells learns without a teacher to know patterns wherever they are.",
      setup: """
        The network of 1980 with the published constants, stage by stage: five digits shown twenty times at places drawn \
        by the seed, then asked about all 35 places. Beside it the nearest of the five digits in the middle, by \
        correlation.
        """,
      bars: [
        Bar("accuracy over 35 places", .atLeast, 0.97),
        Bar("accuracy of templates", .below, 0.5),
      ], needsPictures: false
    ) { trial in
      var found = Findings()
      let outcome = try OriginalProblem().outcome(seed: trial.seed, on: trial.device)
      found.add("accuracy over 35 places", outcome.accuracy)
      found.add("output cells", Double(outcome.cells))
      found.add("accuracy of templates", templates())
      return found
    },
    Claim(
      "backpropagation", 1998, "LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86",
      "Filters learned by backpropagation beat those that a network organises by itself.",
      setup: """
        2,000 pictures: the Neocognitron by its own rule in three passes, LeNet-5 by the gradient of the cross-entropy in \
        20. Asked about 2,000 others.
        """,
      bars: [Bar("error of LeNet-5 / error of the Neocognitron", .below, 0.9)]
    ) { trial in
      let data = try trial.pictures(2000, test: 2000)
      var training = ShortTraining()
      (training.passes, training.optimizer, training.learningRate) = (
        20, Adam.decoupled(weightDecay: 0.02), 3e-3
      )
      let lenet = try trial.learn(
        LeNet5(classes: 10, input: data.train.inputShape), from: data.train, by: training)
      let error = 1 - (try lenet.accuracy(data.test))
      let own = 1 - (try trial.selfOrganized(data))
      var found = Findings()
      found.add("error of LeNet-5", error)
      found.add("error of the Neocognitron", own)
      found.add("error of LeNet-5 / error of the Neocognitron", error / own)
      return found
    },
  ]

  /// The share of all digits at all places that is most like its own picture in the middle.
  private static func templates() -> Double {
    func values(_ digit: Int, _ right: Int, _ down: Int) -> [Float] {
      let picture = DrawnDigits.picture(digit, right: right, down: down).scalars(as: Float.self)
      let length = picture.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return picture.map { $0 / max(length, 1e-9) }
    }
    let known = (0..<DrawnDigits.count).map { values($0, 0, 0) }
    var correct = 0
    for digit in known.indices {
      for shift in DrawnDigits.shifts {
        let shown = values(digit, shift.right, shift.down)
        let likeness = known.map { zip($0, shown).reduce(0) { $0 + $1.0 * $1.1 } }
        if likeness.indices.max(by: { likeness[$0] < likeness[$1] }) == digit { correct += 1 }
      }
    }
    return Double(correct) / Double(known.count * DrawnDigits.shifts.count)
  }
}

extension Trial {
  /// The accuracy of a Neocognitron that learned by its own rule.
  fileprivate func selfOrganized(_ data: DataSplits) throws -> Double {
    // It sees pictures as they are, from 0 to 1.
    var splits = data
    func plain(_ data: any Dataset) throws -> any Dataset {
      var held = try HeldPictures(data)
      held.values = held.values.map { min(max($0 * splits.std[0] + splits.mean[0], 0), 1) }
      return try held.dataset()
    }
    (splits.train, splits.test) = (try plain(data.train), try plain(data.test))
    let config = TrainingConfig(
      model: "neocognitron", data: "claim", epochs: 3, batchSize: 50, seed: seed)
    let network = Neocognitron(classes: 10, input: data.train.inputShape)
    let trainer = try Trainer(network, data: splits, config: config, on: device)
    let path = "\(folder)/neocognitron"
    if Folder.exists(path) { try Folder.remove(path) }
    return try trainer.run(in: RunFolder(path)).test?.accuracy ?? 0
  }
}
