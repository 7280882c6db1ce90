import StriateCore

/// A grid of images with a label under each, as for looking at predictions.
public struct ContactSheet: Sendable {
  /// An image and what is said about it.
  public struct Tile: Sendable {
    /// The image.
    public var image: Image
    /// The predicted label.
    public var prediction: String
    /// The true label; nil where it is not known.
    public var truth: String?

    /// A tile; its text is green where prediction and truth agree, red where not.
    public init(_ image: Image, prediction: String, truth: String? = nil) {
      self.image = image
      self.prediction = prediction
      self.truth = truth
    }
  }

  /// Tiles a row.
  public var columns: Int
  /// Pixels a side of the square that each image is fitted into.
  public var side: Int

  /// A sheet of this layout.
  public init(columns: Int = 8, side: Int = 84) {
    self.columns = min(max(columns, 1), 256)
    self.side = min(max(side, 16), 1024)
  }

  /// The sheet.
  ///
  /// - Throws: `DataError` where there is no tile, or the sheet would be too large.
  public func render(_ tiles: [Tile]) throws(DataError) -> Image {
    guard !tiles.isEmpty else {
      throw DataError(.invalidRequest, "a contact sheet needs at least one image")
    }
    let gap = 4
    let across = min(columns, tiles.count)
    let down = (tiles.count - 1) / across + 1
    let textHeight = 2 * (BitmapFont.height + 2)
    let cellWidth = side + gap
    let cellHeight = side + textHeight + gap
    var sheet = try Image(
      width: across * cellWidth + gap, height: down * cellHeight + gap, color: [255, 255, 255])
    for (index, tile) in tiles.enumerated() {
      let x = gap + index % across * cellWidth
      let y = gap + index / across * cellHeight
      try draw(tile.image, on: &sheet, x: x, y: y)
      let color: RGB =
        switch tile.truth {
        case nil: RGB(32, 32, 32)
        case tile.prediction: RGB(0, 112, 32)
        default: RGB(192, 0, 0)
        }
      BitmapFont.draw(tile.prediction, on: &sheet, x: x, y: y + side + 2, width: side, color)
      if let truth = tile.truth, truth != tile.prediction {
        let below = y + side + 2 + BitmapFont.height + 2
        BitmapFont.draw(
          "is \(truth)", on: &sheet, x: x, y: below, width: side, RGB(32, 32, 32))
      }
    }
    return sheet
  }

  /// Draws an image into its square, its proportions kept; small ones are enlarged without smoothing.
  private func draw(_ image: Image, on sheet: inout Image, x: Int, y: Int) throws(DataError) {
    let largest = max(image.width, image.height)
    let factor = side / largest
    let width = factor > 0 ? image.width * factor : max(image.width * side / largest, 1)
    let height = factor > 0 ? image.height * factor : max(image.height * side / largest, 1)
    let fitted = factor > 0 ? image : try image.resized(width: width, height: height)
    let step = max(factor, 1)
    let left = x + (side - width) / 2
    let top = y + (side - height) / 2
    for row in 0..<height {
      for column in 0..<width {
        sheet.set(left + column, top + row, fitted.color(column / step, row / step))
      }
    }
  }
}
