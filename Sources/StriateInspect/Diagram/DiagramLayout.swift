/// A diagram's boxes and frames with their places.
///
/// Each scope is laid out by itself, the innermost first; a value that crosses its frame does so at a port,
/// which is a place on the frame's upper or lower side. The columns stand side by side, the backward one
/// upside down: gradients flow up beside the layers that they belong to.
struct DiagramLayout {
  typealias Point = LayeredLayout.Point

  /// A rectangle.
  struct Rect {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  /// A piece of an edge.
  struct Line {
    var points: [Point]
    /// Whether it ends at a box.
    var hasArrow: Bool
    /// Whether it leads from column to column.
    var crosses: Bool
  }

  private(set) var boxes: [Rect?]
  private(set) var scopes: [Rect?]
  private(set) var lines: [Line] = []
  /// Where each column begins and how wide it is.
  private(set) var columns: [(column: Diagram.Column, x: Double, width: Double)] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  private let diagram: Diagram

  /// One end of an edge within a scope.
  private enum End: Hashable {
    case box(Int)
    /// A frame inside, with the box whose value crosses it.
    case scope(Int, value: Int)
    /// The scope's own frame.
    case entry(Int)
    case exit(Int)
  }

  private struct Part: Hashable {
    var from: End
    var to: End
  }

  /// A scope that has been laid out: what lies in it, from its corner on.
  private final class Frame {
    var width = 0.0
    var height = 0.0
    var entries: [Int: Double] = [:]
    var exits: [Int: Double] = [:]
    var boxes: [(Int, Point)] = []
    var frames: [(Int, Point, Frame)] = []
    var lines: [Line] = []
  }

  init(_ diagram: Diagram) {
    self.diagram = diagram
    boxes = [Rect?](repeating: nil, count: diagram.boxes.count)
    scopes = [Rect?](repeating: nil, count: diagram.scopes.count)
    var x = 0.0
    for column in [Diagram.Column.forward, .backward] {
      guard diagram.boxes.contains(where: { $0.column == column }) else { continue }
      let frame = layOut(nil, column, parts(of: column))
      let firstLine = lines.count
      place(frame, at: Point(x: x, y: 0), flip: column == .backward ? frame.height : nil)
      if column == .backward { standBesidePartners(linesFrom: firstLine) }
      columns.append((column, x, frame.width))
      height = max(height, frame.height)
      x += frame.width + Self.columnGap
    }
    placeUpdates(at: x)
    addCrossings()
    width = max((columns.last.map { $0.x + $0.width } ?? 0), 0)
    height = (boxes + scopes).compactMap { $0 }.map { $0.y + $0.height }.max() ?? 0
  }

  static let columnGap = 96.0
  private static let padding = 14.0
  private static let titleHeight = 24.0

  // MARK: Parts

  /// The edges of a column, cut at every frame that they cross, by the scope that each part lies in.
  private func parts(of column: Diagram.Column) -> [Int: [Part]] {
    var parts: [Int: [Part]] = [:]
    var known: [Int: Set<Part>] = [:]
    func add(_ part: Part, in scope: Int?) {
      let key = scope ?? -1
      if known[key, default: []].insert(part).inserted { parts[key, default: []].append(part) }
    }
    for edge in diagram.edges
    where diagram.boxes[edge.from].column == column && diagram.boxes[edge.to].column == column {
      let from = diagram.scopes(around: edge.from)
      let to = diagram.scopes(around: edge.to)
      let common = zip(from, to).prefix { $0 == $1 }.count
      var begin = End.box(edge.from)
      for scope in from.dropFirst(common).reversed() {
        add(Part(from: begin, to: .exit(edge.from)), in: scope)
        begin = .scope(scope, value: edge.from)
      }
      var end = End.box(edge.to)
      for scope in to.dropFirst(common).reversed() {
        add(Part(from: .entry(edge.from), to: end), in: scope)
        end = .scope(scope, value: edge.from)
      }
      add(Part(from: begin, to: end), in: common > 0 ? from[common - 1] : nil)
    }
    return parts
  }

  // MARK: Scopes

