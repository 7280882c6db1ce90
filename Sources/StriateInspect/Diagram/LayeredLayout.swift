/// Places the vertices of a directed graph in layers, so that edges lead down and cross little.
///
/// Layers by longest paths, long edges through places of their own, orders by barycentre sweeps, places
/// across by least squares under the least distances.
/// Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981.
struct LayeredLayout {
  /// Where a vertex has to stand.
  enum Pin { case free, top, bottom }

  /// Something with an extent.
  struct Vertex {
    var width = 0.0
    var height = 0.0
    var pin = Pin.free
  }

  /// An edge between two vertices, with the places of its ends from their left sides.
  struct Edge {
    var from: Int
    var to: Int
    var fromX: Double
    var toX: Double
  }

  struct Point {
    var x: Double
    var y: Double
  }

  /// The upper left corner of each vertex.
  private(set) var corners: [Point] = []
  /// The points that each edge leads through, from its begin to its end.
  private(set) var routes: [[Point]] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  private var vertices: [Vertex]
  private let edges: [Edge]
  private let real: Int
  private var ranks: [Int] = []
  private var rows: [[Int]] = []
  /// The vertices that each edge leads through, from above to below.
  private var chains: [[Int]] = []
  private var segments: [Segment] = []
  private var x: [Double] = []

  /// A part of an edge between neighbouring layers.
  private struct Segment {
    var upper: Int
    var lower: Int
    var upperX: Double
    var lowerX: Double
    var weight: Double
  }

  /// Lays out a graph.
  ///
  /// - Parameters:
  ///   - gap: the distance between layers.
  ///   - spacing: the least distance between neighbours in a layer.
  init(_ vertices: [Vertex], _ edges: [Edge], gap: Double, spacing: Double) {
    self.vertices = vertices
    self.edges = edges
    real = vertices.count
    let order = topologicalOrder()
    rank(order)
    insertDummies(order)
    arrange(order)
    placeAcross(spacing)
    placeDown(gap)
  }

  // MARK: Layers

  /// The vertices so that edges lead forward; where they cannot, because they form a circle, the vertex with
  /// the lowest number is taken first.
  private func topologicalOrder() -> [Int] {
    var missing = [Int](repeating: 0, count: real)
    var next = [[Int]](repeating: [], count: real)
    for edge in edges where edge.from != edge.to {
      missing[edge.to] += 1
      next[edge.from].append(edge.to)
    }
    var isDone = [Bool](repeating: false, count: real)
    var order: [Int] = []
    while order.count < real {
      let open = isDone.indices.filter { !isDone[$0] }
      guard let vertex = open.first(where: { missing[$0] == 0 }) ?? open.first else { break }
      isDone[vertex] = true
      order.append(vertex)
      for target in next[vertex] { missing[target] -= 1 }
    }
    return order
  }

  private mutating func rank(_ order: [Int]) {
    var place = [Int](repeating: 0, count: real)
    for (index, vertex) in order.enumerated() { place[vertex] = index }
    let hasTop = vertices.contains { $0.pin == .top }
    ranks = vertices.map { $0.pin == .top || !hasTop ? 0 : 1 }
    let down = edges.filter { $0.from != $0.to }.map { edge in
      place[edge.from] < place[edge.to] ? (edge.from, edge.to) : (edge.to, edge.from)
    }
    var outgoing = [[Int]](repeating: [], count: real)
    var hasIncoming = [Bool](repeating: false, count: real)
    for (from, to) in down {
      outgoing[from].append(to)
      hasIncoming[to] = true
    }
    for vertex in order {
      for target in outgoing[vertex] { ranks[target] = max(ranks[target], ranks[vertex] + 1) }
    }
    // What nothing leads to stands just above what it leads to.
    for vertex in order where !hasIncoming[vertex] && vertices[vertex].pin == .free {
      if let nearest = outgoing[vertex].map({ ranks[$0] }).min() { ranks[vertex] = nearest - 1 }
    }
    let free = vertices.indices.filter { vertices[$0].pin != .bottom }.map { ranks[$0] }.max() ?? -1
    for vertex in vertices.indices where vertices[vertex].pin == .bottom {
      ranks[vertex] = free + 1
    }
  }

