import StriateCore
import StriateFormats

extension LineagePage {
  /// The committed figures of a long run over several seeds beside this one's; empty where there are none for these data.
  var longRun: String {
    guard let series = report.longRun else { return "" }
    let here = Dictionary(report.rows.map { ($0.id, $1) }, uniquingKeysWith: { first, _ in first })
    let heads = ["member", "here", "long run"] + series.seeds.map { "seed \($0)" }
    let rows = series.members.map { member -> [String] in
      let peers =
        member.isUnderTrained
        ? "under-trained" : series.peers(of: member).map(\.title).joined(separator: ", ")
      return [
        Markup.escaped(member.title),
        here[member.id].map { Numbers.fixed($0.accuracy * 100, 2) } ?? "–", member.text,
      ] + member.accuracies.map { Numbers.fixed($0 * 100, 2) } + [
        "<span class=\"peers\">\(Markup.escaped(peers))</span>"
      ]
    }
    let last = heads.count
    return """
      <p>Right answers in per cent, here and in a longer run that was made once: <code>\(Markup.escaped(series.source))</code>, \
      on \(Markup.escaped(series.library)), \(Markup.escaped(series.processor)); striate \(Markup.escaped(series.version)).</p>
      \(Self.table(heads + ["not told apart from"], rows, words: [0, last], isWrapped: true))
      <p>\(Markup.escaped(series.rule)) \(Markup.escaped(lead(series)))</p>
      """
  }

  /// Who is ahead in the long run, as far as its seeds allow to say it.
  private func lead(_ series: LineageSeries) -> String {
    let ranking = series.ranking
    guard let best = ranking.first, ranking.count > 1, series.seeds.count > 1 else { return "" }
    let peers = series.peers(of: best).map(\.title)
    let others = ranking.count - 1 - peers.count
    let than = others == 0 ? "no other" : Numbers.counted(others, "other")
    return "\(best.title) is right most often; with each seed it is ahead of \(than)"
      + (peers.isEmpty ? "." : ", and not told apart from \(peers.joined(separator: ", ")).")
  }
}
