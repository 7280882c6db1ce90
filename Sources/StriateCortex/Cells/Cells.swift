import StriateCore
import StriateIR
import StriateNN

/// A cell of the visual cortex: movies of its field to its rate of firing, `[N, T, S, S]` → `[N, 1]`.
///
/// Hubel and Wiesel, "Receptive fields, binocular interaction and functional architecture in the cat's visual cortex",
/// J. Physiol. 160, 1962.
public protocol CorticalCell: Layer {
  /// Pictures that it looks back on.
  var frames: Int { get }
  /// The side of its field, in pixels.
  var size: Int { get }
}

/// A cell that answers with its filter's product with the picture: below zero too, as no real one does.
public struct LinearCell: CorticalCell {
  private let bank: FilterBank
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell with a filter.
  public init(_ gabor: Gabor, size: Int) { bank = FilterBank([gabor], size: size) }

  /// Maps `[N, 1, S, S]` to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor { bank(x) }
}

/// A simple cell: a filter and a half-wave rectifier, squared if wished: `[⟨G, I⟩]₊` or `[⟨G, I⟩]₊²` (Heeger, 1992).
public struct SimpleCell: CorticalCell {
  private let bank: FilterBank
  /// Whether the rectified answer is squared.
  public let isSquared: Bool
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell with a filter.
  public init(_ gabor: Gabor, size: Int, isSquared: Bool = false) {
    bank = FilterBank([gabor], size: size)
    self.isSquared = isSquared
  }

  /// Maps `[N, 1, S, S]` to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = relu(bank(x))
    return isSquared ? y * y : y
  }
}

/// A complex cell by energy: `⟨G₀, I⟩² + ⟨G₉₀, I⟩²`, whatever the phase (Adelson and Bergen, 1985).
public struct EnergyCell: CorticalCell {
  private let bank: FilterBank
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell whose two filters are a quarter of a wave apart.
  public init(_ gabor: Gabor, size: Int) {
    bank = FilterBank([gabor, gabor.shifted(by: .pi / 2)], size: size)
  }

  /// Maps `[N, 1, S, S]` to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = bank(x)
    return (y * y).sum(over: [1], keepingAxes: true)
  }
}

/// A complex cell as Hubel and Wiesel drew it: the greatest answer of simple cells of one orientation.
public struct PoolingCell: CorticalCell {
  private let bank: FilterBank
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell over simple cells of so many phases, evenly apart.
  public init(_ gabor: Gabor, phases: Int = 8, size: Int) {
    bank = FilterBank(
      (0..<max(phases, 1)).map {
        gabor.shifted(by: 2 * .pi * Double($0) / Double(max(phases, 1)))
      }, size: size)
  }

  /// Maps `[N, 1, S, S]` to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor { relu(bank(x)).max(over: [1], keepingAxes: true) }
}

/// A cell that answers one direction of motion: the energy of two filters that are tilted in space and time.
///
/// Even and odd filters in space times fast and slow ones in time: `(Se·T₃ + So·T₅)² + (So·T₃ − Se·T₅)²` (Adelson and
/// Bergen, "Spatiotemporal energy models for the perception of motion", 1985).
public struct MotionEnergyCell: CorticalCell {
  private let bank: FilterBank
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell that prefers motion in the filter's direction, or against it; `isSeparable` leaves the tilt away, so that it
  /// answers both alike.
  ///
  /// - Parameters:
  ///   - rate: the temporal filters' rate times the time of a picture.
  ///   - frames: pictures that it looks back on.
  public init(
    _ gabor: Gabor, size: Int, rate: Double = 0.5, frames: Int = 24, isReversed: Bool = false,
    isSeparable: Bool = false
  ) {
    let (even, odd) = (
      gabor.filter(size: size), gabor.shifted(by: .pi / 2).filter(size: size)
    )
    let fast = TemporalFilter(order: 3, rate: rate).weights(frames)
    let slow = TemporalFilter(order: 5, rate: rate).weights(frames)
    let sign = isReversed ? 1.0 : -1.0
    func tilted(_ a: [Double], _ b: [Double], _ sign: Double) -> [Double] {
      zip(fast, slow).flatMap { f, s in zip(a, b).map { $0 * f + sign * $1 * s } }
    }
    let filters =
      isSeparable
      ? [even, odd].map { space in fast.flatMap { f in space.map { $0 * f } } }
      : [tilted(even, odd, -sign), tilted(odd, even, sign)]
    bank = FilterBank(filters, frames: frames, size: size)
  }

  /// Maps `[N, T, S, S]`, the latest picture first, to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = bank(x)
    return (y * y).sum(over: [1], keepingAxes: true)
  }
}

/// A hypercomplex cell: what excites it in the middle less what inhibits it at both ends, `[E − k·I]₊`.
///
/// Hubel and Wiesel, "Receptive fields and functional architecture in two nonstriate visual areas of the cat",
/// J. Neurophysiol. 28, 1965. E and I are the roots of energies.
public struct EndStoppedCell: CorticalCell {
  private let bank: FilterBank
  /// How strongly the end zones inhibit; 0 leaves a complex cell.
  public let inhibition: Double
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell with end zones of the same filter, each moved across its direction, along its bars.
  ///
  /// - Parameter distance: how far, in pixels; by default three deviations.
  public init(_ gabor: Gabor, size: Int, inhibition: Double = 1, distance: Double? = nil) {
    let distance = distance ?? 3 * gabor.across
    var filters: [Gabor] = []
    for offset in [0, distance, -distance] {
      var moved = gabor
      moved.offset += offset
      filters += [moved, moved.shifted(by: .pi / 2)]
    }
    bank = FilterBank(filters, size: size)
    self.inhibition = inhibition
  }

  /// Maps `[N, 1, S, S]` to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = bank(x)
    if y.isPoisoned { return y }
    let energies = sqrt((y * y).reshaped([y.shape[0], 3, 2]).sum(over: [2]))
    let ends = energies.slice(axis: 1, from: 1).sum(over: [1], keepingAxes: true)
    return relu(energies.slice(axis: 1, to: 1) - ends * inhibition)
  }
}

/// A cell whose energy is divided by that of its neighbours of all orientations: `E/(s² + Σ E)`.
///
/// Heeger, "Normalization of cell responses in cat striate cortex", 1992. Contrast saturates, and a pattern across
/// inhibits.
public struct NormalizedCell: CorticalCell {
  private let bank: FilterBank
  /// The contrast s at which the answer is half of its greatest.
  public let semisaturation: Double
  private let count: Int
  public var frames: Int { bank.frames }
  public var size: Int { bank.size }

  /// A cell among so many orientations.
  public init(_ gabor: Gabor, orientations: Int = 8, size: Int, semisaturation: Double = 1) {
    count = max(orientations, 1)
    var filters: [Gabor] = []
    for index in 0..<count {
      var turned = gabor
      turned.direction += .pi * Double(index) / Double(count)
      filters += [turned, turned.shifted(by: .pi / 2)]
    }
    bank = FilterBank(filters, size: size)
    self.semisaturation = semisaturation
  }

  /// Maps `[N, 1, S, S]` to `[N, 1]`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = bank(x)
    if y.isPoisoned { return y }
    let energies = (y * y).reshaped([y.shape[0], count, 2]).sum(over: [2])
    let pool = energies.sum(over: [1], keepingAxes: true) + semisaturation * semisaturation
    return energies.slice(axis: 1, to: 1) / pool
  }
}
