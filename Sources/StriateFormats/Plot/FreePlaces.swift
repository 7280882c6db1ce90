/// Places for marks of one size that would lie on each other: each at its point where nothing else is, else beside it.
struct FreePlaces {
  /// A place in a picture, in pixels.
  struct Place: Sendable, Hashable {
    var x: Double
    var y: Double

    func distance(to other: Place) -> Double {
      ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot()
    }
  }

  /// The radius of a mark.
  let radius: Double
  /// Where centres may lie.
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>

  /// The centres of the marks, in the order of their points; no two marks overlap as long as there is room.
  func centres(of points: [Place]) -> [Place] {
    var centres: [Place] = []
    for (index, point) in points.enumerated() {
      let others = points.enumerated().filter { $0.offset != index }.map(\.element)
      let free = candidates(around: point).filter { place in
        centres.allSatisfy { $0.distance(to: place) >= 2 * radius }
      }
      // It does not cover the points of others either, if it can.
      let clear = free.first { place in
        others.allSatisfy { $0.distance(to: place) >= radius }
      }
      centres.append(clear ?? free.first ?? point)
    }
    return centres
  }

  /// The point itself, then places on rings around it, the nearest first.
  private func candidates(around point: Place) -> [Place] {
    var found = [point]
    for ring in 1...8 {
      let distance = radius * (1 + Double(ring))
      for (right, up) in Self.directions {
        let place = Place(x: point.x + distance * right, y: point.y - distance * up)
        if x.contains(place.x), y.contains(place.y) { found.append(place) }
      }
    }
    return found
  }

  /// Sixteen directions, from above to both sides and down.
  private static let directions: [(Double, Double)] = {
    let (a, b, c) = (0.382683, 0.707107, 0.92388)
    return [
      (0, 1), (a, c), (-a, c), (b, b), (-b, b), (c, a), (-c, a), (1, 0), (-1, 0), (c, -a),
      (-c, -a), (b, -b), (-b, -b), (a, -c), (-a, -c), (0, -1),
    ]
  }()
}
