import StriateCore
import StriateData
import StriateRuntime

/// A program's buffers with the places of what every step feeds and reads; allocates nothing in a step.
final class BatchPorts: Sendable {
  let buffers: RunBuffers
  private let input: Int?
  private let labels: Int?
  private let lossPlace: Int?
  private let correctPlace: Int?

  init(_ program: Program) throws(TensorError) {
    buffers = try RunBuffers(program.graph)
    input = buffers.inputPorts.firstIndex { $0.name == "input" }
    labels = buffers.inputPorts.firstIndex { $0.name == "labels" }
    lossPlace = buffers.outputPorts.firstIndex { $0.name == "loss" }
    correctPlace = buffers.outputPorts.firstIndex { $0.name == "correct" }
  }

  /// Copies a batch in.
  ///
  /// - Throws: `TensorError` where its types are others.
  func set(_ batch: Batch) throws(TensorError) {
    try set(batch.inputs, at: input)
    try set(batch.labels, at: labels)
  }

  private func set(_ tensor: HostTensor, at place: Int?) throws(TensorError) {
    guard let place else { return }
    let port = buffers.inputPorts[place]
    guard tensor.type == port.type else {
      throw TensorError(.typeMismatch, "\(port.name) takes \(port.type), found \(tensor.type)")
    }
    tensor.withUnsafeBytes { buffers.inputs[place].copyMemory(from: $0) }
  }

  /// Sets an f32 scalar input.
  func set(_ place: Int, to value: Double) {
    if buffers.inputPorts[place].type.dtype == .float64 {
      buffers.inputs[place].storeBytes(of: value, as: Double.self)
    } else {
      buffers.inputs[place].storeBytes(of: Float(value), as: Float.self)
    }
  }

  /// The mean or summed loss of the last run; NaN where the program has none.
  var loss: Double { scalar(lossPlace) }
  /// The number of correct answers of the last run; NaN where the program has none.
  var correct: Double { scalar(correctPlace) }

  private func scalar(_ place: Int?) -> Double {
    guard let place else { return .nan }
    let bytes = buffers.outputs[place]
    switch buffers.outputPorts[place].type.dtype {
    case .float64: return bytes.loadUnaligned(as: Double.self)
    case .float32: return Double(bytes.loadUnaligned(as: Float.self))
    default: return .nan
    }
  }

  /// What the program was last fed.
  func inputs() -> [String: HostTensor] {
    var inputs: [String: HostTensor] = [:]
    for (place, port) in buffers.inputPorts.enumerated() {
      inputs[port.name] = HostTensor(type: port.type) {
        $0.copyMemory(from: UnsafeRawBufferPointer(buffers.inputs[place]))
      }
    }
    return inputs
  }
}
