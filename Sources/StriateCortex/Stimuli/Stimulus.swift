/// What is shown to a cell: a picture that may change with time, grey values from 0 to 1, 0.5 in between.
///
/// Places are measured in pixels from the middle, x to the right and y upwards; directions are angles from x towards y, in
/// radians. A bar or grating that moves in direction d stands across it, in orientation d + π/2.
public protocol Stimulus: Sendable {
  /// The number of pictures.
  var frames: Int { get }
  /// The grey value at a place and a time, counted in pictures.
  func value(x: Double, y: Double, time: Int) -> Double
}

extension Stimulus {
  /// The picture at a time, row by row from the top; times before the first are of a stimulus that was there before.
  public func frame(_ time: Int, width: Int, height: Int) -> [Float] {
    let (middle, centre) = (Double(width - 1) / 2, Double(height - 1) / 2)
    var pixels: [Float] = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        pixels.append(
          Float(value(x: Double(column) - middle, y: centre - Double(row), time: time)))
      }
    }
    return pixels
  }
}

/// Nothing: grey everywhere, the answer to which is what a cell does by itself.
public struct Blank: Stimulus {
  public var frames: Int

  /// Grey pictures.
  public init(frames: Int = 1) { self.frames = frames }

  public func value(x: Double, y: Double, time: Int) -> Double { 0.5 }
}
