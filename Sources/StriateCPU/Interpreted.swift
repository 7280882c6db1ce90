import StriateCore
import StriateIR
import StriateRuntime

/// A node that the interpreter runs inside a CPU program: slow, and listed in every report.
final class InterpretedNode {
  private let executable: any Executable
  private let buffers: RunBuffers
  private let state = HostState()
  private let inputs: [BufferID]
  private let outputs: [BufferID]

  init(_ node: Node, in graph: Graph, inputs: [BufferID], outputs: [BufferID]) throws {
    var single = Graph()
    var copy = node
    copy.inputs = node.inputs.enumerated().map { position, id in
      let value = single.addValue(graph.type(id))
      single.inputs.append(Graph.Port(name: "\(position)", value: value))
      return value
    }
    copy.outputs = node.outputs.enumerated().map { position, id in
      let value = single.addValue(graph.type(id))
      single.outputs.append(Graph.Port(name: "\(position)", value: value))
      return value
    }
    single.nodes = [copy]
    executable = try InterpreterBackend<Float>().compile(single)
    buffers = try RunBuffers(single)
    self.inputs = inputs
    self.outputs = outputs
  }

  func run(_ resolve: Resolver) throws {
    for (buffer, id) in zip(buffers.inputs, inputs) {
      buffer.copyMemory(from: UnsafeRawBufferPointer(start: resolve(id), count: buffer.count))
    }
    try executable.run(buffers, state: state)
    for (buffer, id) in zip(buffers.outputs, outputs) {
      if let base = buffer.baseAddress {
        resolve(id).copyMemory(from: base, byteCount: buffer.count)
      }
    }
  }
}
