import StriateCore

/// Some images of many with their masks.
public struct MaskedSelection: Sendable {
  /// The images.
  public let images: MaskedImages
  /// Those that are meant, by number.
  public let indices: [Int]

  /// All images.
  init(_ images: MaskedImages) { self.init(images, Array(0..<images.count)) }

  /// The images of these numbers.
  init(_ images: MaskedImages, _ indices: [Int]) { (self.images, self.indices) = (images, indices) }

  /// The pairs in order.
  public var pairs: [MaskedImages.Pair] { indices.map { images.pairs[$0] } }

  /// How many pixels there are of each class, and how many the masks have that show it, over the files as they are.
  ///
  /// - Throws: `DataError` naming the mask that cannot be read.
  public func pixels(classes: Int) throws(DataError) -> (pixels: [Int], area: [Int]) {
    var result = (
      pixels: [Int](repeating: 0, count: classes), area: [Int](repeating: 0, count: classes)
    )
    for index in indices {
      let counts = try images.mask(index).counts.filter {
        Int($0.label) != images.ignoring && Int($0.label) < classes
      }
      let all = counts.reduce(0) { $0 + $1.pixels }
      for (label, pixels) in counts {
        result.pixels[Int(label)] += pixels
        result.area[Int(label)] += all
      }
    }
    return result
  }

  /// The names of the pairs' images from the data's folder on, in order of their bytes, with the masks' files.
  public var files: [(name: String, mask: String)] {
    let root = images.folder.hasSuffix("/") ? images.folder : images.folder + "/"
    return pairs.map { pair in
      (
        pair.image.hasPrefix(root) ? String(pair.image.dropFirst(root.count)) : pair.image,
        pair.mask
      )
    }.sorted { Folder.precedes($0.0, $1.0) }
  }
}
