import StriateCore
import StriateData
import StriateRuntime

/// A program's buffers with the places of what every step feeds and reads; allocates nothing in a step.
final class BatchPorts: Sendable {
  let buffers: RunBuffers
  private let input: Int?
  private let labels: Int?
  private let outputs: [(name: String, place: Int, dtype: DType)]

  init(_ program: Program) throws(TensorError) {
    buffers = try RunBuffers(program.graph)
    input = buffers.inputPorts.firstIndex { $0.name == "input" }
    labels = buffers.inputPorts.firstIndex { $0.name == "labels" }
    outputs = buffers.outputPorts.enumerated().map { ($1.name, $0, $1.type.dtype) }
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

  /// A scalar output; NaN where there is none of this name.
  func scalar(_ name: StaticString) -> Double {
    for output in outputs where output.name == name.description {
      let bytes = buffers.outputs[output.place]
      switch output.dtype {
      case .float64: return bytes.loadUnaligned(as: Double.self)
      case .float32: return Double(bytes.loadUnaligned(as: Float.self))
      default: return .nan
      }
    }
    return .nan
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
