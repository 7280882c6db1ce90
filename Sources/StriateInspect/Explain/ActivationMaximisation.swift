import StriateCore
import StriateIR
import StriateRuntime

extension Explainer {
  /// An image that a class answers to most, found by climbing its logit.
  ///
  /// Erhan, Bengio, Courville and Vincent, "Visualizing higher-layer features of a deep network", 2009; with the decay of
  /// Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", ICLR workshop 2014, equation 1. Steps have a
  /// fixed length along the gradient; between them the image is shifted about, and shrunk towards the mean.
  ///
  /// - Parameters:
  ///   - steps: steps of the climb.
  ///   - length: of a step, in units of normalised images' root mean square.
  ///   - decay: the share of the image that a step takes away.
  /// - Returns: The image, and the class's logit before and after the climb.
  /// - Throws: `InspectError` where something does not fit, or the device's error.
  public func activationMaximisation(
    label: Int, steps: Int = 128, length: Float = 0.05, decay: Float = 0.01, seed: UInt64 = 0
  ) throws -> (image: HostTensor, before: Float, after: Float) {
    guard (0..<classes).contains(label), steps >= 1, input.rank == 3,
      input.count > 0
    else {
      throw InspectError(
        .usage,
        "the class must lie in 0..<\(classes) and there must be a step, found \(label) and \(steps)"
      )
    }
    let program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      let x = builder.input("input", type)
      let logits = model(x)
      builder.output("score", score(logits, label))
      builder.output("gradient", builder.gradients(of: score(logits, label), in: [x])[0])
    }
    var draws = RandomStream(seed: seed, "activation maximisation")
    var pixels = (0..<input.count).map { _ in Float.random(in: -0.1...0.1, using: &draws) }
    let (height, width) = (input[1], input[2])
    var first: Float?
    for _ in 0..<steps {
      let (dy, dx) = (
        Int.random(in: 0..<min(8, height), using: &draws),
        Int.random(in: 0..<min(8, width), using: &draws)
      )
      let moved = Self.shifted(pixels, dy, dx, height, width)
      let answers = try program.run(
        ["input": try HostTensor(moved, shape: type.shape)], state: state)
      first = first ?? answers["score"]?.scalars(as: Float.self).first
      let gradient = answers["gradient"]?.scalars(as: Float.self) ?? []
      let square = gradient.reduce(Float(0)) { $0 + $1 * $1 }
      let scale = square > 0 ? length / (square / Float(gradient.count)).squareRoot() : 0
      let climbed = zip(moved, gradient).map { ($0 + scale * $1) * (1 - decay) }
      pixels = Self.shifted(climbed, height - dy, width - dx, height, width)
    }
    let image = try HostTensor(pixels, shape: input)
    let end = try program.run(["input": try HostTensor(pixels, shape: type.shape)], state: state)
    return (image, first ?? 0, end["score"]?.scalars(as: Float.self).first ?? 0)
  }

  /// Planes rolled down and to the right.
  private static func shifted(
    _ pixels: [Float], _ down: Int, _ right: Int, _ height: Int, _ width: Int
  ) -> [Float] {
    pixels.indices.map { place in
      let (plane, rest) = (place / (height * width), place % (height * width))
      let row = (rest / width + height - down % height) % height
      let column = (rest % width + width - right % width) % width
      return pixels[plane * height * width + row * width + column]
    }
  }
}
