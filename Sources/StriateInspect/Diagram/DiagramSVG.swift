import StriateFormats

/// Draws a laid out diagram as an SVG 1.1 picture that is light or dark as its reader is.
struct DiagramSVG {
  private let diagram: Diagram
  private let layout: DiagramLayout
  private var text = ""
  private let margin = 28.0
  private let head = 64.0

  private init(_ diagram: Diagram) {
    self.diagram = diagram
    layout = DiagramLayout(diagram)
  }

  /// The picture; the same bytes for the same diagram.
  static func draw(_ diagram: Diagram) -> String {
    var picture = DiagramSVG(diagram)
    picture.draw()
    return picture.text
  }

  private mutating func draw() {
    let heading = max(
      BoxText.width(diagram.title, size: 17), BoxText.width(diagram.subtitle, size: 12))
    let legend = Double(categories.count) * 96
    let width = max(layout.width, heading, min(legend, 600)) + 2 * margin
    let perRow = max(Int((width - 2 * margin) / 96), 1)
    let legendRows = (categories.count + perRow - 1) / perRow
    let height = head + layout.height + 2 * margin + Double(legendRows) * 20 + 22
    let size = "\(number(width)) \(number(height))"
    text += """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(number(width))" \
      height="\(number(height))" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif">
      <title>\(Markup.escaped(diagram.title))</title>
      <style>\(Self.style)</style>
      <defs>
      \(marker("arrow", "head"))
      \(marker("faint", "faint-head"))
      </defs>
      <rect class="paper" width="100%" height="100%"/>
      <text class="heading" x="\(number(margin))" y="30" font-size="17">\(Markup.escaped(diagram.title))</text>
      <text class="note" x="\(number(margin))" y="49" font-size="12">\(Markup.escaped(diagram.subtitle))</text>
      <g transform="translate(\(number((width - layout.width) / 2)) \(number(head + margin)))">

      """
    drawColumns()
    for rect in layout.scopes { drawScope(rect) }
    for line in layout.lines where line.crosses { draw(line) }
    for line in layout.lines where !line.crosses { draw(line) }
    for (scope, rect) in layout.scopes.enumerated() { drawName(scope, rect) }
    for (box, rect) in layout.boxes.enumerated() { draw(box, rect) }
    text += "</g>\n"
    drawLegend(at: height - Double(legendRows) * 20 - 10, perRow: perRow)
    text += "</svg>\n"
  }

  // MARK: Parts

  private mutating func drawColumns() {
    guard layout.columns.count > 1 else { return }
    let names = [
      Diagram.Column.forward: "forward ↓", .backward: "backward ↑", .update: "update",
    ]
    for (column, x, width) in layout.columns {
      text += """
        <text class="column" x="\(number(x + width / 2))" y="-12" font-size="13" \
        text-anchor="middle">\(names[column] ?? "")</text>

        """
    }
  }

  private mutating func drawScope(_ rect: DiagramLayout.Rect?) {
    guard let rect else { return }
    text += "<rect class=\"scope\" \(attributes(rect)) rx=\"9\"/>\n"
  }

  /// A frame's name, above the edges, which its halo keeps off.
  private mutating func drawName(_ scope: Int, _ rect: DiagramLayout.Rect?) {
    guard let rect else { return }
    let place = "x=\"\(number(rect.x + 10))\" y=\"\(number(rect.y + 15.5))\" font-size=\"11\""
    let name = Markup.escaped(diagram.scopes[scope].title)
    text += "<text class=\"halo\" \(place)>\(name)</text>"
    text += "<text class=\"scope-name\" \(place)>\(name)</text>\n"
  }

  private mutating func draw(_ line: DiagramLayout.Line) {
    guard let first = line.points.first else { return }
    var path = "M\(number(first.x)) \(number(first.y))"
    for (a, b) in zip(line.points, line.points.dropFirst()) {
      if a.x == b.x, !line.crosses {
        if a.y != b.y { path += "V\(number(b.y))" }
      } else if line.crosses {
        let middle = number((a.x + b.x) / 2)
        path += "C\(middle) \(number(a.y)) \(middle) \(number(b.y)) \(number(b.x)) \(number(b.y))"
      } else {
        let middle = number((a.y + b.y) / 2)
        path += "C\(number(a.x)) \(middle) \(number(b.x)) \(middle) \(number(b.x)) \(number(b.y))"
      }
    }
    let end = line.hasArrow ? " marker-end=\"url(#\(line.crosses ? "faint" : "arrow"))\"" : ""
    text += "<path class=\"\(line.crosses ? "crossing" : "edge")\" d=\"\(path)\"\(end)/>\n"
  }

