import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// What the networks of 2013 and 2014 say of their structure.
extension Claim {
  static let structure: [Claim] = [
    Claim(
      "global-average-pooling", 2013, "Lin, Chen and Yan, arXiv 1312.4400, section 3.2",
      "The mean of each map in place of fully connected layers has a fraction of the weights and learns less by heart.",
      setup: """
        A head of two hidden layers of 256 features beside the mean over the map, behind the same convolutions; 4,000 \
        pictures, 15 passes.
        """,
      bars: [
        Bar("weights of the head, hidden layers / mean", .atLeast, 10),
        Bar("gap of hidden layers − gap of the mean", .above, 0),
      ]
    ) { trial in
      let data = try trial.pictures(4000)
      let input = data.train.inputShape
      var found = Findings()
      var gaps: [Double] = []
      var weights: [Double] = []
      for (name, hidden) in [("hidden layers", [256, 256]), ("mean", [])] {
        var plan = TrialNetwork.Plan()
        plan.hidden = hidden
        let network = TrialNetwork(plan, input: input)
        var training = ShortTraining()
        (training.passes, training.learningRate) = (15, 0.03)
        let trained = try trial.learn(network, from: data.train, by: training)
        let (train, test) = (try trained.accuracy(data.train), try trained.accuracy(data.test))
        found.add("training accuracy, \(name)", train)
        found.add("test accuracy, \(name)", test)
        gaps.append(train - test)
        weights.append(Double(try NetworkSize(network.head, input: [64, 7, 7]).parameters))
      }
      found.add("weights of the head, hidden layers / mean", weights[0] / weights[1])
      found.add("gap of hidden layers − gap of the mean", gaps[0] - gaps[1])
      return found
    },
    Claim(
      "stacked-3x3", 2014, "Simonyan and Zisserman, ICLR 2015, section 2.3",
      "Two 3×3 convolutions see as far as one of 5×5, three as far as one of 7×7, with fewer weights and no worse answers.",
      setup: """
        Weights of stacks that keep their channels; and the small network with stacks of two 3×3 or single 5×5 \
        convolutions, 8,000 pictures, 8 passes.
        """,
      bars: [
        Bar("weights of two 3×3 / 5×5", .equals, 18.0 / 25),
        Bar("weights of three 3×3 / 7×7", .equals, 27.0 / 49),
        Bar("points of accuracy that stacks lose", .atMost, 0),
      ]
    ) { trial in
      var found = try trial.pair(
        "3×3 twice", .init(stack: (2, 3)), "5×5", .init(stack: (1, 5))
      ) { ("points of accuracy that stacks lose", ($1 - $0) * 100) }
      func weights(_ side: Int, _ count: Int) throws -> Double {
        let stack = Sequential(
          repeated(count) { _ in
            Conv2D(in: 32, out: 32, kernel: Pair(side), padding: Pair(side / 2), bias: false)
          })
        return Double(try NetworkSize(stack, input: [32, 14, 14]).parameters)
      }
      found.add("weights of two 3×3 / 5×5", try weights(3, 2) / weights(5, 1))
      found.add("weights of three 3×3 / 7×7", try weights(3, 3) / weights(7, 1))
      return found
    },
    Claim(
      "bottleneck", 2014, "Szegedy et al., CVPR 2015, section 4",
      "A 1×1 convolution before a 5×5 one makes it ten times cheaper and costs hardly any accuracy.",
      setup: """
        The 5×5 branch of GoogLeNet's module 3a, counted; and a small network whose second stage is 48 to 32 channels by \
        5×5, whole or through 8 channels, 8,000 pictures, 8 passes.
        """,
      bars: [
        Bar("products without", .equals, 120_422_400), Bar("products with", .equals, 12_443_648),
        Bar("points of accuracy that it loses", .atMost, 1),
      ]
    ) { trial in
      var found = Findings()
      for (name, reduced) in [("without", nil), ("with", 16)] {
        let size = try NetworkSize(
          BottleneckNetwork.branch(192, reduced: reduced, 32), input: [192, 28, 28])
        found.add("products \(name)", Double(size.macs))
      }
      let data = try trial.pictures(8000, test: 10_000)
      var accuracies: [Double] = []
      for reduced in [nil, 8] {
        var training = ShortTraining()
        (training.passes, training.learningRate) = (8, 0.03)
        let trained = try trial.learn(
          BottleneckNetwork(reduced: reduced, input: data.train.inputShape), from: data.train,
          by: training)
        accuracies.append(try trained.accuracy(data.test))
      }
      found.add("accuracy without", accuracies[0])
      found.add("accuracy with", accuracies[1])
      found.add("points of accuracy that it loses", (accuracies[0] - accuracies[1]) * 100)
      return found
    },
    Claim(
      "auxiliary-heads", 2014, "Szegedy et al., CVPR 2015, section 5",
      "Classifiers in the middle carry a gradient to the first layers of a deep network, which then learns sooner.",
      setup: """
        Twelve 3×3 convolutions without normalisation, Glorot's first weights, heads behind the fourth and eighth with 0.3 \
        of the loss. The first layer's gradient on 256 pictures before training; the training loss after five passes over 4,000.
        """,
      bars: [
        Bar("first gradient with / without heads", .above, 3),
        Bar("training loss without − with heads", .above, 0),
      ], axes: ("layer", "norm of the gradient")
    ) { trial in
      let data = try trial.pictures(4000, test: 1000)
      var found = Findings()
      var (norms, losses): ([Double], [Double]) = ([], [])
      for hasHeads in [true, false] {
        let network = HeadedNetwork(hasHeads: hasHeads, input: data.train.inputShape)
        let weights = try Naming(network).initialWeights(seed: trial.seed)
        let layers = try GradientNorms.measure(
          network, weights: weights, on: trial.batch(data.train, 256), device: trial.device
        ).filter { $0.path.hasPrefix("layers") }
        let name = hasHeads ? "with heads" : "without"
        found.add(name, counted: layers.map(\.norm))
        norms.append(layers[0].norm)
        let trained = try trial.learn(network, from: data.train, by: ShortTraining())
        losses.append(try trained.measure(data.train).loss)
        found.add("training loss \(name)", losses[losses.count - 1])
      }
      found.add("first gradient with / without heads", norms[0] / norms[1])
      found.add("training loss without − with heads", losses[1] - losses[0])
      return found
    },
  ]
}

extension Trial {
  /// The first samples as a batch.
  func batch(_ data: any Dataset, _ count: Int) throws -> Batch {
    let batches = try Loader(data, batchSize: count).batches(epoch: 0)
    guard let batch = try batches.next() else {
      throw DataError(.dataset, "there are no samples to look at")
    }
    return batch
  }
}
