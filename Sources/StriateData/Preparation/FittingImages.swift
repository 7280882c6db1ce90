import StriateCore

extension ImageDataset {
  /// Those of some images that can be prepared, told by their extents before any is; the others are left out with a
  /// line, or refuse the data.
  ///
  /// - Parameters:
  ///   - indices: the images that are asked for.
  ///   - refusal: why an image of an extent cannot be prepared; nil where it can.
  /// - Throws: `DataError` that names the images, where they are not to be left out or none remains; an image whose
  ///   extent cannot be read.
  func fitting(
    _ indices: [Int], badFiles: BadFiles, refusal: (ImageSize) -> String?
  ) throws -> (indices: [Int], left: [BadFile]) {
    var (kept, left): ([Int], [BadFile]) = ([], [])
    for index in indices {
      if let reason = refusal(try size(at: index)) {
        left.append(BadFile(name: name(at: index), reason: reason))
      } else {
        kept.append(index)
      }
    }
    guard let first = left.first, badFiles == .fail || kept.isEmpty else { return (kept, left) }
    throw ImageProbe.refusal(
      left, of: indices.count, "image", "cannot be prepared", path: first.name)
  }

  /// The line that says which images were left out.
  func note(leftOut left: [BadFile]) -> [String] {
    guard let first = left.first else { return [] }
    let others = left.count > 1 ? " and \(left.count - 1) more" : ""
    return ["left out what cannot be prepared: \(first)\(others)"]
  }
}

extension ImageSize {
  /// Why an image of another extent cannot become one of this; nil where it can.
  func refusal(from size: ImageSize) -> String? {
    guard Shape([width, height]).count > Image.pixelLimit else { return nil }
    return "\(size.width)×\(size.height) pixels would be resized to \(width)×\(height), more than "
      + "\(Image.pixelLimit) pixels"
  }
}

extension Pipeline {
  /// Whether an image may become larger by its own proportions.
  var keepsProportions: Bool {
    steps.contains { $0.largest(of: ImageSize(width: 1, height: 2)) != nil }
  }

  /// Why an image of an extent cannot be changed so, whatever is drawn; nil where it can.
  func refusal(of size: ImageSize) -> String? {
    var size = size
    for step in steps where step.setsSize {
      guard let largest = step.largest(of: size) else { return nil }
      if let reason = largest.refusal(from: size) { return reason }
      size = largest
    }
    return nil
  }
}

extension ImageViews {
  /// The values that a view of a whole image may have at most, as a multiple of the network's input: beyond it a
  /// view takes minutes.
  static let denseLimit = 256

  /// Why an image of an extent has no such views; nil where it has.
  func refusal(of size: ImageSize, _ preprocessing: Preprocessing) -> String? {
    let input = preprocessing.size
    switch self {
    case .center, .flip: return nil
    case .tenCrop:
      return size.shorterSide(preprocessing.resizeSize ?? input.width).refusal(from: size)
    case .crops144:
      return Self.scales(of: input).lazy.compactMap { size.shorterSide($0).refusal(from: size) }
        .first
    case .dense:
      for extent in extents(of: size, preprocessing) {
        if let reason = extent.refusal(from: size) { return reason }
        let share =
          Double(extent.width) * Double(extent.height) / Double(input.width * input.height)
        if share > Double(Self.denseLimit) {
          return
            "\(size.width)×\(size.height) pixels would be answered at \(extent.width)×\(extent.height), more than "
            + "\(Self.denseLimit) times the network's \(input.width)×\(input.height)"
        }
      }
      return nil
    }
  }

  /// Whether the extents of images decide what is made of them.
  var goesByExtents: Bool {
    switch self {
    case .center, .flip: false
    case .tenCrop, .crops144, .dense: true
    }
  }
}
