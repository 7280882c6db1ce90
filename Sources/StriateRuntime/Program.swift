import StriateCore
import StriateIR

/// A traced, optimised and compiled computation.
///
/// ```swift
/// let program = try Program(LeNet5(), input: TensorType(.float32, [1, 1, 28, 28]), on: .reference)
/// let state = try program.state(program.initialWeights(seed: 0))
/// let logits = try program(image, state: state)
/// ```
public final class Program: Sendable {
  /// Where it runs.
  public let device: Device
  /// What runs.
  public let executable: any Executable
  /// The names of the model's parameters.
  public let naming: Naming

  /// The graph as compiled.
  public var graph: Graph { executable.graph }

  /// Compiles what the closure builds.
  ///
  /// - Throws: `TraceError` with every fault that building found, or the backend's error.
  public init(
    on device: Device, options: TraceOptions = TraceOptions(mode: .inference),
    naming: Naming = Naming(), _ build: (GraphBuilder) throws -> Void
  ) throws {
    let builder = GraphBuilder(options: options, naming: naming)
    try build(builder)
    let graph = try builder.finish()
    self.device = device
    self.naming = naming
    executable = try device.backend.compile(graph.applying())
  }

  /// Compiles a model's forward computation, from the input `input` to the output `output`, or to one output
  /// for every name of the model's output group.
  public convenience init<M: Model>(
    _ model: M, input: TensorType, mode: TraceOptions.Mode = .inference, on device: Device
  ) throws where M.Input == Tensor, M.Output: TensorGroup {
    let naming = Naming(model)
    try self.init(on: device, options: TraceOptions(mode: mode), naming: naming) { builder in
      let result = model(builder.input("input", input))
      for (name, tensor) in result.namedTensors {
        builder.output(name.isEmpty ? "output" : name, tensor)
      }
    }
  }

  /// Tensors on the device, starting with these values.
  public func state(_ tensors: NamedTensors = NamedTensors()) throws -> any ResidentState {
    let state = device.backend.makeState()
    try state.write(tensors)
    return state
  }

  /// The model's weights and buffers as they start for a seed; the same on every device.
  public func initialWeights(seed: UInt64) throws -> NamedTensors {
    try naming.initialWeights(seed: seed)
  }

  /// Runs on named tensors and returns the named outputs.
  public func run(
    _ inputs: [String: HostTensor], state: any ResidentState
  ) throws -> [String: HostTensor] {
    let buffers = try RunBuffers(graph)
    for (name, type) in buffers.inputPorts {
      guard let tensor = inputs[name] else {
        throw TensorError(.missing, "the program needs an input \(name) of type \(type)")
      }
      try buffers.set(name, tensor)
    }
    try executable.run(buffers, state: state)
    var outputs: [String: HostTensor] = [:]
    for (name, _) in buffers.outputPorts { outputs[name] = try buffers.output(name) }
    return outputs
  }

  /// Runs a model from its one input to its output `output`.
  public func callAsFunction(
    _ input: HostTensor, state: any ResidentState
  ) throws -> HostTensor {
    let outputs = try run(["input": input], state: state)
    guard let output = outputs["output"] else {
      throw TensorError(
        .missing, "the program has no output named output; it has \(outputs.keys.sorted())")
    }
    return output
  }
}

extension Naming {
  /// The weights and buffers as they start for a seed; computed by the interpreter, so that a seed means
  /// the same network on every device.
  public func initialWeights(seed: UInt64) throws -> NamedTensors {
    let graph = try GraphBuilder.initialValues(of: self).applying()
    let executable = try InterpreterBackend<Float>().compile(graph)
    let buffers = try RunBuffers(graph)
    if !buffers.inputPorts.isEmpty {
      try buffers.set("random.key", HostTensor([Int64(bitPattern: seed), 0]))
    }
    try executable.run(buffers, state: InterpreterBackend<Float>().makeState())
    var weights = NamedTensors()
    for (name, _) in buffers.outputPorts { weights[name] = try buffers.output(name) }
    for (path, parameter) in parameters {
      guard let finish = parameter.initializer.finish, let drawn = weights[path] else { continue }
      let values = finish(drawn.scalars(as: Double.self), drawn.shape)
      weights[path] = try HostTensor(values, shape: drawn.shape).converted(to: drawn.dtype)
    }
    return weights
  }
}
