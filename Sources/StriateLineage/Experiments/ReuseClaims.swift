import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// What is learned once, and how far a network sees.
extension Claim {
  static let reuse: [Claim] = [
    Claim(
      "transfer", 2014,
      "Razavian et al., CVPR Workshops 2014; Yosinski et al., NIPS 2014; Karpathy, 2016",
      "Features learned from some classes tell others apart from a few labels, better than pixels or untrained filters do.",
      setup: """
        A small network learns classes 0 to 4; then a linear classifier learns 5 to 9 from 20 pictures of each: on its \
        features before the classifier, on those of the same network untrained, and on pixels.
        """,
      bars: [
        Bar("points over pixels", .above, 0), Bar("points over untrained features", .above, 0),
      ]
    ) { trial in
      let data = try trial.pictures(20_000, test: 10_000)
      let (train, test) = (try HeldPictures(data.train), try HeldPictures(data.test))
      let input = data.train.inputShape
      let first = Array(0..<5)
      let second = Array(5..<10)
      var training = ShortTraining()
      (training.passes, training.learningRate) = (4, 0.03)
      let base = try trial.learn(
        TrialNetwork(classes: 5, input: input), from: train.only(first).dataset(), by: training)
      let known = try train.only(second, most: 20).dataset()
      let asked = try test.only(second).dataset()
      var probe = ShortTraining()
      (probe.passes, probe.batchSize, probe.learningRate) = (60, 20, 3e-3)
      probe.optimizer = Adam.decoupled(weightDecay: 0.02)
      var found = Findings()
      found.add("accuracy of the first classes", try base.accuracy(test.only(first).dataset()))
      var results: [Double] = []
      // All but the last layer stay; the last one is new.
      probe.frozen = ["first", "second", "third", "head.1"]
      let network = TrialNetwork(classes: 5, input: input)
      for (name, weights) in [
        ("learned", try base.weights()),
        ("untrained", try Naming(network).initialWeights(seed: trial.seed + 1000)),
      ] {
        var start = NamedTensors()
        for (name, value) in weights where !name.hasPrefix("head.4") { start[name] = value }
        let trained = try trial.learn(network, from: known, by: probe, beginning: start)
        results.append(try trained.accuracy(asked))
        found.add("accuracy on \(name) features", results[results.count - 1])
      }
      probe.frozen = []
      let pixels = try trial.learn(
        LinearClassifier(classes: 5, input: input), from: known, by: probe
      ).accuracy(asked)
      found.add("accuracy on pixels", pixels)
      found.add("points over pixels", 100 * (results[0] - pixels))
      found.add("points over untrained features", 100 * (results[0] - results[1]))
      return found
    },
    Claim(
      "dilation", 2015, "Yu and Koltun, ICLR 2016, section 2",
      "Dilated filters see exponentially far with the same number of weights.",
      setup: """
        Six convolutions of three places with dilation 1, or 1, 2, 4, 8, 16, 1. How far the gradient of one output \
        reaches; and whether two symbols 25 places apart are the same, from 20,000 drawn sequences.
        """,
      bars: [
        Bar("places seen, dense", .equals, 13), Bar("places seen, dilated", .equals, 65),
        Bar("weights, dilated / dense", .equals, 1), Bar("accuracy, dense", .below, 0.6),
        Bar("accuracy, dilated", .above, 0.95),
      ], needsPictures: false
    ) { trial in
      var found = Findings()
      let (train, test) = try (
        SequencePair.draw(20_000, seed: trial.seed),
        SequencePair.draw(2000, seed: trial.seed + 1000)
      )
      var weights: [Double] = []
      for (name, dilations) in [
        ("dense", [1, 1, 1, 1, 1, 1]), ("dilated", [1, 2, 4, 8, 16, 1]),
      ] {
        let network = DilatedNetwork(dilations)
        found.add("places seen, \(name)", Double(try network.reach(on: trial.device)))
        var training = ShortTraining()
        (training.passes, training.learningRate) = (20, 5e-3)
        training.optimizer = Adam.decoupled(weightDecay: 0)
        let trained = try trial.learn(network, from: train, by: training)
        found.add("accuracy, \(name)", try trained.accuracy(test))
        weights.append(Double(try NetworkSize(network, input: train.inputShape).parameters))
      }
      found.add("weights, dilated / dense", weights[1] / weights[0])
      return found
    },
  ]
}
