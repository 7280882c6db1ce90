import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// Answers and their judgement as one program, in inference mode; changes no state.
///
/// Inputs `input` and `labels`; outputs `logits`, the batch's summed `loss` and the number of `correct`
/// answers.
public final class EvaluationStep: Sendable {
  /// What is compiled.
  public let program: Program
  /// The number of classes that the model tells apart.
  public let classes: Int
  private let ports: BatchPorts

  /// Compiles the evaluation for a batch of this type.
  ///
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init(_ objective: Objective, input: TensorType, on device: Device) throws {
    program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: objective.naming
    ) { builder in
      let labels = builder.input("labels", TensorType(.int32, [input.shape[0]]))
      let answer = objective.measure(builder.input("input", input), labels)
      builder.output("logits", answer.logits)
      builder.output("loss", answer.loss * Double(input.shape[0]))
      builder.output("correct", correctCount(answer.logits, labels: labels))
    }
    ports = try BatchPorts(program)
    classes = ports.buffers.outputPorts.first { $0.name == "logits" }?.type.shape[-1] ?? 0
  }

  /// The batch's loss and number of correct answers.
  ///
  /// - Throws: `TensorError` where the batch is not of the compiled type, or the device's error.
  public func run(_ batch: Batch, state: any ResidentState) throws -> StepMetrics {
    try ports.set(batch)
    try program.executable.run(ports.buffers, state: state)
    return StepMetrics(
      lossSum: ports.loss, correct: ports.correct, count: batch.count)
  }

  /// Where the first NaN or infinity of the batch that ran last comes from, by the interpreter; nil where
  /// there is none.
  public func firstNonFinite(state: any ResidentState) throws -> NonFinite? {
    try Interpreter<Float>.firstNonFinite(
      in: program.graph, inputs: ports.inputs(), state: state)
  }

  /// The logits of the batch that ran last, `[N, classes]`.
  public func logits() throws -> HostTensor { try ports.buffers.output("logits") }
}
