import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// The sizes that the numbers of a network's values take over samples.
struct ActivationRanges {
  /// A histogram a value.
  private(set) var histograms: [ValueID: SizeHistogram] = [:]
  /// Samples that were seen.
  private(set) var samples = 0

  private let values: [ValueID]
  private let graph: Graph
  private let device: Device
  private let state: any ResidentState
  private var programs: [Int: (executable: any Executable, buffers: RunBuffers)] = [:]
  private let trace: (TensorType) throws -> Graph

  /// Observes some values of a network.
  ///
  /// - Parameters:
  ///   - graph: the network's inference graph for one image.
  ///   - trace: the same graph for a batch.
  ///   - method: `minmax` looks at the samples once, the others twice.
  /// - Throws: `InspectError` where a value is not finite, `DataError` where samples cannot be read, or the
  ///   device's error.
  init(
    of values: [ValueID], in graph: Graph, weights: NamedTensors, loader: Loader, limit: Int,
    method: CalibrationMethod, on device: Device, trace: @escaping (TensorType) throws -> Graph
  ) throws {
    self.values = values
    self.graph = graph
    self.device = device
    self.trace = trace
    state = device.backend.makeState()
    let names = Set(graph.states.map(\.name))
    var needed = NamedTensors()
    for (name, tensor) in weights where names.contains(name) { needed[name] = tensor }
    try state.write(needed)
    for id in values { histograms[id] = SizeHistogram() }
    try sweep(loader, limit) { histogram, numbers in histogram.range(numbers) }
    if method == .minmax { return }
    try sweep(loader, limit) { histogram, numbers in
      histogram.count(numbers)
      return true
    }
  }

  private mutating func sweep(
    _ loader: Loader, _ limit: Int,
    _ look: (inout SizeHistogram, UnsafeBufferPointer<Float>) -> Bool
  ) throws {
    samples = 0
    let batches = loader.batches(epoch: 0)
    defer { batches.stop() }
    while samples < limit, let batch = try batches.next() {
      let (executable, buffers) = try program(batch.inputs.type)
      try buffers.set("input", batch.inputs)
      try executable.run(buffers, state: state)
      for (id, bytes) in zip(values, buffers.outputs) {
        var histogram = histograms[id] ?? SizeHistogram()
        let isFinite = look(
          &histogram, UnsafeBufferPointer(bytes.bindMemory(to: Float.self)))
        guard isFinite else {
          throw InspectError(
            .mismatch, "the network makes numbers that are not finite of the calibration samples")
        }
        histograms[id] = histogram
      }
      samples += batch.count
    }
    guard samples > 0 else { throw InspectError(.mismatch, "there are no samples to calibrate on") }
  }

  /// The network for a batch, with the values as outputs.
  private mutating func program(
    _ type: TensorType
  ) throws -> (executable: any Executable, buffers: RunBuffers) {
    if let known = programs[type.shape[0]] { return known }
    var batch = try trace(type)
    guard batch.types.count == graph.types.count,
      zip(batch.nodes, graph.nodes).allSatisfy({ $0.outputs == $1.outputs })
    else {
      throw InspectError(.mismatch, "the network is another one for \(type) than for one image")
    }
    batch.outputs = values.map { Graph.Port(name: "value:\($0.index)", value: $0) }
    let executable = try device.backend.compile(batch.applying())
    let made = (executable: executable, buffers: try RunBuffers(executable.graph))
    programs[type.shape[0]] = made
    return made
  }
}