  private mutating func insertDummies(_ order: [Int]) {
    for edge in edges {
      let isDown = ranks[edge.from] <= ranks[edge.to]
      let (upper, lower) = isDown ? (edge.from, edge.to) : (edge.to, edge.from)
      let (upperX, lowerX) = isDown ? (edge.fromX, edge.toX) : (edge.toX, edge.fromX)
      var chain = [upper]
      for rank in stride(from: ranks[upper] + 1, to: ranks[lower], by: 1) {
        chain.append(vertices.count)
        vertices.append(Vertex())
        ranks.append(rank)
      }
      chain.append(lower)
      chains.append(chain)
      for (a, b) in zip(chain, chain.dropFirst()) {
        let dummies = (a >= real ? 1 : 0) + (b >= real ? 1 : 0)
        segments.append(
          Segment(
            upper: a, lower: b, upperX: a < real ? upperX : 0, lowerX: b < real ? lowerX : 0,
            weight: [8, 1, 4][dummies]))
      }
    }
    rows = [[Int]](repeating: [], count: (ranks.max() ?? -1) + 1)
    for vertex in order + vertices.indices.dropFirst(real) { rows[ranks[vertex]].append(vertex) }
  }

  // MARK: Orders

  private mutating func arrange(_ order: [Int]) {
    var above = [[(Int, Double)]](repeating: [], count: vertices.count)
    var below = above
    for segment in segments {
      above[segment.lower].append((segment.upper, share(segment.upperX, segment.upper)))
      below[segment.upper].append((segment.lower, share(segment.lowerX, segment.lower)))
    }
    var best = rows
    var least = crossings(rows)
    for sweep in 0..<8 where least > 0 {
      let downward = sweep % 2 == 0
      let indices = downward ? Array(rows.indices) : rows.indices.reversed()
      for row in indices { sort(row, by: downward ? above : below) }
      let count = crossings(rows)
      if count < least { (best, least) = (rows, count) }
    }
    rows = best
  }

  /// Where on a vertex's side a port lies, from 0 to 1.
  private func share(_ port: Double, _ vertex: Int) -> Double {
    vertices[vertex].width > 0 ? port / vertices[vertex].width : 0.5
  }

