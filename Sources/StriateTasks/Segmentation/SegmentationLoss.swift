import StriateIR
import StriateNN

/// What the training of a network for segmentation lowers: one loss, or the sum of several, as text names them, `ce`,
/// `ce+dice`.
///
/// All leave out pixels that are ignored. Weights of classes count in `ce` and `focal`; the losses of regions have each
/// class count alike already.
public struct SegmentationLoss: Sendable, Hashable, CustomStringConvertible {
  /// A loss.
  public enum Term: String, Sendable, Hashable, CaseIterable {
    /// Cross-entropy.
    case crossEntropy = "ce"
    /// One less Dice's coefficient, see `DiceLoss`.
    case dice
    /// One less the intersection over union, see `JaccardLoss`.
    case jaccard
    /// Focal loss, see `SoftmaxFocalLoss`.
    case focal
    /// Lovász's extension of the intersection over union, see `LovaszSoftmaxLoss`.
    case lovasz

    /// Whether weights of classes count in it.
    public var takesWeights: Bool { self == .crossEntropy || self == .focal }
  }

  /// The losses that are added.
  public let terms: [Term]

  /// Cross-entropy alone.
  public static let crossEntropy = SegmentationLoss(terms: [.crossEntropy])

  private init(terms: [Term]) { self.terms = terms }

  /// The losses that a text names, joined by `+`; nil where it names none, another one, or one twice.
  public init?(_ text: String) {
    let names = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    let terms = names.compactMap(Term.init(rawValue:))
    guard terms.count == names.count, Set(terms).count == terms.count else { return nil }
    self.terms = terms
  }

  /// The text that names it.
  public var description: String { terms.map(\.rawValue).joined(separator: "+") }
  /// Whether weights of classes count in one of the losses.
  public var takesWeights: Bool { terms.contains(where: \.takesWeights) }

  /// The loss of logits `[N, C, H, W]` against classes `[N, H, W]`.
  func callAsFunction(
    _ logits: Tensor, _ labels: Tensor, weights: [Double]?, ignoring: Int
  ) -> Tensor {
    let losses = terms.map { term -> Tensor in
      switch term {
      case .crossEntropy: CrossEntropyLoss(weights: weights, ignoring: ignoring)(logits, labels)
      case .focal: SoftmaxFocalLoss(weights: weights, ignoring: ignoring)(logits, labels)
      case .dice: DiceLoss(ignoring: ignoring)(logits, labels)
      case .jaccard: JaccardLoss(ignoring: ignoring)(logits, labels)
      case .lovasz: LovaszSoftmaxLoss(ignoring: ignoring)(logits, labels)
      }
    }
    return losses.dropFirst().reduce(losses[0], +)
  }
}
