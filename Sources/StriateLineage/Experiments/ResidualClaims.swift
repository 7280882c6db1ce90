import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// What shortcuts are for.
extension Claim {
  static let residual: [Claim] = [
    Claim(
      "degradation", 2015, "He, Zhang, Ren and Sun, CVPR 2016, figures 1 and 6",
      "A deeper plain network learns its own training set worse; with shortcuts the deeper one learns it better.",
      setup: """
        Plain and residual networks of 20 and 56 layers, 8, 16 and 32 channels, on 5,000 pictures of 14×14, ten passes. \
        Their training loss; and the norm of each layer's gradient before training.
        """,
      bars: [
        Bar("training loss of plain-56 − plain-20", .above, 0),
        Bar("training loss of ResNet-56 − ResNet-20", .below, 0),
      ], axes: ("pass", "training loss")
    ) { trial in
      let data = try trial.small(5000, test: 2000)
      var found = Findings()
      var losses: [String: Double] = [:]
      for (blocks, isPlain) in [(3, true), (9, true), (3, false), (9, false)] {
        let name = "\(isPlain ? "plain" : "ResNet")-\(6 * blocks + 2)"
        let network = CIFARResNet(
          blocks: blocks, widths: (8, 16, 32), channels: data.train.inputShape[0], isPlain: isPlain)
        let norms = try GradientNorms.measure(
          network, weights: Naming(network).initialWeights(seed: trial.seed),
          on: trial.batch(data.train, 128), device: trial.device)
        found.add("gradient of the first layer of \(name)", norms[0].norm)
        let trained = try trial.learn(network, from: data.train, by: .residual(passes: 10))
        losses[name] = try trained.measure(data.train).loss
        found.add("training loss of \(name)", losses[name] ?? .nan)
        found.add("test accuracy of \(name)", try trained.accuracy(data.test))
        found.add(name, counted: trained.losses)
      }
      for name in ["plain", "ResNet"] {
        found.add(
          "training loss of \(name)-56 − \(name)-20",
          (losses["\(name)-56"] ?? .nan) - (losses["\(name)-20"] ?? .nan))
      }
      return found
    },
    Claim(
      "pre-activation", 2016, "He, Zhang, Ren and Sun, ECCV 2016, table 3",
      "With normalisation and ReLU before the convolutions a very deep residual network learns more easily.",
      setup: """
        110 layers, 8, 16 and 32 channels, activations behind or before the convolutions; 4,000 pictures of 14×14, five \
        passes. Their training loss.
        """,
      bars: [Bar("training loss, before − behind", .below, 0)], axes: ("pass", "training loss")
    ) { trial in
      let data = try trial.small(4000, test: 2000)
      let channels = data.train.inputShape[0]
      var found = Findings()
      var losses: [Double] = []
      for (name, network) in [
        ("behind", CIFARResNet(blocks: 18, widths: (8, 16, 32), channels: channels) as any Layer),
        ("before", PreActivationResNet(blocks: 18, narrowest: 8, channels: channels)),
      ] {
        let trained = try trial.learn(network, from: data.train, by: .residual(passes: 5))
        losses.append(try trained.measure(data.train).loss)
        found.add("training loss, \(name)", losses[losses.count - 1])
        found.add("test accuracy, \(name)", try trained.accuracy(data.test))
        found.add(name, counted: trained.losses)
      }
      found.add("training loss, before − behind", losses[1] - losses[0])
      return found
    },
    Claim(
      "lesions", 2016, "Veit, Wilber and Belongie, NIPS 2016; Huang et al., ECCV 2016",
      "A residual network hardly misses a block that is taken out, a plain one breaks; dropping blocks in training makes it sturdier.",
      setup: """
        Networks of 20 layers, 16, 32 and 64 channels, on 5,000 pictures of 14×14, ten passes. Each block that keeps the \
        shape is taken out in turn, by the identity in its place. Stochastic depth drops the last block with probability \
        0.5.
        """,
      bars: [
        Bar("points that a lesion costs the residual network", .below, 15),
        Bar("points that it costs the plain network / the residual one", .above, 2),
        Bar("points that it costs after stochastic depth − without", .below, 0),
      ], axes: ("block", "accuracy without it, per cent")
    ) { trial in
      let data = try trial.small(5000, test: 2000)
      var found = Findings()
      var costs: [Double] = []
      for (name, isPlain, drop) in [
        ("residual", false, 0.0), ("plain", true, 0), ("stochastic depth", false, 0.5),
      ] {
        let network = CIFARResNet(
          blocks: 3, channels: data.train.inputShape[0], isPlain: isPlain, drop: drop)
        let trained = try trial.learn(network, from: data.train, by: .residual(passes: 10))
        let whole = try trained.accuracy(data.test)
        let without = try Lesion.blocks.map { block in
          try trained.with(Lesion.identity(block, isPlain: isPlain, in: trained.weights()))
            .accuracy(data.test)
        }
        costs.append(100 * (whole - without.reduce(0, +) / Double(without.count)))
        found.add("accuracy, \(name)", whole)
        found.add("points that a lesion costs, \(name)", costs[costs.count - 1])
        found.add(name, counted: without.map { $0 * 100 })
      }
      found.add("points that a lesion costs the residual network", costs[0])
      found.add("points that it costs the plain network / the residual one", costs[1] / costs[0])
      found.add("points that it costs after stochastic depth − without", costs[2] - costs[0])
      return found
    },
    Claim(
      "wide-against-deep", 2016, "Zagoruyko and Komodakis, BMVC 2016",
      "A wide residual network answers as well as a deep, thin one of as many weights, and trains faster.",
      setup: """
        16 layers of 16, 32 and 64 channels beside 50 of 8, 16 and 32; 4,000 pictures of 14×14, eight passes. Seconds of \
        the training, on the same machine one after the other.
        """,
      bars: [
        Bar("weights, wide / deep", .atMost, 1.1),
        Bar("points of accuracy, wide − deep", .atLeast, -0.5),
        Bar("seconds, deep / wide", .above, 1),
      ]
    ) { trial in
      let data = try trial.small(4000, test: 5000)
      let (channels, clock) = (data.train.inputShape[0], ContinuousClock())
      var found = Findings()
      var (accuracies, sizes, seconds): ([Double], [Double], [Double]) = ([], [], [])
      for (name, blocks, width) in [("wide", 2, 2), ("deep", 8, 1)] {
        let network = PreActivationResNet(
          blocks: blocks, width: width, narrowest: 8, channels: channels)
        let start = clock.now
        let trained = try trial.learn(network, from: data.train, by: .residual(passes: 8))
        seconds.append((clock.now - start) / .seconds(1))
        accuracies.append(try trained.accuracy(data.test))
        sizes.append(Double(try NetworkSize(network, input: data.train.inputShape).parameters))
        found.add("weights, \(name)", sizes[sizes.count - 1])
        found.add("accuracy, \(name)", accuracies[accuracies.count - 1])
      }
      found.add("weights, wide / deep", sizes[0] / sizes[1])
      found.add("points of accuracy, wide − deep", 100 * (accuracies[0] - accuracies[1]))
      found.add("seconds, deep / wide", seconds[1] / seconds[0])
      return found
    },
  ]
}

extension ShortTraining {
  /// As residual networks are trained: SGD with momentum, decay 10⁻⁴, batches of 128.
  static func residual(passes: Int) -> ShortTraining {
    var training = ShortTraining()
    (training.passes, training.batchSize, training.learningRate) = (passes, 128, 0.1)
    training.optimizer = SGD(momentum: 0.9, weightDecay: 1e-4)
    return training
  }
}

extension Trial {
  /// Training and test pictures of half the extent.
  func small(_ train: Int, test: Int) throws -> DataSplits {
    var data = try pictures(train, test: test)
    data.train = try HeldPictures(data.train).halved().dataset()
    data.test = try HeldPictures(data.test).halved().dataset()
    return data
  }
}
