/// A wave under a Gaussian: `exp(−(x′²/2σx² + y′²/2σy²))·cos(2πx′/λ + φ)`, x′ along the direction, y′ across it.
///
/// Marčelja, "Mathematical description of the responses of simple cortical cells", 1980; Daugman, 1985. The mean is
/// subtracted, so that grey is answered with nothing, and the norm is one.
public struct Gabor: Sendable, Hashable {
  /// The direction of the wave, in radians; the cell prefers bars that stand across it.
  public var direction: Double
  /// The length λ of the wave, in pixels.
  public var wavelength: Double
  /// The phase φ: 0 is even, π/2 odd.
  public var phase: Double
  /// The deviation σx along the direction, in pixels.
  public var along: Double
  /// The deviation σy across the direction, in pixels.
  public var across: Double
  /// Where its middle is, in pixels across the direction from the middle of the field.
  public var offset: Double

  /// A wave of a bandwidth of one octave, its Gaussian twice as long across.
  public init(
    direction: Double, wavelength: Double, phase: Double = 0, along: Double? = nil,
    across: Double? = nil, offset: Double = 0
  ) {
    self.direction = direction
    self.wavelength = wavelength
    self.phase = phase
    self.along = along ?? 0.56 * wavelength
    self.across = across ?? 2 * (along ?? 0.56 * wavelength)
    self.offset = offset
  }

  /// The wave's spatial frequency, in periods a pixel.
  public var frequency: Double { 1 / wavelength }

  /// The same with another phase.
  public func shifted(by phase: Double) -> Gabor {
    var shifted = self
    shifted.phase += phase
    return shifted
  }

  /// The filter on a square, row by row from the top: no mean, a norm of one.
  public func filter(size: Int) -> [Double] {
    let middle = Double(size - 1) / 2
    let (c, s) = (Angle.cos(direction), Angle.sin(direction))
    var values: [Double] = []
    values.reserveCapacity(size * size)
    for row in 0..<size {
      for column in 0..<size {
        let (x, y) = (Double(column) - middle, middle - Double(row))
        let (u, v) = (x * c + y * s, y * c - x * s - offset)
        let envelope = Angle.exp(
          -(u * u / (2 * along * along) + v * v / (2 * across * across)))
        values.append(envelope * Angle.cos(2 * .pi * u / wavelength + phase))
      }
    }
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let centred = values.map { $0 - mean }
    let norm = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? centred.map { $0 / norm } : centred
  }
}
