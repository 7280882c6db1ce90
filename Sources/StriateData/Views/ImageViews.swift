import StriateCore

/// What of an image a network is shown in turn, its answers averaged over all of it: augmentation at test time.
///
/// ```swift
/// let views = try ImageViews("ten-crop")
/// ```
public enum ImageViews: Sendable, Hashable, CustomStringConvertible {
  /// The middle, once.
  case center
  /// The middle and its mirror image.
  case flip
  /// The four corners and the middle, and the same mirrored (Krizhevsky, Sutskever and Hinton, 2012, section 4.1).
  case tenCrop
  /// GoogLeNet's 144: at 4 scales 3 squares, of each the corners, the middle and all of it, and the same mirrored
  /// (Szegedy et al., "Going deeper with convolutions", 2015, section 7).
  case crops144
  /// The whole image, its shorter side as long as each of these, and the same mirrored; the network answers at every
  /// place (Simonyan and Zisserman, 2015, section 3.2). Without scales, the one that the preparation resizes to.
  case dense(scales: [Int])

  /// What can be given, for help and messages.
  public static let known = ["center", "flip", "ten-crop", "144-crop", "dense[:SCALE,…]"]

  /// Reads `center`, `flip`, `ten-crop`, `144-crop`, `dense` or `dense:256,384,512`.
  ///
  /// - Throws: `DataError` with what can be given.
  public init(_ text: String) throws(DataError) {
    switch text {
    case "center": self = .center
    case "flip": self = .flip
    case "ten-crop": self = .tenCrop
    case "144-crop": self = .crops144
    case "dense": self = .dense(scales: [])
    default:
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let numbers =
        parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
      let scales = numbers.compactMap { Int($0) }
      guard parts[0] == "dense", !scales.isEmpty, scales.count == numbers.count,
        scales.allSatisfy({ (1...8192).contains($0) })
      else {
        throw DataError(
          .invalidRequest,
          "there are no views '\(text)'; known: \(Self.known.joined(separator: ", ")), such as "
            + "dense:256,384,512")
      }
      self = .dense(scales: scales)
    }
  }

  /// The text that `init(_:)` reads.
  public var description: String {
    switch self {
    case .center: "center"
    case .flip: "flip"
    case .tenCrop: "ten-crop"
    case .crops144: "144-crop"
    case .dense(let scales):
      scales.isEmpty ? "dense" : "dense:" + scales.map(String.init).joined(separator: ",")
    }
  }

  /// Whether the network must answer at every place of images of any extent.
  public var isDense: Bool { if case .dense = self { true } else { false } }
}

/// How the views of a sample follow each other: groups of equal shape.
public struct ViewLayout: Sendable, Hashable {
  /// Views of one shape.
  public struct Group: Sendable, Hashable {
    /// How many there are.
    public var count: Int
    /// The shape of each, `[C, H, W]`.
    public var shape: Shape

    /// So many views of a shape.
    public init(count: Int, shape: Shape) { (self.count, self.shape) = (count, shape) }
  }

  /// The groups in their order.
  public let groups: [Group]
  /// Whether the network answers at every place of a view.
  public let isDense: Bool

  /// Groups in this order.
  public init(groups: [Group], isDense: Bool) { (self.groups, self.isDense) = (groups, isDense) }

  /// The number of views.
  public var count: Int { groups.reduce(0) { $0 + $1.count } }
  /// The number of values of all views.
  public var size: Int { groups.reduce(0) { $0 + $1.count * $1.shape.count } }
}
