import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// What a model is made of: a row a layer call, with sums and what compiling on a device decided.
///
/// Rows and sums are those of one image, in use; memory is that of a batch.
public struct ModelSummary: Sendable {
  /// One call of a layer, or several that are shown together.
  public struct Row: Sendable, Hashable {
    /// The layer's path, with `#n` for its later calls; the model's kind at the root.
    public var name: String
    /// The layer's type.
    public var kind: String
    /// The extents of each tensor that it returns, without the batch.
    public var outputs: [Shape]
    /// Learned numbers; 0 where an earlier row counts them.
    public var parameters: Int
    /// Whether an earlier row counts some of its parameters.
    public var isShared: Bool
    /// Multiply–accumulate operations.
    public var macs: Int
    /// Pixels of the input that an element sees along each spatial axis, padding included.
    public var receptiveField: [Int]?
    /// Bytes of what the layer, or each layer counted here, returns.
    public var activationBytes: Int

    /// The extents of the first tensor that it returns, without the batch.
    public var output: Shape { outputs.first ?? .scalar }
  }

  /// Nodes that run together as one kernel.
  public struct FusedGroup: Sendable, Hashable {
    /// The kernel's name: `convolution + bias + relu`.
    public var name: String
    /// How many such kernels there are.
    public var count: Int
    /// The graph's nodes in them.
    public var nodes: Int
  }

  /// The model, as it was asked for.
  public let model: String
  /// The names and types of what it is fed.
  public let inputs: [(name: String, type: TensorType)]
  /// The samples for which memory is planned; nil where the inputs were given with their batch.
  public let batch: Int?
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
  /// Bytes that answering a batch takes: weights, inputs, outputs and the planned arena.
  public let inferenceBytes: Int
  /// Bytes that learning from a batch by SGD with momentum takes; nil where it is too small to learn from.
  public let trainingBytes: Int?
  /// Conversions between memory layouts in the inference program.
  public let reorders: Int
  /// Nodes of the inference program that run inside another node's kernel.
  public let fused: Int
  /// The inference program's kernels that compute several nodes.
  public let fusedGroups: [FusedGroup]
  /// Kernels for which the library fell back to slow, generic code, with their layers.
  public let naive: [String]
  /// What a reader of the model should know: undeclared ties.
  public let warnings: [String]

  /// The shape of one input, without the batch.
  public var input: Shape {
    Shape(Array((inputs.first?.type.shape.dims ?? []).dropFirst()))
  }

  /// Traces the model and compiles it.
  ///
  /// - Parameters:
  ///   - name: how the model is called in the summary.
  ///   - input: the shape of one input, `[C, H, W]`.
  ///   - batch: the samples for which memory is planned.
  ///   - depth: path components of a row at most; what lies deeper is summed.
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init(
    _ model: some Layer, named name: String, input: Shape, batch: Int = 1, depth: Int? = nil,
    on device: Device
  ) throws {
    try self.init(
      of: ModelSubject(model, named: name, input: input), batch: batch,
      planning: ModelSubject(model, named: name, input: input, batch: batch), depth: depth,
      on: device)
  }

  /// Traces a model with any inputs and outputs and compiles it; figures are those of these inputs.
  ///
  /// ```swift
  /// let summary = try ModelSummary(matcher, named: "matcher", on: .best) { builder in
  ///   Matcher.Input(
  ///     image: builder.input("image", TensorType(.float32, [1, 3, 32, 32])),
  ///     words: builder.input("words", TensorType(.int32, [1, 12])))
  /// }
  /// ```
  ///
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init<M: Model>(
    _ model: M, named name: String, depth: Int? = nil, on device: Device,
    inputs: @escaping @Sendable (GraphBuilder) -> M.Input
  ) throws where M.Input: TensorGroup, M.Output: TensorGroup {
    let subject = ModelSubject(model, named: name, inputs: inputs)
    try self.init(of: subject, batch: nil, planning: subject, depth: depth, on: device)
  }

  private init(
    of subject: ModelSubject, batch: Int?, planning planned: ModelSubject, depth: Int?,
    on device: Device
  ) throws {
    let graph = try subject.answer()
    let naming = subject.naming
    model = subject.name
    inputs = graph.inputs.map { ($0.name, graph.type($0.value)) }
    self.batch = batch
    self.device = device.id
    rows = SummaryRows(graph, naming: naming, root: subject.name, depth: depth).rows
    let counts = { (role: Parameter.Role) in
      naming.parameters.filter { $0.parameter.role == role }.reduce(0) {
        plus($0, $1.parameter.type.shape.count)
      }
    }
    parameters = counts(.weight)
    buffers = counts(.buffer)
    macs = graph.cost.macs
    warnings = naming.warnings

    let inference = try planned.program(.infer, on: device)
    inferenceBytes = inference.plannedBytes
    let report = inference.executable.report
    reorders = report.reorders
    fused = report.fused
    fusedGroups = report.fusedGroups
    naive = device.id == "cpu" ? report.naive : []
    do {
      trainingBytes = try planned.program(.train, on: device).plannedBytes
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
    return edges.reduce(executable.report.arenaBytes) { plus($0, graph.type($1).byteCount) }
  }
}

extension ExecutionReport {
  /// The kernels that compute several nodes, by name, in the order in which they first run.
  var fusedGroups: [ModelSummary.FusedGroup] {
    var groups: [ModelSummary.FusedGroup] = []
    for kernel in kernels where kernel.nodes.count > 1 {
      let nodes = kernel.nodes.count
      if let place = groups.firstIndex(where: { $0.name == kernel.name }) {
        groups[place].count += 1
        groups[place].nodes += nodes
      } else {
        groups.append(ModelSummary.FusedGroup(name: kernel.name, count: 1, nodes: nodes))
      }
    }
    return groups
  }

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
