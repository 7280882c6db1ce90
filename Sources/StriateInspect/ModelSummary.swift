import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// What a model is made of: a row a layer call, with sums and what compiling on a device decided.
///
/// Figures are those of one image: batch 1, in use.
public struct ModelSummary: Sendable {
  /// One call of a layer.
  public struct Row: Sendable, Hashable {
    /// The layer's path, with `#n` for its later calls; the model's kind at the root.
    public var name: String
    /// The layer's type.
    public var kind: String
    /// The extents of what it returns, without the batch.
    public var output: Shape
    /// Learned numbers; 0 where an earlier row counts them.
    public var parameters: Int
    /// Whether an earlier row counts some of its parameters.
    public var isShared: Bool
    /// Multiply–accumulate operations.
    public var macs: Int
    /// Pixels of the input that an element sees along each spatial axis, padding included.
    public var receptiveField: [Int]?
    /// Bytes of what it returns.
    public var activationBytes: Int
  }

  /// The model, as it was asked for.
  public let model: String
  /// The shape of one input.
  public let input: Shape
  /// The device that the program figures are of.
  public let device: String
  /// The rows in the order of the calls.
  public let rows: [Row]
  /// Learned numbers, each counted once.
  public let parameters: Int
  /// Numbers kept by layers themselves: running statistics.
  public let buffers: Int
  /// Multiply–accumulate operations an image.
  public let macs: Int
  /// Bytes that answering one image takes: weights, input, output and the planned arena.
  public let inferenceBytes: Int
  /// Bytes that learning from one image by SGD with momentum takes; nil where one image is too few.
  public let trainingBytes: Int?
  /// Conversions between memory layouts in the inference program.
  public let reorders: Int
  /// Nodes of the inference program that run inside another node's kernel.
  public let fused: Int
  /// Kernels for which the library fell back to slow, generic code, with their layers.
  public let naive: [String]
  /// What a reader of the model should know: undeclared ties.
  public let warnings: [String]

  /// Traces the model and compiles it.
  ///
  /// - Parameters:
  ///   - name: how the model is called in the summary.
  ///   - input: the shape of one input, `[C, H, W]`.
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init(_ model: some Layer, named name: String, input: Shape, on device: Device) throws {
    let type = TensorType(.float32, Shape([1] + input.dims))
    let naming = Naming(model)
    let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    builder.output("output", model(builder.input("input", type)))
    let graph = try builder.finish()

    self.model = name
    self.input = input
    self.device = device.id
    rows = SummaryRows(graph, naming: naming, root: name).rows
    let counts = { (role: Parameter.Role) in
      naming.parameters.filter { $0.parameter.role == role }.reduce(0) {
        $0 + $1.parameter.type.shape.count
      }
    }
    parameters = counts(.weight)
    buffers = counts(.buffer)
    macs = graph.cost.macs
    warnings = naming.warnings

    let inference = try Program(model, input: type, on: device)
    inferenceBytes = inference.plannedBytes
    let report = inference.executable.report
    reorders = report.reorders
    fused = report.fused
    naive = device.id == "cpu" ? report.naive : []
    do {
      let step = try TrainingStep(
        Objective(model), optimizer: SGD(momentum: 0.9), input: type, on: device)
      trainingBytes = step.program.plannedBytes
    } catch is TraceError {
      trainingBytes = nil
    }
  }
}

extension Program {
  /// Bytes that a run takes: what stays on the device, inputs, outputs, and the planned arena.
  public var plannedBytes: Int {
    let edges =
      graph.states.map(\.value) + graph.inputs.map(\.value) + graph.outputs.map(\.value)
    return edges.reduce(executable.report.arenaBytes) { sum, id in
      let (total, overflow) = sum.addingReportingOverflow(graph.type(id).byteCount)
      return overflow ? .max : total
    }
  }
}

extension ExecutionReport {
  /// The kernels that are slow, generic code, each with its layer, or with how many there are of it.
  public var naive: [String] {
    var names: [String] = []
    var counts: [String: Int] = [:]
    for kernel in kernels where kernel.isNaive {
      let place = kernel.path.isEmpty ? "" : " in \(kernel.path)"
      let name = "\(kernel.name) (\(kernel.implementation))\(place), \(kernel.phase.rawValue)"
      if counts[name] == nil { names.append(name) }
      counts[name, default: 0] += 1
    }
    return names.map { name in
      let count = counts[name, default: 1]
      return count > 1 ? "\(name), \(count) times" : name
    }
  }
}
