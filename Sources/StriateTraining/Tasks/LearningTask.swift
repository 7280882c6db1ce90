import StriateCore
import StriateData
import StriateIR

/// What is learned and how it is judged, whatever the network: the loss, what is counted, the numbers made of it.
///
/// ```swift
/// struct Denoising: LearningTask {
///   let name = "denoise"
///   let metrics = [Metric("psnr", title: "PSNR", unit: .plain) { psnr($0.sums[0] / Double($0.count)) }]
///   let sums = ["squares"]
///   func judge(_ output: Tensor, _ ports: PortTensors) -> Judgement {
///     let squares = (output - ports["clean"]).squared().mean(over: [1, 2, 3])
///     return Judgement(loss: squares.mean(), sums: ["squares": squares.sum()])
///   }
/// }
/// ```
public protocol LearningTask: Sendable {
  /// What a network of this task answers with.
  associatedtype Output

  /// The name, as settings and weights hold it: `classify`, `segment`.
  var name: String { get }
  /// The sums over a batch's examples that programs compute, by name in the order of `StepMetrics.sums`; at most eight.
  var sums: [String] { get }
  /// What is measured beside the loss; `best` is chosen by the first one, or by the loss where there is none.
  var metrics: [Metric] { get }

  /// Builds the loss that training lowers.
  func judge(_ output: Output, _ ports: PortTensors) -> Judgement
  /// Builds the loss that is reported for test examples, and what `tally` counts by; the same by default.
  func measure(_ output: Output, _ ports: PortTensors) -> Judgement

  /// Refuses a batch that the task cannot learn from.
  ///
  /// - Parameter answer: the type of what the network answers with, where the judgement has such an output.
  /// - Throws: `TrainingError` naming the example.
  func check(_ batch: Batch, answer: TensorType?) throws(TrainingError)
  /// What is counted on the host for a batch that was measured, added up over batches; nothing by default.
  ///
  /// - Parameter output: gives an output of the judgement.
  func tally(_ batch: Batch, _ output: (String) throws -> HostTensor) throws -> [Double]
  /// The class answered to each example of a batch that was measured; nil where the task has none.
  func answers(_ output: (String) throws -> HostTensor) throws -> [Int]?
}

extension LearningTask {
  /// None.
  public var sums: [String] { [] }
  public func measure(_ output: Output, _ ports: PortTensors) -> Judgement { judge(output, ports) }
  public func check(_ batch: Batch, answer: TensorType?) throws(TrainingError) {}
  public func tally(_ batch: Batch, _ output: (String) throws -> HostTensor) throws -> [Double] {
    []
  }
  public func answers(_ output: (String) throws -> HostTensor) throws -> [Int]? { nil }

  /// The metric of a name, the loss included; nil where the task has none of it.
  public func metric(_ name: String) -> Metric? {
    name == Metric.loss.name ? .loss : metrics.first { $0.name == name }
  }

  /// The names of all metrics, the loss last.
  public var metricNames: [String] { metrics.map(\.name) + [Metric.loss.name] }

  /// What `best` is chosen by where settings name nothing else.
  public var headline: Metric { metrics.first ?? .loss }

  /// The numbers that the sums tell, without the loss.
  public func readings(_ sums: StepMetrics) -> [Metric.Reading] {
    metrics.compactMap { metric in metric.value(sums).map { Metric.Reading(metric, $0) } }
  }
}

/// What judging an answer gives.
public struct Judgement {
  /// The loss that training lowers, a scalar: the mean over the examples.
  public var loss: Tensor
  /// What a program shows of the answer, by name; the first is what `LearningTask.check` is told the type of.
  public var outputs: [(name: String, tensor: Tensor)]
  /// Sums over the examples, scalars, in the order of the task's `sums`.
  public var sums: [(name: String, tensor: Tensor)]

  /// A judgement.
  public init(
    loss: Tensor, outputs: KeyValuePairs<String, Tensor> = [:],
    sums: KeyValuePairs<String, Tensor> = [:]
  ) {
    self.loss = loss
    self.outputs = outputs.map { ($0.key, $0.value) }
    self.sums = sums.map { ($0.key, $0.value) }
  }

  /// A classifier's: its answer in numbers a class `[N, C]`, and the loss.
  public init(logits: Tensor, loss: Tensor) {
    self.init(loss: loss, outputs: ["logits": logits])
  }
}

/// The ports of a batch as tensors of a program that is being built.
public struct PortTensors {
  private let builder: GraphBuilder
  private var tensors: [(name: String, tensor: Tensor)]

  /// An input of the program for every port of a batch.
  init(_ type: BatchType, in builder: GraphBuilder) {
    self.builder = builder
    tensors = type.entries.map { ($0.name, builder.input($0.name, $0.type)) }
  }

  /// The tensor of a port; where there is none of that name the program is refused in words.
  public subscript(name: String) -> Tensor {
    if let found = tensors.first(where: { $0.name == name }) { return found.tensor }
    let names = tensors.map(\.name).joined(separator: ", ")
    return builder.refuse(
      "port", "the task asks for '\(name)', the data have \(names.isEmpty ? "none" : names)",
      operands: [])
  }

  /// The input `[N, …]` of a network with one.
  public var input: Tensor { self["input"] }
  /// The ground truth of a task with one.
  public var labels: Tensor { self["labels"] }

  /// The same ports with another tensor under a name.
  func replacing(_ name: String, with tensor: Tensor) -> PortTensors {
    var copy = self
    copy.tensors = tensors.map { $0.name == name ? (name, tensor) : $0 }
    return copy
  }
}
