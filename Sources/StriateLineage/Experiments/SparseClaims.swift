import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateRuntime
import StriateTraining

/// How few weights are enough.
extension Claim {
  static let sparse: [Claim] = [
    Claim(
      "pruning", 2015, "Han, Pool, Tran and Dally, NIPS 2015, table 1",
      "Nine weights of ten can go, the smallest first, if those that stay learn on; at random they cannot.",
      setup: """
        LeNet-300-100 on 10,000 pictures, six passes; then three rounds down to a tenth of the filters and matrices, six \
        more after each. Beside it the same with weights drawn by chance.
        """,
      bars: [
        Bar("share of weights that stay", .atMost, 0.1),
        Bar("points that pruning by magnitude costs", .below, 0.5),
        Bar("points that chance costs more than magnitude", .above, 0.5),
      ], axes: ("round", "accuracy, per cent")
    ) { trial in
      let data = try trial.pictures(10_000)
      let network = LeNet300(classes: 10, input: data.train.inputShape)
      let base = try trial.learn(network, from: data.train, by: .sparse(passes: 6))
      let whole = try base.accuracy(data.test)
      var found = Findings()
      found.add("accuracy of the whole network", whole)
      var results: [Double] = []
      for (name, isByMagnitude) in [("magnitude", true), ("chance", false)] {
        var weights = try base.weights()
        var course = [whole * 100]
        var share = 1.0
        for (round, left) in [0.45, 0.2, 0.1].enumerated() {
          let order: Pruning.Order =
            isByMagnitude ? .magnitude : .chance(seed: trial.seed &* 16 &+ UInt64(round))
          weights = try Pruning.keep(left, of: weights, by: order)
          share = Pruning.share(of: weights)
          let trained = try trial.learn(
            network, from: data.train, by: .sparse(passes: 6), beginning: weights)
          course.append(try trained.accuracy(data.test) * 100)
          weights = try trained.weights()
        }
        results.append(course[course.count - 1])
        found.add("accuracy after pruning by \(name)", course[course.count - 1] / 100)
        if isByMagnitude { found.add("share of weights that stay", share) }
        found.add(name, counted: course)
      }
      found.add("points that pruning by magnitude costs", whole * 100 - results[0])
      found.add("points that chance costs more than magnitude", results[0] - results[1])
      return found
    },
    Claim(
      "lottery-ticket", 2019, "Frankle and Carbin, ICLR 2019, figure 4",
      "The weights that pruning leaves learn well again from their first values, but not from others.",
      setup: """
        LeNet-300-100 on 10,000 pictures, six passes; five rounds keep 55 % each by magnitude and put the rest back to \
        their first values, down to 5 %. Then the ticket, and the same places with newly drawn values.
        """,
      bars: [Bar("points of the ticket over new values", .above, 0)],
      axes: ("round", "accuracy, per cent")
    ) { trial in
      let data = try trial.pictures(10_000)
      let network = LeNet300(classes: 10, input: data.train.inputShape)
      let first = try Naming(network).initialWeights(seed: trial.seed)
      let other = try Naming(network).initialWeights(seed: trial.seed + 1000)
      var found = Findings()
      var start = first
      var course: [Double] = []
      for round in 0...5 {
        let trained = try trial.learn(
          network, from: data.train, by: .sparse(passes: 6), beginning: start)
        course.append(try trained.accuracy(data.test) * 100)
        if round == 5 { break }
        let kept = try Pruning.keep(0.55, ofThoseLeftIn: trained.weights())
        start = try Pruning.values(first, where: kept)
      }
      let drawn = try trial.learn(
        network, from: data.train, by: .sparse(passes: 6),
        beginning: Pruning.values(other, where: start)
      ).accuracy(data.test)
      found.add("share of weights that stay", Pruning.share(of: start))
      found.add("accuracy of the whole network", course[0] / 100)
      found.add("accuracy of the ticket", course[5] / 100)
      found.add("accuracy from new values", drawn)
      found.add("points of the ticket over new values", course[5] - drawn * 100)
      found.add("ticket", counted: course)
      return found
    },
  ]
}

extension ShortTraining {
  /// SGD with momentum under which zeros stay.
  fileprivate static func sparse(passes: Int) -> ShortTraining {
    var training = ShortTraining()
    (training.passes, training.learningRate) = (passes, 0.05)
    training.optimizer = ZerosStay(base: SGD(momentum: 0.9, weightDecay: 1e-4))
    return training
  }
}
