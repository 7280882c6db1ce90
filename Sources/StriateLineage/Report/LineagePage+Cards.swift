import StriateCore
import StriateData
import StriateFormats

extension LineagePage {
  /// A card a member: the paper's figure, ours, the gap, what differs, and what it sees and mistakes.
  var cards: String {
    report.rows.enumerated().map { place, row in card(place, row.0, row.1) }
      .joined(separator: "\n")
  }

  private func card(_ place: Int, _ member: LineageMember, _ outcome: MemberOutcome) -> String {
    let wall = report.gallery.walls[place]
    let error = Numbers.fixed((1 - outcome.accuracy) * 100, 2)
    var facts = [
      ("published", Markup.escaped(member.published?.text ?? "no rate")),
      (
        "here",
        "error \(error) % on \(Markup.escaped(report.data))\(member.status(outcome) == .trained ? "" : ", under-trained")"
      ),
    ]
    if let published = member.published {
      let gap = report.gap(outcome, published)
      let isSame = published.data == report.data.split(separator: "@").first.map(String.init)
      facts.append(
        (
          "gap",
          "\(gap < 0 ? "−" : "+")\(Numbers.fixed(abs(gap), 2)) points, on \(isSame ? "the same data" : "other data than the paper's")"
        ))
    }
    facts.append(
      (
        "trained on",
        "\(Numbers.grouped(outcome.samples)) pictures × \(outcome.passes), \(Numbers.fixed(outcome.seconds, 1)) s"
      ))
    facts.append(
      ("differs", member.deviations.map { Markup.escaped($0) }.joined(separator: "; ")))
    var parts = [
      "<h3>\(place + 1) · \(member.year) \(Markup.escaped(member.title))</h3>",
      "<dl>\(facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined())</dl>",
    ]
    if let filters = wall.filters {
      parts.append(
        "<p>First filters</p><img class=\"filters\" alt=\"The first layer's filters of "
          + "\(Markup.escaped(member.title))\" src=\"\(Self.source(filters))\">")
    }
    if !outcome.confusions.isEmpty {
      let names = report.gallery.classNames
      func name(_ label: Int) -> String {
        names.indices.contains(label) ? names[label] : "\(label)"
      }
      let items = outcome.confusions.enumerated().map { index, pair in
        let text =
          "\(name(pair.truth)) for \(name(pair.answer)), \(Numbers.counted(pair.count, "time"))"
        let exhibit = wall.confusions.indices.contains(index) ? wall.confusions[index] : nil
        return Self.item(exhibit, text)
      }
      parts.append("<p>Most often takes</p><ul class=\"shown\">\(items.joined())</ul>")
    }
    if place > 0 {
      let former = report.members[place - 1].title
      parts.append(
        "<p>Right where \(Markup.escaped(former)) was wrong: \(Numbers.counted(wall.gainedCount, "picture")); "
          + "the other way round: \(Numbers.grouped(wall.lostCount)).</p>")
      if !wall.gained.isEmpty {
        let items = wall.gained.map { Self.item($0, "\($0.truth), not \($0.answer)") }
        parts.append("<ul class=\"shown\">\(items.joined())</ul>")
      }
    }
    return "<div class=\"card\" id=\"\(member.id)\">\(parts.joined(separator: "\n"))</div>"
  }

  private static func item(_ exhibit: Gallery.Exhibit?, _ text: String) -> String {
    let image = exhibit.map {
      "<img alt=\"\(Markup.escaped("test picture \($0.index), \($0.truth)"))\" src=\"\(source($0.png))\">"
    }
    return "<li>\(image ?? "")\(Markup.escaped(text))</li>"
  }

  private static func source(_ png: [UInt8]) -> String {
    "data:image/png;base64,\(Base64.encoded(png))"
  }
}
