import StriateCore
import StriateFormats
import Testing

@Suite struct TextPlotTests {
  private var plot: LinePlot {
    var plot = LinePlot("Loss", x: "epoch", y: "loss")
    plot.add("train", (1...10).map { (Double($0), 1 / Double($0)) })
    plot.add("test", (1...10).map { (Double($0), 1.2 / Double($0) + 0.1) }, .marked)
    return plot
  }

  @Test func neverWiderThanAsked() {
    for width in 1...120 {
      for isUnicode in [true, false] {
        let style = TerminalStyle(colors: .basic, isUnicode: isUnicode)
        for line in plot.lines(width: width, height: 8, style: style) {
          #expect(TerminalText.width(line) <= width)
        }
      }
    }
  }

  @Test func curvesDifferWithoutColour() {
    let lines = plot.lines(width: 40, height: 8, style: TerminalStyle())
    #expect(lines.count == 11)
    let text = lines.joined(separator: "\n")
    #expect(!text.contains("\u{1B}"))
    // Each test point has its mark, and the legend one more.
    #expect((9...11).contains(text.filter { $0 == "●" }.count))
    #expect(text.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
    #expect(lines[0].contains("Loss") && lines[0].contains("train") && lines[0].contains("test"))
    let plain = plot.lines(width: 40, height: 8, style: TerminalStyle(isUnicode: false))
    #expect(plain.joined().allSatisfy { $0.isASCII })
    #expect(plain.joined().contains("o") && plain.joined().contains("."))
  }

  /// A falling line falls: its highest dot is at the left, its lowest at the right.
  @Test func aFallingLineFalls() throws {
    var plot = LinePlot("t", x: "x", y: "y")
    plot.add("s", [(0, 1), (1, 0)])
    let rows = plot.lines(width: 30, height: 6, style: TerminalStyle()).dropFirst().prefix(6)
    let places = rows.map { row in
      row.enumerated().filter {
        (0x2801...0x28FF).contains($0.element.unicodeScalars.first?.value ?? 0)
      }
      .map(\.offset)
    }
    #expect(places.allSatisfy { !$0.isEmpty })
    let ends = try places.map { (try #require($0.first), try #require($0.last)) }
    for (above, below) in zip(ends, ends.dropFirst()) {
      #expect(above.0 < below.0 && above.1 <= below.0)
    }
  }

  @Test func nothingAndSinglePointsAreDrawn() {
    let empty = LinePlot("t", x: "x", y: "y")
    #expect(empty.lines(width: 40, height: 5, style: TerminalStyle()) == ["t: nothing to show yet"])
    var single = LinePlot("t", x: "x", y: "y")
    single.add("s", [(3, 5)])
    #expect(single.lines(width: 40, height: 5, style: TerminalStyle()).count == 8)
  }
}
