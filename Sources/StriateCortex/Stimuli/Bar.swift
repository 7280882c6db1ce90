/// A bright or dark bar on grey, flashed at a place or swept across the field.
public struct Bar: Stimulus {
  /// The direction that it moves in, in radians; it stands across it.
  public var direction: Double
  /// Its extent along the direction, in pixels.
  public var width: Double
  /// Its extent across the direction, in pixels.
  public var length: Double
  /// From −1, black, to 1, white.
  public var contrast: Double
  /// Where its middle is at the beginning and at the end, in pixels along the direction from the middle of the field.
  public var path: ClosedRange<Double>
  public var frames: Int

  /// A bar that is flashed at a place.
  public init(
    direction: Double, width: Double, length: Double, position: Double = 0, contrast: Double = 1
  ) {
    self.init(
      direction: direction, width: width, length: length, from: position, to: position,
      contrast: contrast, frames: 1)
  }

  /// A bar that moves from one place to another that is not before it.
  public init(
    direction: Double, width: Double, length: Double, from: Double, to: Double,
    contrast: Double = 1, frames: Int
  ) {
    self.direction = direction
    self.width = width
    self.length = length
    self.contrast = contrast
    path = from...max(from, to)
    self.frames = max(frames, 1)
  }

  public func value(x: Double, y: Double, time: Int) -> Double {
    let share = frames > 1 ? Double(time) / Double(frames - 1) : 0
    let middle = path.lowerBound + share * (path.upperBound - path.lowerBound)
    let (c, s) = (Angle.cos(direction), Angle.sin(direction))
    let inside =
      Self.cover(x * c + y * s - middle, width) * Self.cover(y * c - x * s, length)
    return 0.5 * (1 + contrast * inside)
  }

  /// How much of a pixel at a distance from the middle an extent covers.
  private static func cover(_ distance: Double, _ extent: Double) -> Double {
    let edge = extent / 2 - abs(distance) + 0.5
    return min(max(edge, 0), min(1, extent))
  }
}
