import Striate
import StriateTestSupport
import Testing

/// The milestones at the size of small pictures.
@Suite struct MiniatureTests {
  static let ids = Catalog.all.map(\.id).filter { $0.hasSuffix("-mini") }
  private static let device = (try? Device.cpu()) ?? .reference

  @Test func everyMilestoneHasOne() {
    #expect(
      Self.ids
        == [
          "alexnet", "zfnet", "nin", "vgg", "googlenet", "plain", "resnet", "preresnet", "densenet",
          "mobilenet", "senet", "convnext",
        ].map { "\($0)-mini" })
  }

  /// Grey or in colour, of 24 to 40 pixels, for any number of classes.
  @Test(arguments: ids) func takesSmallPictures(_ id: String) throws {
    for (input, classes): (Shape, Int) in [([3, 32, 32], 10), ([1, 24, 40], 3)] {
      let model = try Catalog.find(id).model(classes: classes, input: input)
      let builder = GraphBuilder(naming: Naming(model))
      let x = builder.input("input", TensorType(.float32, Shape([2] + input.dims)))
      #expect(model(x).shape == [2, classes])
      #expect(throws: Never.self) { try builder.finish() }
    }
  }

  /// Pictures whose class is the quarter that is bright are learned in a few passes.
  @Test(arguments: ids) func learns(_ id: String) throws {
    var random = RandomStream(seed: 3, "quarters")
    let count = 64
    var pixels: [Float] = []
    var labels: [Int32] = []
    for sample in 0..<count {
      let label = sample % 4
      labels.append(Int32(label))
      for place in 0..<784 {
        let quarter = place / 392 * 2 + place % 28 / 14
        pixels.append((quarter == label ? 1 : 0) + Float.random(in: -0.5...0.5, using: &random))
      }
    }
    let data = try TensorDataset(
      inputs: HostTensor(pixels, shape: [count, 1, 28, 28]), labels: labels,
      classNames: ["a", "b", "c", "d"])
    let model = try Catalog.find(id).model(classes: 4)
    var config = TrainingConfig(
      model: id, data: "quarters", epochs: 24, batchSize: 16, optimizer: .adamw,
      learningRate: 2e-3)
    config.schedule = .oneCycle()
    var options = Trainer.Options()
    options.handlesSignals = false
    let scratch = try Scratch()
    let result = try Trainer(
      model, data: DataSplits(train: data, test: data, name: "quarters"), config: config,
      on: Self.device, options: options
    ).run(in: RunFolder("\(scratch.path)/run"))
    // After so few steps running statistics of deep networks are not yet those of the weights.
    let learned = max(result.test?.accuracy ?? 0, result.train?.accuracy ?? 0)
    #expect(learned >= 0.9, "\(id): \(result)")
  }
}
