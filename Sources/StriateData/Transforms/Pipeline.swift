import StriateCore

/// Transforms one after the other, as a value that text describes and is read from.
///
/// ```swift
/// let pipeline = try Pipeline("random-resized-crop(scale=0.35..1),flip,color-jitter(0.4),cutout(8)")
/// ```
///
/// What blanks parts of the finished input (`cutout`, `random-erasing`) stands last.
public struct Pipeline: Sendable, Hashable, CustomStringConvertible {
  /// The transforms in their order.
  public let steps: [any Transform]

  /// No change at all.
  public static let none = Pipeline(steps: [])

  /// Transforms one after the other.
  public init(steps: [any Transform]) { self.steps = steps }

  /// The text that `init(_:)` reads: the transforms joined by commas; `none` where there are none.
  public var description: String {
    steps.isEmpty ? "none" : steps.map(\.description).joined(separator: ",")
  }

  /// Whether both do the same.
  public static func == (a: Pipeline, b: Pipeline) -> Bool { a.description == b.description }

  /// Hashes what it does.
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// Whether it takes images of any size; otherwise they must have the network's before.
  public var setsSize: Bool { steps.contains(where: \.setsSize) }

  /// The changed image, and the rectangles of the finished input that are blank.
  ///
  /// - Parameters:
  ///   - size: the extent that the network takes.
  ///   - random: the draws of the sample.
  /// - Throws: `DataError` where an extent makes no sense.
  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> (image: Image, blanks: [ImageRect]) {
    var image = image
    var blanks: [ImageRect] = []
    for step in steps {
      image = try step.apply(image, for: size, &random)
      blanks += step.blanks(in: size, &random)
    }
    return (image, blanks)
  }
}
