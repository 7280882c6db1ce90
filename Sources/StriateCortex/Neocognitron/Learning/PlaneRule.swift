/// How the S-cells of a middle stage learn, without a teacher.
public enum PlaneRule: String, Sendable, Hashable, CaseIterable {
  /// Where something is seen and no cell answers, a plane is added that has learned just that, and stays as it is
  /// (Fukushima, Neural Networks 40, 2013, section 2.3).
  case addIfSilent = "add-if-silent"
  /// Besides, of every place the strongest cell's plane learns what its cell sees (Fukushima, Neurocomputing 51, 2003).
  case competitive
  /// Besides, the other planes that answer there are removed: winner-kill-loser (Fukushima, Neural Networks 23, 2010).
  case winnerKillLoser = "winner-kill-loser"
}

/// What the cells of a stage answer to one picture, as the host looks for those to learn from.
struct StageAnswers {
  /// The likenesses, `[planes, rows, columns]`.
  let likeness: [Float]
  /// What the inhibiting cells answer, `[rows, columns]`: how much is seen at all.
  let seen: [Float]
  let planes: Int
  let rows: Int
  let columns: Int

  /// A cell.
  struct Cell: Hashable {
    var plane: Int
    var place: Int
  }

  /// Places at which less than this share of the most is seen are not learned from.
  private static let least: Float = 0.1

  /// The place at which most is seen among those where no cell is more alike than a threshold; nil where there is none.
  func silentPlace(_ threshold: Float) -> Int? {
    let floor = Self.least * (seen.max() ?? 0)
    guard floor > 0 else { return nil }
    var best = best().likeness
    for place in best.indices where seen[place] <= floor || best[place] > threshold {
      best[place] = .infinity
    }
    return seen.indices.filter { best[$0] < .infinity }.max { seen[$0] < seen[$1] }
  }

  /// Among the places at which at least half of the most is seen, the one where the most alike cell is least so.
  func leastAlike() -> (place: Int, likeness: Float)? {
    let most = seen.max() ?? 0
    guard most > 0 else { return nil }
    let best = best().likeness
    let places = seen.indices.filter { seen[$0] >= most / 2 }
    // Of equals the one at which most is seen.
    let place = places.min { (best[$0], -seen[$0]) < (best[$1], -seen[$1]) }
    return place.map { ($0, best[$0]) }
  }

  /// Of each plane at most one cell: the strongest where it wins among all planes within a distance.
  func winners(above threshold: Float, distance: Int) -> [Cell] {
    var (likeness, plane) = best()
    let floor = Self.least * (seen.max() ?? 0)
    for place in likeness.indices where seen[place] <= floor { likeness[place] = 0 }
    var found: [Cell] = []
    var used: Set<Int> = []
    while let place = likeness.indices.max(by: { likeness[$0] < likeness[$1] }),
      likeness[place] > threshold
    {
      if used.insert(plane[place]).inserted {
        found.append(Cell(plane: plane[place], place: place))
      }
      for other in likeness.indices where isNear(place, other, distance) { likeness[other] = 0 }
    }
    return found
  }

  /// The planes besides a winner's own that are more alike than a threshold to what it sees.
  func losers(to winner: Cell, above threshold: Float) -> [Int] {
    (0..<planes).filter {
      $0 != winner.plane && likeness[$0 * seen.count + winner.place] > threshold
    }
  }

  private func isNear(_ a: Int, _ b: Int, _ distance: Int) -> Bool {
    abs(a / columns - b / columns) <= distance && abs(a % columns - b % columns) <= distance
  }

  /// Of every place the greatest likeness and the plane that it is of.
  private func best() -> (likeness: [Float], plane: [Int]) {
    var values = [Float](repeating: 0, count: seen.count)
    var owners = [Int](repeating: 0, count: seen.count)
    for plane in 0..<planes {
      let start = plane * seen.count
      for place in seen.indices where likeness[start + place] > values[place] {
        (values[place], owners[place]) = (likeness[start + place], plane)
      }
    }
    return (values, owners)
  }
}
