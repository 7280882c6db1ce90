import Striate
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A network of 5×5 images that answers larger ones at every place.
private struct Patch: DenseClassifier {
  let conv = Conv2D(in: 3, out: 4, kernel: 3)
  let fc1 = Linear(in: 36, out: 6)
  let fc2 = Linear(in: 6, out: 3)

  func forward(_ x: Tensor) -> Tensor {
    fc2(relu(fc1(relu(conv(x)).flattened(from: 1))))
  }

  func denseLogits(_ x: Tensor) -> Tensor {
    relu(conv(x)).denseLogits([fc1, ReLU(), fc2], kernel: 3)
  }
}

@Suite struct AveragedViewsTests {
  private func logits(
    _ x: HostTensor, _ body: @escaping @Sendable (Tensor) -> Tensor, of model: Patch
  ) throws -> HostTensor {
    let program = try Program(
      on: .reference, options: TraceOptions(mode: .inference), naming: Naming(model)
    ) { builder in
      builder.output("output", body(builder.input("input", x.type)))
    }
    return try program(x, state: program.state(program.initialWeights(seed: 3)))
  }

  @Test func aDenseAnswerIsTheMeanOverEveryWindow() throws {
    let model = Patch()
    var random = RandomStream(seed: 1, "image", 0)
    let values = (0..<(3 * 7 * 8)).map { _ in Float.random(in: -1...1, using: &random) }
    let image = try HostTensor(values, shape: [1, 3, 7, 8])
    let dense = try logits(image, { model.denseLogits($0) }, of: model).scalars(as: Double.self)
    let windows = try logits(
      image,
      { x in
        var sum: Tensor?
        for top in 0..<3 {
          for left in 0..<4 {
            let window = x.slice(axis: 2, from: top, to: top + 5)
              .slice(axis: 3, from: left, to: left + 5)
            let y = model(window)
            sum = sum.map { $0 + y } ?? y
          }
        }
        return (sum ?? x) * (1.0 / 12)
      }, of: model
    ).scalars(as: Double.self)
    for (a, b) in zip(dense, windows) { #expect(Swift.abs(a - b) < 1e-5, "\(a) and \(b)") }
  }

  /// What evaluation makes of views is the mean of what the model makes of each.
  @Test("probabilities are averaged over views", arguments: devices)
  func probabilitiesAreAveraged(_ device: Device) throws {
    let model = Patch()
    let weights = try Naming(model).initialWeights(seed: 3)
    var random = RandomStream(seed: 2, "images", 0)
    let values = (0..<(40 * 75)).map { _ in Float.random(in: -3...3, using: &random) }
    let data = try TensorDataset(
      inputs: HostTensor(values, shape: [40, 3, 5, 5]), labels: (0..<40).map { Int32($0 % 3) })
    let images = try (0..<40).map {
      try HostTensor(Array(values[($0 * 75)..<(($0 + 1) * 75)]), shape: [3, 5, 5])
    }
    let mirrored = try images.map { image in
      let old = image.scalars(as: Float.self)
      return try HostTensor(old.indices.map { old[$0 - $0 % 5 + 4 - $0 % 5] }, shape: [3, 5, 5])
    }
    let classifier = try Classifier(model, weights: weights, input: [3, 5, 5], on: device)
    let plain = try classifier.probabilities(images)
    let other = try classifier.probabilities(mirrored)
    let mean = zip(plain, other).map { zip($0, $1).map { ($0 + $1) / 2 } }
    func accuracy(_ answers: [[Double]]) -> Double {
      Double((0..<40).filter { Classifier.top(1, of: answers[$0])[0].index == $0 % 3 }.count) / 40
    }
    let loss = -mean.enumerated().reduce(0) { $0 + log($1.element[$1.offset % 3]) } / 40
    let found = try Evaluation(
      model, weights: weights, data: data, batchSize: 16, views: .flip, on: device)
    #expect(found.images == 40)
    #expect(Swift.abs(found.loss - loss) < 1e-5, "\(found.loss) instead of \(loss)")
    #expect(found.accuracy == accuracy(mean))
    let once = try Evaluation(model, weights: weights, data: data, batchSize: 16, on: device)
    #expect(once.accuracy == accuracy(plain) && once.loss != found.loss)
  }

  @Test(
    "published classifiers answer at one place as they do without",
    arguments: [
      ("vgg11", 224), ("alexnet", 224), ("alexnet-2012", 227), ("zfnet", 224),
    ])
  func onePlaceIsTheNetworksOwnAnswer(_ id: String, _ side: Int) throws {
    let model = try Catalog.find(id).model(classes: 7)
    let dense = try #require(model as? any DenseClassifier)
    let weights = try Naming(model).initialWeights(seed: 1)
    var answers: [[Double]] = []
    for isDense in [false, true] {
      let classifier = try Classifier(
        AveragedViews(dense, Self.layout(side, isDense)), weights: weights,
        input: [3 * side * side],
        on: devices[devices.count - 1])
      var random = RandomStream(seed: 2, "image", 0)
      let values = (0..<(3 * side * side)).map { _ in Float.random(in: -2...2, using: &random) }
      answers += try classifier.probabilities([HostTensor(values, shape: [values.count])])
    }
    for (a, b) in zip(answers[0], answers[1]) { #expect(Swift.abs(a - b) < 1e-5, "\(a) and \(b)") }
  }

  private static func layout(_ side: Int, _ isDense: Bool) -> ViewLayout {
    ViewLayout(groups: [ViewLayout.Group(count: 1, shape: [3, side, side])], isDense: isDense)
  }
}