  private func layOut(_ scope: Int?, _ column: Diagram.Column, _ parts: [Int: [Part]]) -> Frame {
    let frame = Frame()
    let own = parts[scope ?? -1] ?? []
    let members = diagram.boxes.indices.filter {
      diagram.boxes[$0].scope == scope && diagram.boxes[$0].column == column
    }
    let inner = diagram.scopes.indices.filter {
      diagram.scopes[$0].parent == scope && diagram.scopes[$0].column == column
    }.map { ($0, layOut($0, column, parts)) }

    var vertices: [LayeredLayout.Vertex] = []
    var places: [End: Int] = [:]
    var frameVertices: [Int: Int] = [:]
    // In the order of the boxes, so that what comes first stands left.
    let items =
      members.map { (first: $0, box: Int?.some($0), frame: (Int, Frame)?.none) }
      + inner.map { (first: firstBox(in: $0.1), box: Int?.none, frame: (Int, Frame)?.some($0)) }
    for item in items.sorted(by: { $0.first < $1.first }) {
      if let box = item.box {
        let size = BoxText.size(diagram.boxes[box])
        places[.box(box)] = vertices.count
        vertices.append(.init(width: size.width, height: size.height))
      } else if let (number, inside) = item.frame {
        for value in inside.entries.keys.sorted() + inside.exits.keys.sorted() {
          places[.scope(number, value: value)] = vertices.count
        }
        frameVertices[number] = vertices.count
        vertices.append(.init(width: inside.width, height: inside.height))
      }
    }
    let itemCount = vertices.count
    for part in own {
      if case .entry = part.from, places[part.from] == nil {
        places[part.from] = vertices.count
        vertices.append(.init(pin: .top))
      }
      if case .exit = part.to, places[part.to] == nil {
        places[part.to] = vertices.count
        vertices.append(.init(pin: .bottom))
      }
    }
    let frames = Dictionary(uniqueKeysWithValues: inner)
    let edges = own.compactMap { part -> LayeredLayout.Edge? in
      guard let from = places[part.from], let to = places[part.to] else { return nil }
      return .init(
        from: from, to: to, fromX: port(part.from, frames, isBegin: true),
        toX: port(part.to, frames, isBegin: false))
    }
    let layout = LayeredLayout(
      vertices, edges, gap: column == .forward ? 30 : 26, spacing: itemCount > 40 ? 14 : 22)

    let isFramed = scope != nil
    let (left, top) =
      isFramed ? (Self.padding, column == .backward ? Self.padding : Self.titleHeight) : (0, 0)
    let title = scope.map { BoxText.width(diagram.scopes[$0].title, size: 11) + 20 } ?? 0
    frame.width = max(layout.width + 2 * left, title)
    frame.height = layout.height + (isFramed ? Self.padding + Self.titleHeight : 0)
    let shift = (frame.width - layout.width) / 2
    func moved(_ point: Point) -> Point { Point(x: point.x + shift, y: point.y + top) }
    for item in items {
      if let box = item.box, let vertex = places[.box(box)] {
        frame.boxes.append((box, moved(layout.corners[vertex])))
      } else if let (number, inside) = item.frame {
        guard let vertex = frameVertices[number] else { continue }
        frame.frames.append((number, moved(layout.corners[vertex]), inside))
      }
    }
    for part in own {
      if case .entry(let value) = part.from, let vertex = places[part.from] {
        frame.entries[value] = moved(layout.corners[vertex]).x
      }
      if case .exit(let value) = part.to, let vertex = places[part.to] {
        frame.exits[value] = moved(layout.corners[vertex]).x
      }
    }
    var route = 0
    for part in own where places[part.from] != nil && places[part.to] != nil {
      var points = layout.routes[route].map(moved)
      route += 1
      // Ports lie on the frame, not where its content begins.
      if case .entry = part.from, let first = points.first {
        points.insert(Point(x: first.x, y: 0), at: 0)
      }
      if case .exit = part.to, let last = points.last {
        points.append(Point(x: last.x, y: frame.height))
      }
      var hasArrow = false
      if case .box = part.to { hasArrow = true }
      frame.lines.append(Line(points: points, hasArrow: hasArrow, crosses: false))
    }
    return frame
  }

  private func firstBox(in frame: Frame) -> Int {
    let inner = frame.frames.map { firstBox(in: $0.2) }
    return (frame.boxes.map(\.0) + inner).min() ?? .max
  }

  /// Where on its item's upper or lower side an end lies.
  private func port(_ end: End, _ frames: [Int: Frame], isBegin: Bool) -> Double {
    switch end {
    case .box(let box): BoxText.size(diagram.boxes[box]).width / 2
    case .scope(let scope, let value):
      (isBegin ? frames[scope]?.exits[value] : frames[scope]?.entries[value]) ?? 0
    case .entry, .exit: 0
    }
  }

  // MARK: Places

  /// Puts a frame's content into the picture; `flip` is twice the height of the line that it is mirrored at.
  private mutating func place(_ frame: Frame, at corner: Point, flip: Double?) {
    func y(_ top: Double, _ height: Double) -> Double { flip.map { $0 - top - height } ?? top }
    for (box, point) in frame.boxes {
      let size = BoxText.size(diagram.boxes[box])
      boxes[box] = Rect(
        x: corner.x + point.x, y: y(corner.y + point.y, size.height), width: size.width,
        height: size.height)
    }
    for line in frame.lines {
      var line = line
      line.points = line.points.map { Point(x: $0.x + corner.x, y: y($0.y + corner.y, 0)) }
      lines.append(line)
    }
    for (scope, point, inside) in frame.frames {
      let inner = Point(x: corner.x + point.x, y: corner.y + point.y)
      scopes[scope] = Rect(
        x: inner.x, y: y(inner.y, inside.height), width: inside.width, height: inside.height)
      place(inside, at: inner, flip: flip)
    }
  }

