import StriateCore

/// The words of a training's progress, fitted to a width.
package struct ProgressText {
  /// A part of a line; where there is no room the greatest rank goes first.
  private struct Field {
    var text: String
    var rank: Int
  }

  private let epochs: Int
  private let stepsPerEpoch: Int
  private let isHeldOut: Bool
  private let metric: Metric?
  private let style: TerminalStyle

  package init(
    epochs: Int, stepsPerEpoch: Int, isHeldOut: Bool = false, metric: Metric? = .accuracy,
    style: TerminalStyle
  ) {
    self.metric = metric
    self.isHeldOut = isHeldOut
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.style = style
  }

  /// The line of a running epoch.
  ///
  /// - Parameters:
  ///   - epoch: the epoch, counted from 1.
  ///   - position: steps made in it.
  ///   - totals: the sums over the epoch so far.
  ///   - speed: samples a second.
  ///   - remaining: seconds to the end of the run.
  package func step(
    epoch number: Int, position: Int, totals: StepMetrics, speed: Double, remaining: Double?
  ) -> String {
    let share = Double(position) / Double(max(stepsPerEpoch, 1))
    return joined([
      Field(text: epoch(number), rank: 1),
      Field(text: style.isTerminal ? bar(share) : "", rank: 5),
      Field(text: "\(min(Int(share * 100), 100))%", rank: 0),
      Field(text: "loss \(Numbers.fixed(totals.loss, 3))", rank: 0),
      Field(text: measured(totals, digits: 1), rank: 2),
      Field(text: "\(Numbers.fixed(speed, 0)) images/s", rank: 4),
      Field(text: "ETA \(remaining.map(Numbers.clock) ?? "–")", rank: 3),
    ])
  }

  /// The line of a completed epoch.
  package func epoch(
    _ number: Int, train: StepMetrics, test: StepMetrics?, averaged: StepMetrics? = nil,
    isBest: Bool, chosen: ChosenWeights? = nil, speed: Double
  ) -> String {
    func measure(_ name: String, _ metrics: StepMetrics) -> String {
      let share = measured(metrics)
      return "\(name) loss \(Numbers.fixed(metrics.loss, 4))" + (share.isEmpty ? "" : " \(share)")
    }
    let main = (chosen == .average ? averaged : test) ?? train
    // With an average kept it is said also of the first test which of the two is the best.
    let words = chosen.map { "best: the \($0 == .average ? "average" : "weights")" } ?? "best"
    let best = isBest && (number > 1 || chosen != nil) ? style.paint(words, .good) : nil
    let speed = "\(Numbers.fixed(speed, 0)) images/s"
    let train = measure("train", train)
    let test = test.map { measure(isHeldOut ? "held-out" : "test", $0) }
    let averaged = averaged.map { measure("averaged", $0) }
    let number = epoch(number)
    let shown = measured(main)
    let share = shown.isEmpty ? "loss \(Numbers.fixed(main.loss, 4))" : shown
    return first([
      [number, train, test, averaged, best, speed], [number, train, test, averaged, best],
      [number, train, test, averaged], [number, test ?? train, averaged, best],
      [number, chosen == .average ? averaged : test ?? train, best],
      [number, chosen == .average ? averaged : test ?? train], [number, share], [share],
    ])
  }

  /// `acc 83.2%`; empty where the task measures nothing beside the loss, or not of these samples.
  private func measured(_ metrics: StepMetrics, digits: Int = 2) -> String {
    guard let metric, let number = metric.value(metrics) else { return "" }
    let text = metric.text(number, digits: digits)
    return "\(metric.label) \(text.filter { $0 != " " })"
  }

  private func epoch(_ number: Int) -> String { "epoch \(number)/\(epochs)" }

  /// The first line that the terminal has room for, else the last one, cut.
  private func first(_ lines: [[String?]]) -> String {
    let texts = lines.map { $0.compactMap { $0 }.joined(separator: "  ") }
    guard style.isTerminal else { return texts.first ?? "" }
    return texts.first { TerminalText.width($0) <= room }
      ?? TerminalText.fitted(texts.last ?? "", columns: room)
  }

  /// Fields with two spaces between; on a terminal only as many as it has room for.
  private func joined(_ fields: [Field]) -> String {
    let fields = fields.filter { !$0.text.isEmpty }
    let ranks = Set(fields.map(\.rank)).sorted(by: >)
    return first(
      ranks.map { rank in fields.filter { $0.rank <= rank }.map(\.text) })
  }

  /// The last column stays free: some terminals wrap as soon as it is filled.
  private var room: Int { style.columns - 1 }

  private func bar(_ share: Double) -> String {
    let width = style.columns < 100 ? 12 : 20
    let full = min(max(Int(share * Double(width)), 0), width)
    let (done, open) = style.isUnicode ? ("━", "─") : ("#", "-")
    return style.paint(String(repeating: done, count: full), .accent)
      + style.paint(String(repeating: open, count: width - full), .faint)
  }
}
