import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateTraining

/// Fewer weights for the same answers.
extension Claim {
  static let efficient: [Claim] = [
    Claim(
      "dense-connectivity", 2016, "Huang, Liu, van der Maaten and Weinberger, CVPR 2017, figure 4",
      "Layers that see all layers before them need less than half the weights of a residual network for its accuracy.",
      setup:
        "DenseNet-BC of growth 12 and 22 layers beside ResNet-20; 5,000 pictures of 14×14, ten passes.",
      bars: [
        Bar("weights, dense / residual", .below, 0.5),
        Bar("points of accuracy, dense − residual", .atLeast, -0.5),
      ]
    ) { trial in
      try trial.compare(
        "dense", { DenseNetMini(channels: $0, layers: 3) }, "residual",
        { CIFARResNet(blocks: 3, channels: $0) })
    },
    Claim(
      "depthwise-separable", 2017, "Howard et al., arXiv 1704.04861, section 3.1",
      "A depthwise and a 1×1 convolution cost 1/N + 1/9 of a whole one and answer nearly as well.",
      setup: """
        Six 3×3 convolutions of 32 and 64 channels, whole or separable, with batch norm; 5,000 pictures of 14×14, ten \
        passes. Products of one of 64 channels.
        """,
      bars: [
        Bar("products, separable / whole − (1/N + 1/9)", .equals, 0),
        Bar("points of accuracy, separable − whole", .atLeast, -2),
      ]
    ) { trial in
      var found = try trial.compare(
        "separable", { SeparableNetwork(isSeparable: true, channels: $0) }, "whole",
        { SeparableNetwork(isSeparable: false, channels: $0) })
      let products = try [true, false].map { isSeparable in
        try NetworkSize(
          SeparableNetwork.unit(64, 64, stride: 1, isSeparable: isSeparable), input: [64, 14, 14]
        ).macs
      }
      // In whole numbers: 9·64 of the products are 9 + 64 times as many.
      found.add(
        "products, separable / whole − (1/N + 1/9)",
        Double(products[0] * 9 * 64 - products[1] * (9 + 64)) / Double(products[1] * 9 * 64))
      return found
    },
  ]
}

extension Trial {
  /// Weights and test accuracies of two networks on 5,000 pictures of half the extent in ten passes.
  fileprivate func compare(
    _ firstName: String, _ first: @escaping (Int) -> any Layer, _ secondName: String,
    _ second: @escaping (Int) -> any Layer
  ) throws -> Findings {
    let data = try small(5000, test: 5000)
    let input = data.train.inputShape
    var found = Findings()
    var (sizes, accuracies): ([Double], [Double]) = ([], [])
    for (name, make) in [(firstName, first), (secondName, second)] {
      let network = make(input[0])
      let trained = try learn(network, from: data.train, by: .residual(passes: 10))
      sizes.append(Double(try NetworkSize(network, input: input).parameters))
      accuracies.append(try trained.accuracy(data.test))
      found.add("weights, \(name)", sizes[sizes.count - 1])
      found.add("accuracy, \(name)", accuracies[accuracies.count - 1])
    }
    found.add("weights, \(firstName) / \(secondName)", sizes[0] / sizes[1])
    found.add(
      "points of accuracy, \(firstName) − \(secondName)", 100 * (accuracies[0] - accuracies[1]))
    return found
  }
}
