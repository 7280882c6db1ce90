import StriateCore
import StriateCortex
import StriateIR
import StriateNN

/// Logits that are linear in the pixels, `[N, C, H, W]` → `[N, classes]`.
public struct LinearClassifier: Layer {
  let fc: Linear

  /// A classifier of pictures `[C, H, W]`.
  public init(classes: Int, input: Shape) {
    fc = Linear(in: max(input.count, 1), out: classes, weights: .glorot(), biases: .zeros)
  }

  public func forward(_ x: Tensor) -> Tensor { x.isPoisoned ? x : fc(x.flattened(from: 1)) }
}

/// The cells of the striate cortex with a linear read-out that learns: Gabor functions, the energy of pairs in quadrature,
/// and means over space.
///
/// Simple cells are convolutions with fixed filters of eight directions and two scales; complex cells
/// `√(even² + odd²)`, which hardly change as what they see moves by a fraction of the wave (Adelson and Bergen, 1985).
/// `[N, C, H, W]` → `[N, classes]`.
public struct GaborReadOut: Layer {
  /// Directions of the waves, over half the circle.
  static let directions = 8
  /// Wavelengths, in pixels.
  static let wavelengths = [4.0, 8.0]
  static let size = 9
  let pool = AvgPool2D(4, stride: 4)
  let fc: Linear

  /// A read-out for pictures `[C, H, W]`.
  public init(classes: Int, input: Shape) {
    let places = input.rank == 3 ? (input[1] / 4) * (input[2] / 4) : 0
    fc = Linear(
      in: Self.directions * Self.wavelengths.count * places, out: classes, weights: .glorot(),
      biases: .zeros)
  }

  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let grey = x.mean(over: [1], keepingAxes: true)
    guard let even = answers(grey, phase: 0), let odd = answers(grey, phase: .pi / 2) else {
      return x
    }
    let complex = sqrt(even * even + odd * odd + 1e-6)
    return fc(pool(complex).flattened(from: 1))
  }

  /// What simple cells of a phase answer, `[N, 16, H, W]`.
  private func answers(_ x: Tensor, phase: Double) -> Tensor? {
    let filters = Self.wavelengths.flatMap { wavelength in
      (0..<Self.directions).flatMap { index in
        Gabor(
          direction: .pi * Double(index) / Double(Self.directions), wavelength: wavelength,
          phase: phase
        ).filter(size: Self.size).map { Float($0) }
      }
    }
    let shape: Shape = [Self.directions * Self.wavelengths.count, 1, Self.size, Self.size]
    guard let values = try? HostTensor(filters, shape: shape) else { return nil }
    let border = [Self.size / 2, Self.size / 2]
    return convolution(
      x, x.builder.constant(values).converted(to: x.dtype), padLow: border, padHigh: border)
  }
}
