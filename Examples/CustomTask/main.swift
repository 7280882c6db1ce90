// A task of one's own: two inputs, a regression at every pixel, and a mask that says where it counts.
import Striate

/// Rain of simulated clouds: a radar image and the height of the ground go in, millimetres come out; some gauges are lost.
struct Rain: Dataset {
  let count: Int
  let seed: UInt64
  let signature = Signature([
    Port("radar", .float32, [1, 24, 24], axes: ["C", "H", "W"], role: .input),
    Port("height", .float32, [1, 24, 24], axes: ["C", "H", "W"], role: .input),
    Port("rain", .float32, [1, 24, 24], axes: ["C", "H", "W"], role: .target),
    Port("known", .float32, [1, 24, 24], axes: ["C", "H", "W"], role: .weight),
  ])

  /// Called from several threads and in any order, so it draws from the index alone.
  func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws {
    var random = RandomStream(seed: seed, "rain", index)
    let ports = (0..<4).map { example.values($0, as: Float.self) }
    let (x0, y0) = (
      Float.random(in: 6...18, using: &random), Float.random(in: 6...18, using: &random)
    )
    let slope = Float.random(in: -1...1, using: &random)
    for place in 0..<576 {
      let (x, y) = (Float(place % 24), Float(place / 24))
      let cloud = max(1 - ((x - x0) * (x - x0) + (y - y0) * (y - y0)) / 40, 0)
      let height = 0.5 + slope * (x / 24 - 0.5)
      ports[0][place] = cloud + Float.random(in: -0.1...0.1, using: &random)
      ports[1][place] = height
      // Clouds rain more where the ground rises.
      ports[2][place] = cloud * (1 + height)
      ports[3][place] = Float.random(in: 0...1, using: &random) < 0.8 ? 1 : 0
    }
  }
}

/// Both inputs as one.
struct Sky: TensorGroup {
  let radar, height: Tensor
  var namedTensors: [(name: String, tensor: Tensor)] { [("radar", radar), ("height", height)] }
}

struct Forecast: Model {
  let joined = Conv2D(in: 2, out: 16, kernel: 3, padding: 1)
  let middle = Conv2D(in: 16, out: 16, kernel: 3, padding: 1)
  let head = Conv2D(in: 16, out: 1, kernel: 1)

  func forward(_ sky: Sky) -> Tensor {
    head(relu(middle(relu(joined(concat([sky.radar, sky.height], axis: 1) ?? sky.radar)))))
  }
}

/// The mean square error where rain is known, reported as its root in millimetres.
struct RainTask: LearningTask {
  let name = "rain"
  let sums = ["squares", "known"]
  let metrics = [
    Metric("rmse", unit: .plain, isBetterWhenGreater: false) { metrics in
      metrics.sums[1] > 0 ? (metrics.sums[0] / metrics.sums[1]).squareRoot() : nil
    }
  ]

  func judge(_ rain: Tensor, _ ports: PortTensors) -> Judgement {
    let squares = (square(rain - ports["rain"]) * ports["known"]).sum()
    let known = ports["known"].sum()
    return Judgement(
      loss: squares / known, outputs: ["forecast": rain],
      sums: ["squares": squares, "known": known])
  }
}

let data = DataSplits(train: Rain(count: 600, seed: 1), test: Rain(count: 100, seed: 2))
let objective = Objective(Forecast(), task: RainTask()) {
  Sky(radar: $0["radar"], height: $0["height"])
}
let config = TrainingConfig(
  epochs: 4, batchSize: 20, optimizer: .adam, learningRate: 3e-3, schedule: .cosine())
// Killed and run again it goes on; a finished run is only reported.
let result = try Trainer(objective, data: data, config: config, on: .best)
  .run(in: RunFolder("runs/rain"), resuming: true)
for reading in result.task.readings(result.test ?? StepMetrics()) {
  print(reading.name, reading.number, "mm, best after step", result.best?.step ?? 0)
}
