/// One number for each of an image's two axes: `3`, or `Pair(3, 5)` where they differ.
public struct Pair: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Along the rows' axis: the height.
  public var height: Int
  /// Along the columns' axis: the width.
  public var width: Int

  /// A number for height and one for width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// The same number for both axes.
  public init(_ both: Int) { self.init(both, both) }

  /// The same number for both axes.
  public init(integerLiteral value: Int) { self.init(value, value) }

  /// Height, then width.
  public var list: [Int] { [height, width] }

  /// `3×5`.
  public var description: String { "\(height)×\(width)" }
}
