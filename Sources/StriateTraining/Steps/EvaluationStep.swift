import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// Answers and their judgement as one program, in inference mode; changes no state.
///
/// Inputs are the ports of the batch; outputs those of the task's judgement, a classifier's `logits` say, the batch's
/// summed `loss` and the task's sums, such as the number of `correct` answers.
public final class EvaluationStep: Sendable {
  /// What is compiled.
  public let program: Program
  /// The type of what the network answers with: the first output of the task's judgement; nil where it has none.
  public let answer: TensorType?
  private let task: any LearningTask
  private let ports: BatchPorts

  /// Compiles the evaluation of a classifier for inputs of this type.
  ///
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public convenience init(_ objective: Objective, input: TensorType, on device: Device) throws {
    try self.init(objective, batch: BatchType(classifying: input), on: device)
  }

  /// Compiles the evaluation for a batch of this type.
  ///
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init(_ objective: Objective, batch: BatchType, on device: Device) throws {
    var answer: TensorType?
    program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: objective.naming
    ) { builder in
      let judgement = objective.measure(PortTensors(batch, in: builder))
      for (name, tensor) in judgement.outputs { builder.output(name, tensor) }
      builder.output("loss", judgement.loss * Double(batch.count))
      for (name, tensor) in judgement.sums { builder.output(name, tensor) }
      answer = judgement.outputs.first?.tensor.type
    }
    self.answer = answer
    task = objective.task
    ports = try BatchPorts(program, batch: batch, sums: task.sums)
  }

  /// The number of classes that a classifier tells apart.
  public var classes: Int { answer.map { $0.shape[-1] } ?? 0 }

  /// The batch's loss and sums.
  ///
  /// - Throws: `TensorError` where the batch is not of the compiled type, or the device's error.
  public func run(_ batch: Batch, state: any ResidentState) throws -> StepMetrics {
    try ports.set(batch)
    try program.executable.run(ports.buffers, state: state)
    return StepMetrics(
      lossSum: ports.loss, count: batch.count, sums: ports.sums,
      tally: try task.tally(batch, output))
  }

  /// Where the first NaN or infinity of the batch that ran last comes from, by the interpreter; nil where
  /// there is none.
  public func firstNonFinite(state: any ResidentState) throws -> NonFinite? {
    try Interpreter<Float>.firstNonFinite(
      in: program.graph, inputs: ports.inputs(), state: state)
  }

  /// An output of the batch that ran last.
  public func output(_ name: String) throws -> HostTensor { try ports.buffers.output(name) }

  /// The logits of the batch that ran last, `[N, classes]`.
  public func logits() throws -> HostTensor { try output("logits") }
}
