import StriateCore

/// A whole number for every pixel: its class, or the instance that it belongs to; rows from the top.
public struct Mask: Sendable, Hashable {
  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The numbers.
  public let labels: [Int32]

  /// A mask of these numbers.
  ///
  /// - Throws: `DataError` where there are not width × height of them.
  public init(width: Int, height: Int, labels: [Int32]) throws(DataError) {
    try Image.check(width: width, height: height, channels: 1)
    guard labels.count == width * height else {
      throw DataError(
        .invalidRequest,
        "a mask of \(width)×\(height) has \(width * height) numbers, found \(labels.count)")
    }
    self.init(unchecked: width, height, labels)
  }

  init(unchecked width: Int, _ height: Int, _ labels: [Int32]) {
    self.width = width
    self.height = height
    self.labels = labels
  }

  /// The number of a pixel; nil outside the mask.
  public subscript(x: Int, y: Int) -> Int32? {
    0..<width ~= x && 0..<height ~= y ? labels[y * width + x] : nil
  }

  /// The numbers that occur, with how often, in their order.
  public var counts: [(label: Int32, pixels: Int)] {
    var counts: [Int32: Int] = [:]
    var place = 0
    while place < labels.count {
      let (label, start) = (labels[place], place)
      repeat { place += 1 } while place < labels.count && labels[place] == label
      counts[label, default: 0] += place - start
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Refuses a mask with numbers that are no class.
  ///
  /// - Throws: `DataError` naming the number, where it first stands, and how many pixels are like it.
  public func check(classes: Int, ignoring: Int? = nil) throws(DataError) {
    func isClass(_ label: Int32) -> Bool {
      0..<max(classes, 0) ~= Int(label) || ignoring.map { $0 == Int(label) } ?? false
    }
    guard let first = labels.firstIndex(where: { !isClass($0) }) else { return }
    let wrong = labels.count { !isClass($0) }
    throw DataError(
      .malformed,
      "the mask has the class \(labels[first]) at x \(first % width), y \(first / width), and \(wrong) "
        + "such pixels of \(labels.count); expected 0 to \(classes - 1)"
        + "\(ignoring.map { " or \($0), which is ignored" } ?? "")")
  }

  /// Refuses a mask that is not of an image's size.
  ///
  /// - Throws: `DataError` with both sizes.
  public func check(width: Int, height: Int) throws(DataError) {
    guard width == self.width, height == self.height else {
      throw DataError(
        .malformed,
        "the mask has \(self.width)×\(self.height) pixels, its image \(width)×\(height)")
    }
  }
}
