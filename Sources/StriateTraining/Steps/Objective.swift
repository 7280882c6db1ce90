import StriateCore
import StriateIR
import StriateNN

/// What is learned: a model with the task that its answers are judged by.
public struct Objective: Sendable {
  /// The names of the model's parameters.
  public let naming: Naming
  /// How answers are judged.
  public let task: any LearningTask
  /// Answers a batch and judges the answer.
  let judge: @Sendable (PortTensors) -> Judgement
  /// Answers once and judges by two classes a sample: the loss is the sum weighted by the first one's share.
  let judgeMixed: @Sendable (_ ports: PortTensors, _ others: Tensor, _ share: Tensor) -> Judgement
  /// The same by the loss that is reported for test samples.
  let measure: @Sendable (PortTensors) -> Judgement
  /// Where curvatures begin, for `LevenbergMarquardt`; nil where the loss says nothing of them.
  private(set) var curvature: @Sendable (PortTensors) -> CurvatureSeed? = { _ in nil }

  /// A model of one input, and its task.
  public init<M: Model, T: LearningTask>(_ model: M, task: T)
  where M.Input == Tensor, M.Output == T.Output {
    self.init(model, task: task) { $0.input }
  }

  /// A model and its task.
  ///
  /// - Parameter input: the model's input from the ports of a batch.
  public init<M: Model, T: LearningTask>(
    _ model: M, task: T, input: @escaping @Sendable (PortTensors) -> M.Input
  ) where M.Input: TensorGroup, M.Output == T.Output {
    naming = Naming(model)
    self.task = task
    judge = { task.judge(model(input($0)), $0) }
    judgeMixed = { ports, others, share in
      let answer = model(input(ports))
      var judgement = task.judge(answer, ports)
      let share = share.converted(to: judgement.loss.dtype)
      let other = task.judge(answer, ports.replacing("labels", with: others))
      judgement.loss = judgement.loss * share + other.loss * (1 - share)
      return judgement
    }
    measure = { task.measure(model(input($0)), $0) }
  }

  /// Classification by the mean cross-entropy, those of auxiliary heads added; measured without its label smoothing.
  ///
  /// That of a `RejectingClassifier` is over its classes and none.
  public init(_ model: some Layer, loss: CrossEntropyLoss = CrossEntropyLoss()) {
    let task = Classification(loss: loss, rejecting: model)
    self.init(model, task: task)
    curvature = { task.curvature(model($0.input), $0) }
  }

  /// Classification by a model with any answer and a way to judge it.
  ///
  /// - Parameters:
  ///   - judge: gives the loss that training lowers: of several heads their weighted sum, say.
  ///   - measure: gives the loss that is reported for test samples; the same by default.
  public init<M: Model>(
    _ model: M, judgingBy judge: @escaping @Sendable (M.Output, Tensor) -> Judgement,
    measuringBy measure: (@Sendable (M.Output, Tensor) -> Judgement)? = nil
  ) where M.Input == Tensor {
    self.init(model, task: CustomClassification(judging: judge, measuring: measure ?? judge))
  }

  /// The parameters that an optimiser changes, with their paths.
  func trainable(frozen: Set<String>) -> [(path: String, parameter: Parameter)] {
    let options = TraceOptions(mode: .training, frozen: frozen)
    return naming.parameters.filter { path, parameter in
      parameter.role == .weight && parameter.type.dtype.isFloatingPoint
        && parameter.fault == nil && !options.isFrozen(path)
    }
  }
}
