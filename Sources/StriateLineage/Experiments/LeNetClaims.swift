import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateTraining

/// What a convolution is for.
extension Claim {
  static let leNet: [Claim] = [
    Claim(
      "convolution-arithmetic", 1989, "LeCun et al., Neural Computation 1; Karpathy, 2016",
      "Sharing filters over places makes a layer cheap: 450 weights where a full matrix has fourteen million.",
      setup:
        "Six 5×5 filters on 32×32×3, counted by the graph, beside a matrix between the same two volumes.",
      bars: [
        Bar("weights of the filters", .equals, 450), Bar("products", .equals, 352_800),
        Bar("weights of a matrix", .equals, 14_450_688),
      ], needsPictures: false
    ) { _ in
      let input: Shape = [3, 32, 32]
      let filters = try NetworkSize(Conv2D(in: 3, out: 6, kernel: 5, bias: false), input: input)
      let matrix = try NetworkSize(
        Sequential(Flatten(), Linear(in: 3072, out: 6 * 28 * 28, bias: false)), input: input)
      var found = Findings()
      found.add("weights of the filters", Double(filters.parameters))
      found.add("products", Double(filters.macs))
      found.add("weights of a matrix", Double(matrix.parameters))
      return found
    },
    Claim(
      "weight-sharing", 1998, "LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86, figure 9",
      "A convolutional network beats a fully connected one, and the more so as pictures move.",
      setup: """
        LeNet-5, LeNet-300-100 and a linear classifier learn from 10,000 pictures in five passes and are asked about 5,000, \
        as they are and moved by 3 pixels to a side drawn by chance.
        """,
      bars: [
        Bar("lead of LeNet-5 over LeNet-300-100", .above, 0),
        Bar("lead with moved pictures − lead", .above, 0),
      ]
    ) { trial in
      let data = try trial.pictures(10_000)
      let input = data.train.inputShape
      let moved = try Disturbance.moved(3).applied(
        to: HeldPictures(data.test), mean: data.mean, std: data.std, seed: trial.seed
      ).dataset()
      var training = ShortTraining()
      (training.optimizer, training.learningRate) = (Adam.decoupled(weightDecay: 0.02), 3e-3)
      var found = Findings()
      var results: [(Double, Double)] = []
      for (name, network) in [
        ("LeNet-5", LeNet5(classes: 10, input: input) as any Layer),
        ("LeNet-300-100", LeNet300(classes: 10, input: input)),
        ("linear", LinearClassifier(classes: 10, input: input)),
      ] {
        let trained = try trial.learn(network, from: data.train, by: training)
        let result = (try trained.accuracy(data.test), try trained.accuracy(moved))
        found.add("accuracy of \(name)", result.0)
        found.add("accuracy of \(name), moved", result.1)
        results.append(result)
      }
      let lead = results[0].0 - results[1].0
      found.add("lead of LeNet-5 over LeNet-300-100", lead)
      found.add("lead with moved pictures − lead", results[0].1 - results[1].1 - lead)
      return found
    },
  ]
}
