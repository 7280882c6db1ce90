import StriateCore
import StriateIR
import StriateNN

/// The last S-cells: reference vectors of every class, and how a picture is judged by them.
///
/// `[N, D]` → a score a class `[N, classes]`, from 0 to 1.
public struct ReferenceCells: Layer {
  /// How a class's score comes about.
  public enum ReadOut: String, Sendable, Hashable, CaseIterable {
    /// The likeness to the class's most similar reference vector: the winner takes all.
    case winner
    /// The likeness to the most similar place on the segments between any two reference vectors of the class:
    /// interpolating vectors (Fukushima, Neural Networks 20, 2007).
    case segments
  }

  /// The most reference vectors a class.
  public let perClass: Int
  /// How classes are scored.
  public let readOut: ReadOut
  /// The sums of what each has learned, `[classes, perClass, D]`; zeros where nothing is learned yet.
  public let a: Parameter

  /// Cells that have learned nothing.
  public init(classes: Int, perClass: Int, features: Int, readOut: ReadOut) {
    self.perClass = perClass
    self.readOut = readOut
    a = Parameter([classes, perClass, features], initializer: .zeros)
  }

  /// The cosines of pictures' features with all reference vectors, `[N, classes, perClass]`.
  public func likeness(_ x: Tensor) -> Tensor {
    let shape = a.type.shape
    let flat = matmul(
      unit(x), references(x).reshaped([shape[0] * shape[1], shape[2]]), transposingRight: true)
    return flat.reshaped([x.shape[0], shape[0], shape[1]])
  }

  /// The classes' scores.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 2, x.shape[1] == a.type.shape[2] else {
      return x.builder.refuse(
        "reference cells", "compare [N, \(a.type.shape[2])], found \(x.type)", operands: [x])
    }
    let s = likeness(x)
    switch readOut {
    case .winner: return s.max(over: [2])
    case .segments: return segments(s, references(x))
    }
  }

  /// With sᵢ, sⱼ the likenesses to two vectors and sᵢⱼ theirs to each other, the nearest place lies between them where
  /// `sᵢ > sⱼ·sᵢⱼ` and `sⱼ > sᵢ·sᵢⱼ`, and its likeness is `√((sᵢ² + sⱼ² − 2·sᵢ·sⱼ·sᵢⱼ)/(1 − sᵢⱼ²))`; elsewhere it is an end.
  private func segments(_ s: Tensor, _ references: Tensor) -> Tensor {
    let (count, classes) = (s.shape[0], s.shape[1])
    let own = matmul(references, references, transposingRight: true)
      .reshaped([1, classes, perClass, perClass])
    let all: Shape = [count, classes, perClass, perClass]
    let a = s.reshaped([count, classes, perClass, 1]).broadcast(to: all)
    let b = s.reshaped([count, classes, 1, perClass]).broadcast(to: all)
    let inner = minimum(a - b * own, b - a * own) .> 0
    let between = (square(a) + square(b) - a * b * own * 2) / maximum(1 - square(own), 1e-6)
    let place = select(inner, sqrt(maximum(between, 1e-12)), maximum(a, b))
    // Of a vector with itself neither condition holds: its likeness stands for the segment.
    return place.max(over: [2, 3])
  }

  /// Each vector at unit length.
  private func references(_ x: Tensor) -> Tensor { unit(x.builder.read(a)) }

  private func unit(_ x: Tensor) -> Tensor {
    x / maximum(sqrt(square(x).sum(over: [-1], keepingAxes: true)), 1e-12)
  }
}
