// A program without a network or a trainer: an image is sharpened by descending a gradient.
import Striate

let size = 32
let image = TensorType(.float32, [1, 1, size, size])

/// What a lens out of focus does: each pixel becomes the weighted mean of 5×5.
func blurred(_ x: Tensor) throws -> Tensor {
  let row: [Float] = [1, 4, 6, 4, 1]
  let filter = try HostTensor(row.flatMap { a in row.map { a * $0 / 256 } }, shape: [1, 1, 5, 5])
  return convolution(x, x.builder.constant(filter), padLow: [2, 2])
}

// The photograph: a ring and a bar, and what the lens makes of it.
let truth = try HostTensor(
  (0..<size * size).map { place -> Float in
    let (x, y) = (Float(place % size) - 15.5, Float(place / size) - 15.5)
    let ring = abs((x * x + y * y).squareRoot() - 10) < 2
    return ring || (abs(x) < 2 && abs(y) < 6) ? 0.9 : 0.1
  }, shape: image.shape)
let lens = try Program(on: .best) { builder in
  builder.output("seen", try blurred(builder.input("truth", image)))
}
let seen = try lens.run(["truth": truth], state: lens.state())["seen"] ?? truth

// One step: where is the guess wrong, which way is down, go there. `guess` and `speed` stay on the
// device from run to run; nothing but the loss comes back.
let step = try Program(on: .best) { builder in
  let seen = builder.input("seen", image)
  let guess = builder.state("guess", image)
  let loss = square(try blurred(guess) - seen).sum()
  let slope = builder.gradients(of: loss, in: [guess])[0]
  let speed = builder.state("speed", image) * 0.95 - slope * 0.5
  builder.update("speed", speed)
  builder.update("guess", minimum(maximum(guess + speed, 0.0), 1.0))
  builder.output("loss", loss)
}
let state = try step.state(["guess": seen, "speed": HostTensor(zeros: image)])
for number in 0...300 {
  let loss = try step.run(["seen": seen], state: state)["loss"]?.scalars(as: Double.self)[0] ?? 0
  if number % 100 == 0 { print("step", number, "loss", Float(loss)) }
}

func distance(_ guess: HostTensor) -> Float {
  zip(guess.scalars(as: Float.self), truth.scalars(as: Float.self))
    .reduce(0) { $0 + abs($1.0 - $1.1) } / Float(image.shape.count)
}
let sharp = try state.read(["guess"])["guess"] ?? seen
print("mean error: seen \(distance(seen)), sharpened \(distance(sharp))")
