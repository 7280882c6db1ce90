import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// What a layer of a trained network makes of samples: the features that another classifier may learn from.
///
/// Donahue et al., "DeCAF: a deep convolutional activation feature for generic visual recognition", 2014; Razavian et
/// al., "CNN features off-the-shelf", 2014.
public struct Features: Sendable {
  /// A row a sample, `[N, D]`; maps are flattened.
  public let values: HostTensor
  /// The samples' classes.
  public let labels: [Int32]
  /// The layer.
  public let layer: Tap

  /// The number of samples.
  public var count: Int { labels.count }
  /// The number of features of each.
  public var width: Int { values.shape[1] }

  /// The features and labels as samples `[D]`.
  public func dataset(classNames: [String] = []) throws -> TensorDataset {
    try TensorDataset(inputs: values, labels: labels, classNames: classNames)
  }

  /// Computes the features of every sample, in their order.
  ///
  /// - Parameters:
  ///   - layer: the layer's path, such as `avgpool`.
  ///   - threads: threads that read samples.
  /// - Throws: `InspectError` where there is no such layer or it has no row a sample, `DataError` where samples cannot be
  ///   read, or the device's error.
  public init(
    of data: any Dataset, _ model: some Layer, weights: NamedTensors, layer: String,
    batchSize: Int = 64, threads: Int = 1, on device: Device
  ) throws {
    let naming = Naming(model)
    let trace = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    _ = model(trace.input("input", TensorType(.float32, Shape([1] + data.inputShape.dims))))
    let tap = try Tap(layer, in: trace.finish())
    guard !tap.isGradient else {
      throw InspectError(
        .usage, "'\(layer)' is a gradient; features are values, such as \(tap.path)")
    }
    let state = device.backend.makeState()
    try state.write(try Self.completed(weights, model, input: data.inputShape, layer: layer))
    let loader = try Loader(
      data, batchSize: batchSize, threads: threads, prefetch: max(threads + 1, 2))
    let batches = loader.batches(epoch: 0)
    defer { batches.stop() }
    var programs: [Int: Program] = [:]
    var rows: [Float] = []
    var labels: [Int32] = []
    while let batch = try batches.next() {
      let program =
        try programs[batch.count]
        ?? Self.program(model, naming, batch.inputs.type, tap, on: device)
      programs[batch.count] = program
      let found = try program.run(["input": batch.inputs], state: state)["features"]
      guard let found, found.shape.rank > 0, found.shape[0] == batch.count else {
        throw InspectError(.usage, "\(tap) gives \(found?.shape ?? []): no row a sample")
      }
      if let number = found.firstNonFinite {
        throw InspectError(.unanswered, "\(tap) gives \(number) for a sample of this batch")
      }
      if rows.isEmpty { rows.reserveCapacity(data.count * (found.count / batch.count)) }
      rows += found.scalars(as: Float.self)
      labels += batch.labels.scalars(as: Int32.self)
    }
    guard !labels.isEmpty else { throw InspectError(.missing, "the data have no samples") }
    values = try HostTensor(rows, shape: [labels.count, rows.count / labels.count])
    self.labels = labels
    self.layer = tap
  }

  /// Weights with zeros for those that are missing and that a layer's values do not depend on, as a backbone lacks its
  /// classifier's.
  private static func completed(
    _ weights: NamedTensors, _ model: some Layer, input: Shape, layer: String
  ) throws -> NamedTensors {
    let missing = Naming(model).parameters.filter { weights[$0.path] == nil }
    if missing.isEmpty { return weights }
    let needed = try parameters(of: model, input: input, layer: layer)
    var completed = weights
    for (path, parameter) in missing where !needed.contains(path) {
      completed[path] = HostTensor(zeros: parameter.type)
    }
    return completed
  }

  /// The parameters that a layer's values depend on.
  static func parameters(
    of model: some Layer, input: Shape, layer: String
  ) throws -> Set<String> {
    let type = TensorType(.float32, Shape([1] + input.dims))
    let naming = Naming(model)
    let options = TraceOptions(mode: .inference)
    let trace = GraphBuilder(options: options, naming: naming)
    _ = model(trace.input("input", type))
    let tap = try Tap(layer, in: trace.finish())
    let builder = GraphBuilder(options: options, naming: naming)
    _ = model(builder.input("input", type))
    if let value = tap.tensor(in: builder) { builder.output("features", value) }
    // What is read for later layers is in the graph still, but nothing needs it.
    let graph = try builder.finish().applying()
    let (consumers, outputs) = (graph.consumers, Set(graph.outputs.map(\.value)))
    let used = graph.states.filter {
      !consumers[$0.value.index].isEmpty || outputs.contains($0.value)
    }
    return Set(used.map(\.name))
  }

  private static func program(
    _ model: some Layer, _ naming: Naming, _ input: TensorType, _ tap: Tap, on device: Device
  ) throws -> Program {
    try Program(on: device, options: TraceOptions(mode: .inference), naming: naming) { builder in
      _ = model(builder.input("input", input))
      guard let value = tap.tensor(in: builder) else {
        throw InspectError(.usage, "no layer is called '\(tap)'")
      }
      builder.output("features", value.converted(to: .float32))
    }
  }
}
