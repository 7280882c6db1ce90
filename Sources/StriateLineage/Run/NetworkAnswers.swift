import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// A network in use, asked about whole data sets.
struct NetworkAnswers {
  private let descent: GradientDescent
  private let state: any ResidentState

  /// A network with its weights on a device.
  init(_ network: some Layer, weights: NamedTensors, on device: Device) throws {
    descent = GradientDescent(Objective(network), optimizer: SGD(), on: device)
    state = device.backend.makeState()
    try state.write(weights)
  }

  /// The class that is given to each sample.
  func answers(_ data: any Dataset) throws -> [Int32] {
    var result: [Int32] = []
    let batches = try Loader(data, batchSize: 250).batches(epoch: 0)
    while let batch = try batches.next() {
      guard try descent.evaluate(state, batch).lossSum.isFinite else {
        throw TrainingError(
          .notFinite, "the network's answers to samples from \(result.count) on are no numbers")
      }
      result += (try descent.answers(batch) ?? []).map { Int32($0) }
    }
    return result
  }
}
