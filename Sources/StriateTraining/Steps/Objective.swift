import StriateCore
import StriateIR
import StriateNN

/// What is learned: a model with the way its answers are judged.
public struct Objective: Sendable {
  /// What judging an answer gives.
  public struct Judgement {
    /// The answer in numbers per class `[N, C]`.
    public var logits: Tensor
    /// The mean loss that training lowers, a scalar.
    public var loss: Tensor

    /// A judgement.
    public init(logits: Tensor, loss: Tensor) {
      self.logits = logits
      self.loss = loss
    }
  }

  /// The names of the model's parameters.
  public let naming: Naming
  /// Answers an input `[N, …]` and judges the answer by the labels `[N]`.
  let judge: @Sendable (_ input: Tensor, _ labels: Tensor) -> Judgement
  /// Answers once and judges by two classes a sample: the loss is the sum weighted by the first one's share.
  let judgeMixed:
    @Sendable (_ input: Tensor, _ labels: Tensor, _ others: Tensor, _ share: Tensor) -> Judgement
  /// The same by the loss that is reported for test samples.
  let measure: @Sendable (_ input: Tensor, _ labels: Tensor) -> Judgement
  /// Where curvatures begin, for `LevenbergMarquardt`; nil where the loss says nothing of them.
  private(set) var curvature: @Sendable (_ input: Tensor, _ labels: Tensor) -> CurvatureSeed? = {
    _, _ in nil
  }

  /// Classification by the mean cross-entropy, those of auxiliary heads added; measured without its label smoothing.
  ///
  /// That of a `RejectingClassifier` is over its classes and none.
  public init(_ model: some Layer, loss: CrossEntropyLoss = CrossEntropyLoss()) {
    let rejecting = model as? any RejectingClassifier
    let judged: @Sendable (Tensor) -> Tensor = { rejecting?.withRejection($0) ?? $0 }
    self.init(model) { logits, labels in
      let heads = logits.builder.auxiliaryAnswers
      let own = loss(judged(logits), labels)
      let sum = heads.reduce(own) { $0 + loss($1.logits, labels) * $1.weight }
      return Judgement(logits: logits, loss: sum)
    } measuringBy: { logits, labels in
      Judgement(logits: logits, loss: CrossEntropyLoss()(judged(logits), labels))
    }
    curvature = { input, labels in
      let logits = judged(model(input))
      let gradient = logits.builder.gradients(of: loss(logits, labels), in: [logits])[0]
      // Of cross-entropy p·(1 − p), of its mean a share.
      let p = softmax(logits, axis: 1)
      let share = 1 / Double(max(input.shape[0], 1))
      return CurvatureSeed(logits, gradient: gradient, curvature: p * (1 - p) * share)
    }
  }

  /// A model with any answer and a way to judge it.
  ///
  /// - Parameters:
  ///   - judge: gives the loss that training lowers: of several heads their weighted sum, say.
  ///   - measure: gives the loss that is reported for test samples; the same by default.
  public init<M: Model>(
    _ model: M, judgingBy judge: @escaping @Sendable (M.Output, Tensor) -> Judgement,
    measuringBy measure: (@Sendable (M.Output, Tensor) -> Judgement)? = nil
  ) where M.Input == Tensor {
    naming = Naming(model)
    self.judge = { judge(model($0), $1) }
    judgeMixed = { input, labels, others, share in
      let answer = model(input)
      var judgement = judge(answer, labels)
      let share = share.converted(to: judgement.loss.dtype)
      judgement.loss = judgement.loss * share + judge(answer, others).loss * (1 - share)
      return judgement
    }
    let measure = measure ?? judge
    self.measure = { measure(model($0), $1) }
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
