import StriateCore
import StriateData
import StriateNN
import StriateTraining

/// What AlexNet's paper says of its parts.
extension Claim {
  static let alexNet: [Claim] = [
    Claim(
      "relu", 2012, "Krizhevsky, Sutskever and Hinton, NIPS, section 3.1 and figure 1",
      "A network of rectified linear units reaches a training error several times faster than one of tanh units.",
      setup: """
        Four layers, 5,000 pictures, SGD with momentum at a constant rate, each unit at its best of three rates; steps \
        until a tenth of the newest thousand training pictures is wrong, at most 30 passes. The paper's error is a quarter, \
        on CIFAR-10, and its factor six.
        """,
      bars: [Bar("steps of tanh / steps of ReLU", .atLeast, 2)], axes: ("pass", "training error")
    ) { trial in
      let data = try trial.pictures(5000, test: 1000)
      var found = Findings()
      var fewest: [Double] = []
      for (name, isTanh) in [("ReLU", false), ("tanh", true)] {
        var best: TrainedNetwork?
        for rate in [0.003, 0.01, 0.03] {
          var training = ShortTraining()
          (training.passes, training.learningRate) = (30, rate)
          (training.schedule, training.goal) = (.constant, 0.1)
          training.optimizer = SGD(momentum: 0.9)
          let trained = try trial.learn(
            TrialNetwork(.init(isTanh: isTanh), input: data.train.inputShape), from: data.train,
            by: training)
          found.add("steps of \(name) at rate \(rate)", Double(trained.steps))
          if trained.hasReachedGoal, trained.steps < best?.steps ?? .max { best = trained }
        }
        found.add(name, counted: best?.errors ?? [])
        fewest.append(best.map { Double($0.steps) } ?? .nan)
      }
      found.add("steps of tanh / steps of ReLU", fewest[1] / fewest[0])
      return found
    },
    Claim(
      "dropout", 2012,
      "Krizhevsky, Sutskever and Hinton, NIPS, section 4.2; Hinton et al., arXiv 1207.0580",
      "Leaving out half of the hidden features at random keeps a network from learning its training set by heart.",
      setup: """
        Two hidden layers of 512 features behind three convolutions, with and without dropout of one half; 2,000 pictures, \
        30 passes.
        """,
      bars: [
        Bar("gap without − gap with dropout", .above, 0),
        Bar("test accuracy with − without dropout", .above, 0),
      ]
    ) { trial in
      let data = try trial.pictures(2000)
      var found = Findings()
      var results: [(train: Double, test: Double)] = []
      for (name, dropout) in [("with", 0.5), ("without", 0)] {
        var plan = TrialNetwork.Plan()
        (plan.hidden, plan.dropout) = ([512, 512], dropout)
        var training = ShortTraining()
        (training.passes, training.learningRate) = (30, 0.03)
        let trained = try trial.learn(
          TrialNetwork(plan, input: data.train.inputShape), from: data.train, by: training)
        results.append((try trained.accuracy(data.train), try trained.accuracy(data.test)))
        found.add("training accuracy \(name) dropout", results[results.count - 1].train)
        found.add("test accuracy \(name) dropout", results[results.count - 1].test)
      }
      let gaps = results.map { $0.train - $0.test }
      found.add("gap without − gap with dropout", gaps[1] - gaps[0])
      found.add("test accuracy with − without dropout", results[0].test - results[1].test)
      return found
    },
    Claim(
      "local-response-norm", 2012, "Krizhevsky, Sutskever and Hinton, NIPS, section 3.3",
      "Normalising an answer by those of neighbouring channels lowers the test error (1.4 points on ImageNet, 2 on CIFAR-10).",
      setup:
        "With and without the paper's normalisation behind the first two convolutions; 8,000 pictures, 8 passes.",
      bars: [Bar("points of error that it saves", .atLeast, 0.5)]
    ) { trial in
      try trial.pair("with", .init(isNormalized: true), "without", .init()) {
        ("points of error that it saves", ($0 - $1) * 100)
      }
    },
    Claim(
      "overlapping-pooling", 2012, "Krizhevsky, Sutskever and Hinton, NIPS, section 3.4",
      "Pooling windows of three pixels two apart err less than windows of two (0.4 points on ImageNet).",
      setup: "Windows of 3 and of 2, both two apart; 8,000 pictures, 8 passes.",
      bars: [Bar("points of error that overlap saves", .atLeast, 0.2)]
    ) { trial in
      try trial.pair("overlapping", .init(window: 3), "apart", .init(window: 2)) {
        ("points of error that overlap saves", ($0 - $1) * 100)
      }
    },
    Claim(
      "two-gpu-groups", 2012, "Krizhevsky, Sutskever and Hinton, NIPS, section 3.2",
      "Two halves that see only their own channels have half the filters and answer about as well.",
      setup: "Second and third convolution in two groups, or whole; 8,000 pictures, 8 passes.",
      bars: [
        Bar("weights of grouped / whole filters", .equals, 0.5),
        Bar("points of accuracy that groups lose", .atMost, 1),
      ]
    ) { trial in
      var found = try trial.pair("grouped", .init(groups: 2), "whole", .init()) {
        ("points of accuracy that groups lose", ($1 - $0) * 100)
      }
      let sizes = try [2, 1].map { groups in
        try NetworkSize(
          Conv2D(in: 16, out: 32, kernel: 5, padding: 2, groups: groups, bias: false),
          input: [16, 14, 14]
        ).parameters
      }
      found.add("weights of grouped / whole filters", Double(sizes[0]) / Double(sizes[1]))
      return found
    },
  ]
}

extension Trial {
  /// Two variants of the small network on 8,000 pictures in 8 passes, and what follows from their test accuracies.
  func pair(
    _ firstName: String, _ first: TrialNetwork.Plan, _ secondName: String,
    _ second: TrialNetwork.Plan, _ conclude: (Double, Double) -> (String, Double)
  ) throws -> Findings {
    let data = try pictures(8000, test: 10_000)
    var found = Findings()
    var accuracies: [Double] = []
    for (name, plan) in [(firstName, first), (secondName, second)] {
      var training = ShortTraining()
      (training.passes, training.learningRate) = (8, 0.03)
      let trained = try learn(
        TrialNetwork(plan, input: data.train.inputShape), from: data.train, by: training)
      accuracies.append(try trained.accuracy(data.test))
      found.add("test accuracy, \(name)", accuracies[accuracies.count - 1])
    }
    let (name, value) = conclude(accuracies[0], accuracies[1])
    found.add(name, value)
    return found
  }
}
