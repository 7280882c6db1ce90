import Striate
import Testing

/// What layers make of samples, and what can be learned from that.
@Suite struct FeaturesTests {
  /// Noise whose mean in the first channel tells the class.
  private func data(_ count: Int, seed: UInt64, isApart: Bool = true) throws -> TensorDataset {
    var random = RandomStream(seed: seed, "images", 0)
    var values: [Float] = []
    for index in 0..<count {
      for channel in 0..<2 {
        let mean = channel == 0 && isApart ? Float(index % 3) - 1 : 0
        values += (0..<64).map { _ in Float.random(in: -1...1, using: &random) + mean }
      }
    }
    return try TensorDataset(
      inputs: HostTensor(values, shape: [count, 2, 8, 8]),
      labels: (0..<count).map { Int32($0 % 3) }, classNames: ["a", "b", "c"])
  }

  @Test("features are the layer's values, sample by sample", arguments: devices)
  func featuresAreTheLayersValues(_ device: Device) throws {
    let model = FusedNet()
    let weights = try Naming(model).initialWeights(seed: 2)
    let samples = try data(7, seed: 1)
    let found = try Features(
      of: samples, model, weights: weights, layer: "pool", batchSize: 3, on: device)
    #expect(found.values.shape == [7, 96] && found.labels == [0, 1, 2, 0, 1, 2, 0])
    let one = try Features(
      of: samples, model, weights: weights, layer: "pool", batchSize: 7, on: .reference)
    let pairs = zip(found.values.scalars(as: Float.self), one.values.scalars(as: Float.self))
    #expect(pairs.allSatisfy { Swift.abs($0 - $1) < 1e-4 })
    #expect(Set(found.values.scalars(as: Float.self)).count > 100)
  }

  @Test func aLayerThatThereIsNotIsNamed() throws {
    let model = FusedNet()
    let weights = try Naming(model).initialWeights(seed: 2)
    for layer in ["avgpool", "pool.grad"] {
      let error = #expect(throws: InspectError.self) {
        try Features(of: data(3, seed: 1), model, weights: weights, layer: layer, on: .reference)
      }
      #expect("\(try #require(error))".contains("pool"), "\(layer)")
    }
  }

  /// Classes that differ are told apart on new samples; labels that mean nothing are not.
  @Test func aProbeFindsWhatFeaturesTell() throws {
    let model = FusedNet()
    let weights = try Naming(model).initialWeights(seed: 2)
    let device = devices[devices.count - 1]
    func accuracy(_ isApart: Bool) throws -> LinearProbe {
      let parts = try [UInt64(1), 2].map {
        try Features(
          of: data(150, seed: $0, isApart: isApart), model, weights: weights, layer: "pool",
          on: device)
      }
      return try LinearProbe(train: parts[0], test: parts[1], classes: 3, on: device)
    }
    let apart = try accuracy(true)
    #expect(apart.testAccuracy > 0.95 && apart.trainAccuracy > 0.95, "\(apart)")
    let alike = try accuracy(false)
    #expect(alike.testAccuracy < 0.55, "\(alike)")
  }

  @Test func fewSamplesAreOfEveryClass() throws {
    let samples = try data(30, seed: 1)
    let some = try samples.few(4, seed: 0)
    let labels = try (0..<some.count).map { try some.label(at: $0) }
    #expect(
      labels.count == 12 && Set(labels).allSatisfy { label in labels.count { $0 == label } == 4 })
    func values(_ data: some Dataset) throws -> [Float] {
      try (0..<data.count).flatMap { try data.labelled($0).input.scalars(as: Float.self) }
    }
    #expect(try values(samples.few(4, seed: 0)) == values(some))
    #expect(try values(samples.few(4, seed: 1)) != values(some))
    let error = #expect(throws: DataError.self) { try samples.few(11, seed: 0) }
    #expect(error?.message.contains("'a' has 10") == true)
  }
}
