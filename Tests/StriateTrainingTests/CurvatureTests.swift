import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// Curvatures by the reverse walk against the dense Gauss–Newton diagonal `Σᵢ Hᵢ·(∂zᵢ/∂w)²`, of small networks in which
/// every weight reaches every output one way, so that both are the same.
@Suite struct CurvatureTests {
  /// A network of about twenty weights: named tensors, and what is made of them.
  struct Network: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let tensors: [(name: String, shape: Shape)]
    let answer: @Sendable ([Tensor]) -> Tensor
  }

  static let networks = [
    Network(
      testDescription: "matmul, bias, tanh: 20 weights",
      tensors: [("x", [1, 3]), ("w", [2, 3]), ("b", [1, 2]), ("v", [4, 2]), ("c", [1, 4])]
    ) { t in
      let hidden = tanh(matmul(t[0], t[1], transposingRight: true) + t[2])
      return matmul(hidden, t[3], transposingRight: true) + t[4]
    },
    Network(
      testDescription: "convolution, tanh, matmul",
      tensors: [("x", [1, 2, 2, 2]), ("w", [2, 2, 2, 2]), ("v", [3, 2])]
    ) { t in
      let hidden = tanh(convolution(t[0], t[1]))
      return matmul(hidden.reshaped([1, 2]), t[2], transposingRight: true)
    },
    Network(
      testDescription: "average pool, scale, tanh",
      tensors: [("x", [1, 4, 2, 2]), ("s", [1, 4, 1, 1]), ("b", [1, 4, 1, 1]), ("v", [3, 4])]
    ) { t in
      let window = Window(kernel: [2, 2])
      let pool = Op.averagePool(AveragePool(window, countsPadding: true))
      let mean = t[0].builder.one(pool, t[0])
      let hidden = tanh(mean * t[1] + t[2])
      return matmul(hidden.reshaped([1, 4]), t[3], transposingRight: true)
    },
    Network(
      testDescription: "rectifier, sigmoid, mean",
      tensors: [("x", [1, 5]), ("w", [4, 5])]
    ) { t in
      let hidden = relu(matmul(t[0], t[1], transposingRight: true)) * 3
      return sigmoid(hidden).reshaped([1, 2, 2]).mean(over: [2])
    },
  ]

  @Test(arguments: networks) func walkIsTheGaussNewtonDiagonal(_ network: Network) throws {
    let bends = [0.7, 0.2, 1.3, 0.4]
    let found = try evaluated(inputs(network)) { builder in
      let tensors = network.tensors.map {
        builder.input($0.name, TensorType(.float64, $0.shape))
      }
      let z = network.answer(tensors)
      let count = z.shape.count
      func row(_ values: [Double]) throws -> Tensor {
        builder.constant(try HostTensor(values, shape: z.shape))
      }
      let seed = CurvatureSeed(
        z, gradient: try row(bends.prefix(count).map { 1 - $0 }),
        curvature: try row(Array(bends.prefix(count))))
      let walked = builder.curvatures(from: [seed], in: tensors)
      var dense: [Tensor?] = tensors.map { _ in nil }
      for index in 0..<count {
        let one = try row((0..<count).map { $0 == index ? 1 : 0 })
        let slopes = builder.gradients(of: [(z, one)], in: tensors)
        for (place, slope) in slopes.enumerated() {
          let part = square(slope) * bends[index]
          dense[place] = dense[place].map { $0 + part } ?? part
        }
      }
      for (place, pair) in zip(walked, dense).enumerated() {
        builder.output("walked.\(place)", pair.0)
        if let part = pair.1 { builder.output("dense.\(place)", part) }
      }
    }
    // What comes in reaches an output through every hidden unit.
    for place in network.tensors.indices.dropFirst() {
      let a = try #require(found["walked.\(place)"]).scalars(as: Double.self)
      let b = try #require(found["dense.\(place)"]).scalars(as: Double.self)
      #expect(a.contains { $0 > 1e-6 })
      for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-12 * max(abs(y), 1), "\(network)") }
    }
  }

  /// Squared distances have a second derivative of their own: `h = Σ hᵢ·4·(x − wᵢ)² + 2·gᵢ`.
  @Test func distancesBendByThemselves() throws {
    let (codes, x) = ([[1.0, -1, 0.5], [0.25, 1, -1]], [0.3, -0.4, 0.9])
    let (gradient, curvature) = ([0.8, -0.3], [0.2, 0.5])
    let found = try evaluated(["x": HostTensor(x, shape: [1, 3])]) { builder in
      let input = builder.input("x", TensorType(.float64, [1, 3]))
      let w = builder.constant(try HostTensor(codes.flatMap { $0 }, shape: [1, 2, 3]))
      let y = square(input.reshaped([1, 1, 3]) - w).sum(over: [2])
      let seed = CurvatureSeed(
        y, gradient: builder.constant(try HostTensor(gradient, shape: [1, 2])),
        curvature: builder.constant(try HostTensor(curvature, shape: [1, 2])))
      builder.output("h", builder.curvatures(from: [seed], in: [input])[0])
    }
    let h = try #require(found["h"])
    for (place, value) in h.scalars(as: Double.self).enumerated() {
      let expected = (0..<2).reduce(0.0) { sum, row in
        let d = x[place] - codes[row][place]
        return sum + curvature[row] * 4 * d * d + 2 * gradient[row]
      }
      #expect(abs(value - expected) < 1e-12)
    }
  }

  @Test func anOpWithoutARuleIsNamed() {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    let y = softmax(x, axis: 1)
    let seed = CurvatureSeed(y, gradient: y, curvature: y)
    builder.output("h", builder.curvatures(from: [seed], in: [x])[0])
    #expect {
      try builder.finish()
    } throws: {
      "\($0)".contains("softmax") && "\($0)".contains("no rule by which curvatures")
    }
  }

  /// A training by it lowers the loss, and keeps curvatures of at least zero, not all of them zero.
  @Test func trainingByItLearns() throws {
    let scratch = try Scratch()
    var config = tinyConfig { $0.optimizer = .lm }
    (config.learningRate, config.batchSize, config.epochs) = (0.01, 1, 3)
    let model = Sequential(Flatten(), Linear(in: 16, out: 6), Tanh(), Linear(in: 6, out: 2))
    var options = Trainer.Options()
    options.handlesSignals = false
    var losses: [Double] = []
    options.observe = { event in
      if case .epoch(let summary) = event { losses.append(summary.train.loss) }
    }
    let folder = scratch.run("run")
    _ = try Trainer(model, data: rings, config: config, on: .reference, options: options)
      .run(in: folder)
    let slots = try Checkpoint.read("\(folder.path)/last").state.slots
    let values = slots.flatMap { $0.value.scalars(as: Float.self) }
    #expect(values.allSatisfy { $0 >= 0 } && values.contains { $0 > 0 })
    #expect((losses.last ?? 1) < (losses.first ?? 0), "\(losses)")
  }

  /// What the interpreter makes of a graph in double precision.
  private func evaluated(
    _ inputs: [String: HostTensor], _ build: (GraphBuilder) throws -> Void
  ) throws -> [String: HostTensor] {
    let builder = GraphBuilder()
    try build(builder)
    return try Interpreter<Double>(builder.finish()).evaluate(
      inputs: inputs, state: HostState())
  }

  private func inputs(_ network: Network) throws -> [String: HostTensor] {
    var random = RandomStream(seed: 3, "curvature", 0)
    var inputs: [String: HostTensor] = [:]
    for (name, shape) in network.tensors {
      let values = (0..<shape.count).map { _ in Double.random(in: -1...1, using: &random) }
      inputs[name] = try HostTensor(values, shape: shape)
    }
    return inputs
  }
}
