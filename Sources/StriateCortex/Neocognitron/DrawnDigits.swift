import StriateCore

/// The digits 0 to 4 as strokes on 16×16 pixels, at any place: the first Neocognitron's own problem.
///
/// The paper's patterns are printed small; these are drawn after them.
public enum DrawnDigits {
  /// The side of a picture.
  public static let side = 16
  /// The number of digits.
  public static let count = 5
  /// The digits' strokes, `#` on nothing, each of nine rows of seven.
  static let drawings: [[String]] = [
    [
      "..###..", ".#...#.", "#.....#", "#.....#", "#.....#", "#.....#", "#.....#", ".#...#.",
      "..###..",
    ],
    [
      "...#...", "...#...", "...#...", "...#...", "...#...", "...#...", "...#...", "...#...",
      "...#...",
    ],
    [
      ".####..", "#....#.", "......#", ".....#.", "....#..", "...#...", "..#....", ".#.....",
      "#######",
    ],
    [
      "#######", ".....#.", "....#..", "...#...", "..###..", ".....#.", "......#", "#....#.",
      ".####..",
    ],
    [
      "....#..", "...##..", "..#.#..", ".#..#..", "#...#..", "#######", "....#..", "....#..",
      "....#..",
    ],
  ]

  /// A digit, moved from the middle by so many pixels to the right and down, `[1, 1, 16, 16]`.
  public static func picture(_ digit: Int, right: Int = 0, down: Int = 0) -> HostTensor {
    var pixels = [Float](repeating: 0, count: side * side)
    let rows = drawings[min(max(digit, 0), drawings.count - 1)]
    for (row, line) in rows.enumerated() {
      for (column, mark) in line.enumerated() where mark == "#" {
        let (y, x) = (row + (side - rows.count) / 2 + down, column + (side - 7) / 2 + right)
        if (0..<side).contains(y), (0..<side).contains(x) { pixels[y * side + x] = 1 }
      }
    }
    return (try? HostTensor(pixels, shape: [1, 1, side, side]))
      ?? HostTensor(zeros: TensorType(.float32, [1, 1, side, side]))
  }

  /// The thirty-five places: three pixels to either side, two up and down.
  public static let shifts: [(right: Int, down: Int)] = (-2...2).flatMap { down in
    (-3...3).map { ($0, down) }
  }
}