  private mutating func draw(_ number: Int, _ rect: DiagramLayout.Rect?) {
    guard let rect else { return }
    let box = diagram.boxes[number]
    let middle = self.number(rect.x + rect.width / 2)
    let radius = box.category == .port ? rect.height / 2 : 5
    text +=
      "<g class=\"\(box.category.rawValue)\"><rect \(attributes(rect)) rx=\"\(self.number(radius))\"/>"
    text += """
      <text class="name" x="\(middle)" y="\(self.number(rect.y + 16.5))" \
      font-size="\(BoxText.titleSize)" text-anchor="middle">\(Markup.escaped(box.title))</text>
      """
    for (index, line) in box.lines.enumerated() {
      text += """
        <text class="detail" x="\(middle)" y="\(self.number(rect.y + 30.5 + Double(index) * 14))" \
        font-size="\(BoxText.lineSize)" text-anchor="middle">\(Markup.escaped(line))</text>
        """
    }
    text += "</g>\n"
    if !box.label.isEmpty, box.column != .update,
      diagram.edges.contains(where: { $0.from == number })
    {
      let below = box.column == .backward ? rect.y - 5 : rect.y + rect.height + 11
      text += """
        <text class="shape" x="\(self.number(rect.x + rect.width / 2 + 5))" \
        y="\(self.number(below))" font-size="9.5">\(Markup.escaped(box.label))</text>

        """
    }
  }

  private var categories: [Diagram.Category] {
    Diagram.Category.allCases.filter { category in
      diagram.boxes.contains { $0.category == category }
    }
  }

  private mutating func drawLegend(at y: Double, perRow: Int) {
    for (index, category) in categories.enumerated() {
      let x = margin + Double(index % perRow) * 96
      let y = y + Double(index / perRow) * 20
      text += """
        <g class="\(category.rawValue)"><rect x="\(number(x))" y="\(number(y - 10))" width="13" \
        height="13" rx="\(category == .port ? "6.5" : "3")"/></g>\
        <text class="note" x="\(number(x + 19))" y="\(number(y + 1))" \
        font-size="11">\(category == .port ? "in, out" : category.rawValue)</text>

        """
    }
  }

  private func marker(_ id: String, _ style: String) -> String {
    "<marker id=\"\(id)\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6.5\" "
      + "markerHeight=\"6.5\" orient=\"auto\"><path class=\"\(style)\" d=\"M0 0.8 L7.5 4 L0 7.2 Z\"/></marker>"
  }

  private func attributes(_ rect: DiagramLayout.Rect) -> String {
    "x=\"\(number(rect.x))\" y=\"\(number(rect.y))\" width=\"\(number(rect.width))\" "
      + "height=\"\(number(rect.height))\""
  }

  private func number(_ value: Double) -> String { Markup.number(value) }

  // MARK: Colours

  private static let style =
    colors(
      ink: "#1d2430", soft: "#5b6575", paper: "#ffffff", frame: "#8793a5", fill: "0.045",
      line: "#68748a",
      faint: "#b9a7cf",
      boxes: [
        "#f2f4f8 #8a94a6", "#d9e8fb #3f7fd0", "#e6ddfb #7c5cd0", "#d6f1ee #2b9c90",
        "#dbf2d9 #4a9d46",
        "#fdeecb #cf9a21", "#f4f0e6 #a79a78", "#fbdde3 #cf4d69", "#f8e0f3 #b6559f",
        "#e9ecef #8b95a0",
        "#fde3d0 #d97b30", "#e3edd4 #7f9a3d",
      ])
    + "@media (prefers-color-scheme: dark){"
    + colors(
      ink: "#e8ecf3", soft: "#9aa6b8", paper: "#14181f", frame: "#8c9bb3", fill: "0.07",
      line: "#8d9ab0", faint: "#6d5f86",
      boxes: [
        "#242a35 #77839a", "#1c3252 #5b9bea", "#30264f #9c80ee", "#123c39 #3fbcae",
        "#1c3b1e #63bb5f", "#45350f #e0ae3c", "#343024 #b5a985", "#4b1f2b #e56f88",
        "#43213c #d176bb", "#2b3037 #929ca8", "#4a2a12 #ee9450", "#2d3819 #a0bd58",
      ]) + "}"

  private static func colors(
    ink: String, soft: String, paper: String, frame: String, fill: String, line: String,
    faint: String, boxes: [String]
  ) -> String {
    let kinds = zip(Diagram.Category.allCases, boxes).map { category, colors in
      let pair = colors.split(separator: " ")
      return ".\(category.rawValue) rect{fill:\(pair[0]);stroke:\(pair[pair.count - 1])}"
    }.joined()
    return
      ".paper{fill:\(paper)}.heading,.name{fill:\(ink);font-weight:600}.heading{font-weight:700}"
      + ".note,.detail,.column,.scope-name{fill:\(soft)}.column{font-weight:600;letter-spacing:.04em}"
      + ".scope-name,.halo{font-weight:600}.halo{fill:none;stroke:\(paper);stroke-width:4px}.shape{fill:\(soft)}"
      + ".scope{fill:\(frame);fill-opacity:\(fill);stroke:\(frame);"
      + "stroke-opacity:.55;stroke-width:1px}.edge{fill:none;stroke:\(line);stroke-width:1.2px}"
      + ".crossing{fill:none;stroke:\(faint);stroke-width:1px;stroke-opacity:.75}"
      + ".head{fill:\(line)}.faint-head{fill:\(faint)}" + kinds
  }
}
