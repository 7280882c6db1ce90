import StriateCore
import StriateIR
import StriateRuntime

extension CPUBackend: ObservableBackend {
  package func compileObserved(_ graph: Graph) throws -> any ObservedExecutable {
    try executable(graph, isObserved: true)
  }
}

extension CPUExecutable: ObservedExecutable {
  package func observedValues() throws -> [ValueID: HostTensor] {
    try reading { address, engine in
      let written = Set(plan.steps.flatMap(\.writes))
      var values: [ValueID: HostTensor] = [:]
      for (id, placed) in observed where written.contains(placed.buffer) {
        guard case .arena = plan.homes[placed.buffer.index] else { continue }
        let (own, plain) = (
          CPUState.Entry(placed.layout), try CPUState.Entry(.plain(graph.type(id)))
        )
        own.memory.copyMemory(from: address(placed.buffer), byteCount: placed.layout.byteCount)
        try engine.reorder(from: own, to: plain)
        values[id] = HostTensor(type: graph.type(id)) { bytes in
          bytes.copyMemory(from: UnsafeRawBufferPointer(start: plain.memory, count: bytes.count))
        }
      }
      return values
    }
  }
}
