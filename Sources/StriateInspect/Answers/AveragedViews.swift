import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN

/// A classifier that sees several views of a sample: the logarithm of its probabilities' sum over all of them,
/// which softmax makes their mean of.
///
/// `[N, values of all views]` → `[N, classes]`; keys are the classifier's.
public struct AveragedViews: Layer, TransparentContainer {
  /// The classifier.
  public let model: any Layer
  /// How the views follow each other in a sample.
  public let layout: ViewLayout

  /// A classifier that sees views.
  public init(_ model: any Layer, _ layout: ViewLayout) {
    (self.model, self.layout) = (model, layout)
  }

  /// The classifier itself.
  public var namedChildren: [(name: String, child: any Sendable)] { [("", model)] }

  /// Maps rows of views to the logarithms of summed probabilities.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let samples = x.shape[0]
    var answers: [Tensor] = []
    var start = 0
    for group in layout.groups {
      let end = start + group.count * group.shape.count
      let views = x.slice(axis: 1, from: start, to: end)
        .reshaped(Shape([samples * group.count] + group.shape.dims))
      let logits =
        if layout.isDense, let dense = model as? any DenseClassifier {
          dense.denseLogits(views)
        } else {
          model(views)
        }
      if logits.isPoisoned { return logits }
      answers.append(logSoftmax(logits).reshaped([samples, group.count, logits.shape[-1]]))
      start = end
    }
    guard let all = concat(answers, axis: 1) else { return x }
    return all.logSumExp(over: [1])
  }
}
