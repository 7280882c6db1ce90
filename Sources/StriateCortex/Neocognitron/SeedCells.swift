/// The S-cells from which planes learn: of a picture at most one a plane.
///
/// In every column, a small window through all planes, the strongest cell is a candidate; of a plane's candidates the
/// strongest is its representative (Fukushima, 1980, section 3).
public enum SeedCells {
  /// A cell.
  public struct Cell: Sendable, Hashable {
    public var plane: Int
    public var row: Int
    public var column: Int

    /// A cell of a plane.
    public init(plane: Int, row: Int, column: Int) {
      (self.plane, self.row, self.column) = (plane, row, column)
    }
  }

  /// The representatives among answers `[planes, rows, columns]`; columns begin at every place.
  public static func find(
    _ answers: [Float], planes: Int, rows: Int, columns: Int, window: Int
  ) -> [Cell] {
    guard planes > 0, rows > 0, columns > 0, answers.count == planes * rows * columns else {
      return []
    }
    // Of each place the plane that answers most there.
    let area = rows * columns
    var best = [Float](repeating: 0, count: area)
    var winner = [Int](repeating: 0, count: area)
    for plane in 0..<planes {
      for place in 0..<area where answers[plane * area + place] > best[place] {
        (best[place], winner[place]) = (answers[plane * area + place], plane)
      }
    }
    var found: [Int: (value: Float, place: Int)] = [:]
    for top in 0...max(rows - window, 0) {
      for left in 0...max(columns - window, 0) {
        var (value, place): (Float, Int) = (0, -1)
        for row in top..<min(top + window, rows) {
          for column in left..<min(left + window, columns)
          where best[row * columns + column] > value {
            (value, place) = (best[row * columns + column], row * columns + column)
          }
        }
        guard place >= 0 else { continue }
        let plane = winner[place]
        if value > found[plane]?.value ?? 0 { found[plane] = (value, place) }
      }
    }
    return found.sorted { $0.key < $1.key }.map {
      Cell(plane: $0.key, row: $0.value.place / columns, column: $0.value.place % columns)
    }
  }
}
