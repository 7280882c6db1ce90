/// Sinusoidal stripes, standing or drifting: `½(1 + c·cos(2πf(x cos d + y sin d) − 2πwt + p))`.
public struct Grating: Stimulus {
  /// The direction d that it drifts in, in radians; its stripes stand across it.
  public var direction: Double
  /// Periods a pixel.
  public var frequency: Double
  /// Periods a picture; 0 stands still.
  public var temporalFrequency: Double
  /// The contrast c, from 0 to 1.
  public var contrast: Double
  /// The phase p at the beginning, in radians.
  public var phase: Double
  public var frames: Int

  /// Stripes that run through one period in so many pictures, or stand still where there is one.
  public init(
    direction: Double, frequency: Double, contrast: Double = 1, phase: Double = 0,
    temporalFrequency: Double? = nil, frames: Int = 1
  ) {
    self.direction = direction
    self.frequency = frequency
    self.contrast = contrast
    self.phase = phase
    self.frames = max(frames, 1)
    self.temporalFrequency = temporalFrequency ?? (frames > 1 ? 1 / Double(frames) : 0)
  }

  public func value(x: Double, y: Double, time: Int) -> Double {
    let along = x * Angle.cos(direction) + y * Angle.sin(direction)
    let turn = frequency * along - temporalFrequency * Double(time)
    return 0.5 * (1 + contrast * Angle.cos(2 * .pi * turn + phase))
  }
}
