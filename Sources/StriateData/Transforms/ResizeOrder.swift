/// Which side of an image is resampled first: the values between are rounded to bytes, so that it shows.
public enum ResizeOrder: String, Sendable, Hashable, CaseIterable {
  /// The width, then the height: Pillow up to 12.3, with which published weights were trained.
  case widthFirst = "width-first"
  /// As Pillow 13.0: the height first where rows are lost, and more than twice as many as columns.
  case pillow13 = "pillow-13"

  /// Whether the height comes first.
  ///
  /// - Parameter whole: the extent of the whole source, also where only a part of it is resized.
  func beginsWithHeight(from whole: ImageSize, to size: ImageSize) -> Bool {
    let (rows, columns) = (whole.height - size.height, whole.width - size.width)
    return self == .pillow13 && rows > 0 && rows > 2 * columns
  }
}
