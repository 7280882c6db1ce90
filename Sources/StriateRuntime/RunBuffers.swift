import StriateCore
import StriateIR

/// Host memory for a program's inputs and outputs, made once and used for many runs.
public final class RunBuffers: @unchecked Sendable {
  /// Names and types of the inputs, in order.
  public let inputPorts: [(name: String, type: TensorType)]
  /// Names and types of the outputs, in order.
  public let outputPorts: [(name: String, type: TensorType)]
  /// Memory of the inputs, rows contiguous.
  public let inputs: [UnsafeMutableRawBufferPointer]
  /// Memory of the outputs, rows contiguous.
  public let outputs: [UnsafeMutableRawBufferPointer]

  /// Buffers for a graph's edges.
  ///
  /// - Throws: `TensorError` where the machine has not the memory.
  public init(_ graph: Graph) throws(TensorError) {
    inputPorts = graph.inputs.map { ($0.name, graph.type($0.value)) }
    outputPorts = graph.outputs.map { ($0.name, graph.type($0.value)) }
    var bytes = 0
    for port in inputPorts + outputPorts {
      let (sum, overflow) = bytes.addingReportingOverflow(port.type.byteCount)
      guard !overflow, sum <= physicalMemory else {
        throw TensorError(
          .outOfMemory,
          "\(port.name) of type \(port.type) does not fit this machine's \(physicalMemory >> 20) MiB; "
            + "use a smaller batch or input")
      }
      bytes = sum
    }
    func allocate(_ type: TensorType) -> UnsafeMutableRawBufferPointer {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: type.byteCount, alignment: 64)
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return buffer
    }
    inputs = inputPorts.map { allocate($0.type) }
    outputs = outputPorts.map { allocate($0.type) }
  }

  deinit {
    for buffer in inputs + outputs { buffer.deallocate() }
  }

  /// Copies a tensor into an input.
  ///
  /// - Throws: `TensorError` if there is no such input or its type differs.
  public func set(_ name: String, _ tensor: HostTensor) throws(TensorError) {
    guard let index = inputPorts.firstIndex(where: { $0.name == name }) else {
      let known = inputPorts.map(\.name)
      throw TensorError(
        .missing,
        "the program has no input \(name); \(NearMiss.hint(for: name, among: known))")
    }
    guard inputPorts[index].type == tensor.type else {
      throw TensorError(
        .typeMismatch, "input \(name) takes \(inputPorts[index].type), found \(tensor.type)")
    }
    tensor.withUnsafeBytes { inputs[index].copyMemory(from: $0) }
  }

  /// A copy of an output.
  ///
  /// - Throws: `TensorError` if there is no such output.
  public func output(_ name: String) throws(TensorError) -> HostTensor {
    guard let index = outputPorts.firstIndex(where: { $0.name == name }) else {
      let known = outputPorts.map(\.name)
      throw TensorError(
        .missing,
        "the program has no output \(name); \(NearMiss.hint(for: name, among: known))")
    }
    return HostTensor(type: outputPorts[index].type) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(outputs[index]))
    }
  }
}
