/// The connected parts of a mask, numbered from 1; 0 is what belongs to none.
public struct Components: Sendable, Hashable {
  /// Which places touch.
  public enum Connectivity: Int, Sendable, Hashable, CaseIterable {
    /// Those that share an edge.
    case four = 4
    /// Those that share an edge or a corner.
    case eight = 8
  }

  /// The number of each place's part, rows first.
  public private(set) var labels: [Int32]
  /// How many parts there are.
  public private(set) var count = 0

  /// The parts of the places where a mask holds, in the order in which rows meet them.
  ///
  /// A mask that has not `width` places in every row has no parts.
  public init(of mask: [Bool], width: Int, connectivity: Connectivity = .four) {
    labels = [Int32](repeating: 0, count: mask.count)
    guard width >= 1, mask.count % width == 0 else { return }
    let height = mask.count / width
    var steps = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    if connectivity == .eight { steps += [(1, 1), (1, -1), (-1, 1), (-1, -1)] }
    var open: [Int] = []
    for start in mask.indices where mask[start] && labels[start] == 0 {
      count += 1
      let label = Int32(truncatingIfNeeded: count)
      labels[start] = label
      open.append(start)
      while let place = open.popLast() {
        let (row, column) = place.quotientAndRemainder(dividingBy: width)
        for (down, right) in steps {
          let (y, x) = (row + down, column + right)
          guard y >= 0, y < height, x >= 0, x < width else { continue }
          let next = y * width + x
          guard mask[next], labels[next] == 0 else { continue }
          labels[next] = label
          open.append(next)
        }
      }
    }
  }

  /// The places of each part, of part 1 first.
  public var areas: [Int] {
    var areas = [Int](repeating: 0, count: count)
    for label in labels where label > 0 { areas[Int(label) - 1] += 1 }
    return areas
  }
}
