import StriateCore
import StriateIR
import StriateNN

/// HMAX, the feedforward model of the ventral stream by Serre, Wolf, Bileschi, Riesenhuber and Poggio, "Robust object
/// recognition with cortex-like mechanisms", PAMI 29, 2007.
///
/// | layer | what | how |
/// |---|---|---|
/// | S1 | 16 scales, 4 orientations | Gabor filters of 7×7 to 37×37, `|Σ X·G|/√Σ X²` |
/// | C1 | 8 bands, 4 orientations | the greatest over two scales and N×N places, at every Δ-th |
/// | S2 | prototypes of 4, 8, 12, 16 | `exp(−β·‖X − P‖²)` with patches P of C1, at every band |
/// | C2 | a number a prototype | the greatest over all places and bands |
/// | classifier | linear | on C2 |
///
/// Only the classifier learns by gradients: the prototypes are patches drawn from training pictures (`HMAXImprinting`).
/// Bands whose filters are larger than the picture are left out.
///
/// Deviations: ‖X − P‖² is divided by the prototype's number of values, so that one β serves all sizes, and a linear layer
/// trained by cross-entropy stands for the support vector machine.
public struct HMAX: Layer {
  /// What can be chosen.
  public struct Plan: Sendable, Hashable {
    /// The sides of prototypes, in C1 places.
    public var sizes = [4, 8, 12, 16]
    /// Prototypes of all sizes together.
    public var prototypes = 256
    /// How fast S2 cells fall off, β.
    public var sharpness = 20.0

    /// The published sizes, with 256 prototypes.
    public init() {}
  }

  /// The bands that fit the input.
  public let bands: [HMAXBand]
  private let c1: HMAXC1
  /// The prototypes of each size, `[count, 4, side, side]`; buffers, which no gradient changes.
  public let prototypes: [Parameter]
  /// How fast S2 cells fall off.
  public let sharpness: Double
  let classifier: Linear

  /// A network whose prototypes are zero.
  ///
  /// - Parameter input: the shape of one picture, `[C, H, W]`.
  public init(classes: Int = 10, input: Shape = [1, 64, 64], plan: Plan = Plan()) {
    let side = input.rank == 3 ? min(input[1], input[2]) : 0
    bands = HMAXBand.all.filter { $0.sizes.1 <= side }
    c1 = HMAXC1(bands)
    sharpness = plan.sharpness
    // A prototype must fit the finest band.
    let places = bands.first.map { $0.extent(side) } ?? 0
    let sizes = plan.sizes.filter { $0 <= places }
    let each = max(plan.prototypes / max(sizes.count, 1), 1)
    prototypes = sizes.map {
      Parameter([each, 4, $0, $0], role: .buffer, initializer: .zeros)
    }
    classifier = Linear(in: max(sizes.count * each, 1), out: classes)
  }

  /// C1 of every band, `[N, 4, H′, W′]` each.
  public func complex(_ x: Tensor) -> [Tensor] { c1(x) }

  /// The C2 features of C1, `[N, prototypes]`.
  public func features(_ bands: [Tensor]) -> Tensor? {
    let parts = prototypes.compactMap { prototype -> Tensor? in
      let size = prototype.type.shape[2]
      let answers = bands.filter {
        $0.shape.rank == 4 && $0.shape[2] >= size && $0.shape[3] >= size
      }
      .map { distance($0, prototype).min(over: [2, 3]) }
      guard let first = answers.first else { return nil }
      let least = answers.dropFirst().reduce(first) { minimum($0, $1) }
      return exp(-(least * sharpness))
    }
    return concat(parts, axis: 1)
  }

  /// `‖X − P‖²` per value at every place: `Σ X² − 2·Σ X·P + Σ P²`.
  private func distance(_ x: Tensor, _ prototype: Parameter) -> Tensor {
    let p = x.builder.read(prototype)
    let shape = p.shape
    let ones = x.builder.fill(1, TensorType(x.dtype, [1, shape[1], shape[2], shape[3]]))
    let own = square(p).sum(over: [1, 2, 3]).reshaped([1, shape[0], 1, 1])
    let sum = convolution(square(x), ones) - convolution(x, p) * 2 + own
    // Rounding may leave less than nothing.
    return relu(sum) * (1 / Double(shape[1] * shape[2] * shape[3]))
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard let features = features(complex(x)) else {
      return x.builder.refuse(
        "hmax", "sees pictures of at least 16×16, found \(x.type)", operands: [x])
    }
    return classifier(features)
  }
}