  private mutating func sort(_ row: Int, by neighbours: [[(Int, Double)]]) {
    var place = [Int](repeating: 0, count: vertices.count)
    for row in rows { for (index, vertex) in row.enumerated() { place[vertex] = index } }
    let keys = rows[row].enumerated().map { index, vertex -> (Double, Int, Int) in
      let near = neighbours[vertex]
      if near.isEmpty { return (Double(index), index, vertex) }
      let mean = near.reduce(0) { $0 + Double(place[$1.0]) + $1.1 } / Double(near.count)
      return (mean, index, vertex)
    }
    rows[row] = keys.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  private func crossings(_ rows: [[Int]]) -> Int {
    var place = [Double](repeating: 0, count: vertices.count)
    for row in rows { for (index, vertex) in row.enumerated() { place[vertex] = Double(index) } }
    var byRow = [[(Double, Double)]](repeating: [], count: rows.count)
    for segment in segments {
      byRow[ranks[segment.upper]].append(
        (
          place[segment.upper] + share(segment.upperX, segment.upper) * 0.9,
          place[segment.lower] + share(segment.lowerX, segment.lower) * 0.9
        ))
    }
    var count = 0
    for ends in byRow {
      for (index, a) in ends.enumerated() {
        for b in ends[(index + 1)...] where (a.0 - b.0) * (a.1 - b.1) < 0 { count += 1 }
      }
    }
    return count
  }

  // MARK: Places

  private mutating func placeAcross(_ spacing: Double) {
    x = [Double](repeating: 0, count: vertices.count)
    var above = [[Int]](repeating: [], count: vertices.count)
    var below = above
    for (index, segment) in segments.enumerated() {
      above[segment.lower].append(index)
      below[segment.upper].append(index)
    }
    for row in rows {
      var left = 0.0
      for vertex in row {
        x[vertex] = left
        left += vertices[vertex].width + spacing
      }
      for vertex in row { x[vertex] -= left / 2 }
    }
    for sweep in 0..<24 {
      let isDown = sweep % 2 == 0
      for row in isDown ? Array(rows.indices) : rows.indices.reversed() {
        let settles = sweep >= 20
        shift(rows[row], spacing) { vertex in
          (settles || isDown ? above[vertex] : []) + (settles || !isDown ? below[vertex] : [])
        }
      }
    }
    let left = vertices.indices.map { x[$0] }.min() ?? 0
    for vertex in vertices.indices { x[vertex] -= left }
    width = vertices.indices.map { x[$0] + vertices[$0].width }.max() ?? 0
  }

  private mutating func shift(_ row: [Int], _ spacing: Double, near: (Int) -> [Int]) {
    let wishes = row.map { vertex -> (Double, Double) in
      var sum = 0.0
      var weight = 0.0
      for index in near(vertex) {
        let segment = segments[index]
        let wish =
          segment.upper == vertex
          ? x[segment.lower] + segment.lowerX - segment.upperX
          : x[segment.upper] + segment.upperX - segment.lowerX
        sum += wish * segment.weight
        weight += segment.weight
      }
      return weight > 0 ? (sum / weight, weight) : (x[vertex], 0.05)
    }
    let sizes = row.map { vertices[$0].width + ($0 < real ? spacing : spacing * 0.7) }
    for (vertex, place) in zip(row, LayeredLayout.spread(wishes, sizes: sizes)) {
      x[vertex] = place
    }
  }

  /// The places nearest to wishes, by weighted squares, at which things of these sizes stand one after the
  /// other without touching (isotonic regression by pooling adjacent violators).
  static func spread(_ wishes: [(place: Double, weight: Double)], sizes: [Double]) -> [Double] {
    var blocks: [(sum: Double, weight: Double, count: Int)] = []
    var offset = 0.0
    var offsets: [Double] = []
    for (wish, size) in zip(wishes, sizes) {
      offsets.append(offset)
      var block = (sum: (wish.place - offset) * wish.weight, weight: wish.weight, count: 1)
      while let last = blocks.last, last.sum / last.weight >= block.sum / block.weight {
        block.sum += last.sum
        block.weight += last.weight
        block.count += last.count
        blocks.removeLast()
      }
      blocks.append(block)
      offset += size
    }
    let places = blocks.flatMap { [Double](repeating: $0.sum / $0.weight, count: $0.count) }
    return zip(places, offsets).map { $0 + $1 }
  }

  /// Whether a layer holds ports, which need less room around them.
  private func isPinned(_ row: [Int]) -> Bool { row.contains { vertices[$0].pin != .free } }

  private mutating func placeDown(_ gap: Double) {
    var tops: [Double] = []
    var heights: [Double] = []
    var y = 0.0
    for row in rows {
      let tallest = row.map { vertices[$0].height }.max() ?? 0
      tops.append(y)
      heights.append(tallest)
      y +=
        tallest
        + (isPinned(row) || isPinned(rows.indices.contains(tops.count) ? rows[tops.count] : [])
          ? gap * 0.55 : gap)
    }
    height = max((tops.last ?? 0) + (heights.last ?? 0), 0)
    corners = (0..<real).map { vertex in
      let rank = ranks[vertex]
      let y = tops[rank] + (heights[rank] - vertices[vertex].height) / 2
      return Point(x: x[vertex], y: y)
    }
    routes = zip(edges, chains).map { edge, chain in
      guard let upper = chain.first, let lower = chain.last else { return [] }
      let isDown = upper == edge.from
      let begin = x[upper] + (isDown ? edge.fromX : edge.toX)
      let end = x[lower] + (isDown ? edge.toX : edge.fromX)
      var points = [Point(x: begin, y: corners[upper].y + vertices[upper].height)]
      points.append(Point(x: begin, y: tops[ranks[upper]] + heights[ranks[upper]]))
      for dummy in chain.dropFirst().dropLast() {
        points.append(Point(x: x[dummy], y: tops[ranks[dummy]]))
        points.append(Point(x: x[dummy], y: tops[ranks[dummy]] + heights[ranks[dummy]]))
      }
      points.append(Point(x: end, y: tops[ranks[lower]]))
      points.append(Point(x: end, y: corners[lower].y))
      return isDown ? points : points.reversed()
    }
  }
}