  /// Moves the gradients down so that each stands beside what it is the gradient of, where the order allows.
  private mutating func standBesidePartners(linesFrom firstLine: Int) {
    var rows: [(top: Double, bottom: Double, wish: Double)] = []
    for box in diagram.boxes.indices.filter({ diagram.boxes[$0].column == .backward }).sorted(
      by: { (boxes[$0]?.y ?? 0, $0) < (boxes[$1]?.y ?? 0, $1) })
    {
      guard let rect = boxes[box] else { continue }
      let wish = diagram.boxes[box].partner.flatMap { boxes[$0] }.map { partner in
        partner.y + partner.height / 2 - rect.y - rect.height / 2
      }
      if let last = rows.indices.last, rows[last].bottom > rect.y {
        rows[last].bottom = max(rows[last].bottom, rect.y + rect.height)
        rows[last].wish = max(rows[last].wish, wish ?? 0)
      } else {
        rows.append((rect.y, rect.y + rect.height, wish ?? 0))
      }
    }
    // Distances only grow, so that nothing comes to lie on anything else.
    var shifts: [(y: Double, shift: Double)] = []
    for row in rows {
      let shift = max(row.wish, shifts.last?.shift ?? 0)
      shifts += [(row.top, shift), (row.bottom, shift)]
    }
    func moved(_ y: Double) -> Double {
      guard let first = shifts.first, let last = shifts.last else { return y }
      if y <= first.y { return y + first.shift }
      guard let next = shifts.firstIndex(where: { $0.y >= y }) else { return y + last.shift }
      let (a, b) = (shifts[next - 1], shifts[next])
      let share = b.y > a.y ? (y - a.y) / (b.y - a.y) : 1
      return y + a.shift + (b.shift - a.shift) * share
    }
    for box in diagram.boxes.indices where diagram.boxes[box].column == .backward {
      guard let rect = boxes[box] else { continue }
      boxes[box]?.y = moved(rect.y + rect.height / 2) - rect.height / 2
    }
    for scope in diagram.scopes.indices where diagram.scopes[scope].column == .backward {
      guard let rect = scopes[scope] else { continue }
      scopes[scope]?.y = moved(rect.y)
      scopes[scope]?.height = moved(rect.y + rect.height) - moved(rect.y)
    }
    for line in lines.indices.dropFirst(firstLine) {
      lines[line].points = lines[line].points.map { Point(x: $0.x, y: moved($0.y)) }
    }
  }

  /// Stacks the updates, each beside what it gets its gradients from.
  private mutating func placeUpdates(at x: Double) {
    let updates = diagram.boxes.indices.filter { diagram.boxes[$0].column == .update }
    guard !updates.isEmpty else { return }
    let wishes = updates.map { box -> (box: Int, y: Double) in
      let sources = diagram.edges.filter { $0.to == box }.compactMap { boxes[$0.from] }
      let mean = sources.reduce(0) { $0 + $1.y + $1.height / 2 } / Double(max(sources.count, 1))
      return (box, sources.isEmpty ? height : mean)
    }.sorted { ($0.y, $0.box) < ($1.y, $1.box) }
    let sizes = wishes.map { BoxText.size(diagram.boxes[$0.box]) }
    let tops = LayeredLayout.spread(
      zip(wishes, sizes).map { ($0.y - $1.height / 2, 1) }, sizes: sizes.map { $0.height + 10 })
    let widest = sizes.map(\.width).max() ?? 0
    for ((box, _), (size, top)) in zip(wishes, zip(sizes, tops)) {
      boxes[box] = Rect(x: x, y: top, width: widest, height: size.height)
    }
    columns.append((.update, x, widest))
  }

  /// The edges from column to column: from a box's side to another's.
  private mutating func addCrossings() {
    for edge in diagram.edges {
      guard diagram.boxes[edge.from].column != diagram.boxes[edge.to].column,
        let from = boxes[edge.from], let to = boxes[edge.to]
      else { continue }
      let rightward = from.x <= to.x
      let begin = Point(x: from.x + (rightward ? from.width : 0), y: from.y + from.height / 2)
      let end = Point(x: to.x + (rightward ? 0 : to.width), y: to.y + to.height / 2)
      lines.append(Line(points: [begin, end], hasArrow: true, crosses: true))
    }
  }
}

/// How much room texts take; letters are taken to be as wide as they are on average.
enum BoxText {
  static let titleSize = 12.5
  static let lineSize = 10.5

  static func width(_ text: String, size: Double) -> Double { Double(text.count) * size * 0.58 }

  static func size(_ box: Diagram.Box) -> (width: Double, height: Double) {
    let lines = box.lines.map { width($0, size: lineSize) }.max() ?? 0
    let widest = max(width(box.title, size: titleSize), lines)
    return (max(widest + 22, 46).rounded(), 24 + Double(box.lines.count) * 14)
  }
}
