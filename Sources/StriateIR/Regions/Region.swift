import StriateCore

/// Positions along the spatial axes of a value `[N, C, …]`: a range an axis.
public struct Region: Sendable, Hashable, CustomStringConvertible {
  /// The positions along each spatial axis.
  public var axes: [Range<Int>]

  /// These positions.
  public init(_ axes: [Range<Int>]) { self.axes = axes }

  /// All positions of a shape `[N, C, …]`.
  public init(whole shape: Shape) { axes = shape.dims.dropFirst(2).map { 0..<max($0, 0) } }

  /// How many positions there are along each axis.
  public var extents: [Int] { axes.map(\.count) }

  /// Whether there is no position.
  public var isEmpty: Bool { axes.contains(where: \.isEmpty) }

  /// `4..<20 × 0..<16`.
  public var description: String { axes.map { "\($0)" }.joined(separator: " × ") }

  /// The smallest region that holds this one and another; an empty one holds nothing.
  func joined(_ other: Region) -> Region {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return Region(
      zip(axes, other.axes).map {
        min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
      })
  }

  /// The region moved by so many positions along each axis.
  func moved(by offset: [Int]) -> Region {
    Region(zip(axes, offset).map { ($0.lowerBound + $1)..<($0.upperBound + $1) })
  }

  /// Whether another region lies in this one.
  func contains(_ other: Region) -> Bool {
    other.isEmpty || zip(axes, other.axes).allSatisfy { $0.contains($1) }
  }
}

/// An operation of which one position of the result depends on the whole extent of its input.
public struct GlobalOperation: Error, Sendable, Hashable, CustomStringConvertible {
  /// The operation's name.
  public var op: String
  /// The layer that it stems from.
  public var path: String
  /// Why it is global.
  public var reason: String

  /// `resize_linear in classifier.4: its positions go by the image's extents`.
  public var description: String {
    "\(op)\(path.isEmpty ? "" : " in \(path)"): \(reason)"
  }
}
