import StriateCore
import StriateTestSupport
import StriateTraining
import Testing

@Suite struct ProgressTests {
  private func text(_ columns: Int, _ isTerminal: Bool) -> ProgressText {
    ProgressText(
      epochs: 120, stepsPerEpoch: 10_009,
      style: TerminalStyle(isTerminal: isTerminal, columns: columns, colors: .basic))
  }

  private let sums = StepMetrics(lossSum: 2.25, correct: 1, count: 2)

  private func step(_ columns: Int, isTerminal: Bool = true) -> String {
    text(columns, isTerminal).step(
      epoch: 21, position: 4_930, totals: sums, speed: 12_345.6, remaining: 86_399)
  }

  private func epoch(_ columns: Int, isTerminal: Bool = true) -> String {
    text(columns, isTerminal).epoch(21, train: sums, test: sums, isBest: true, speed: 12_345.6)
  }

  @Test func noLineIsWiderThanTheTerminal() {
    for columns in 1...200 {
      #expect(TerminalText.width(step(columns)) < max(columns, 1) || columns == 1)
      #expect(TerminalText.width(epoch(columns)) < max(columns, 1) || columns == 1)
    }
  }

  struct Case: Sendable {
    var columns: Int
    var has: [String]
    var lacks: [String]
  }

  @Test(arguments: [
    Case(
      columns: 120, has: ["21/120", "━", "49%", "1.125", "50.0%", "12346 images/s", "23:59:59"],
      lacks: []),
    Case(
      columns: 80, has: ["21/120", "49%", "loss 1.125", "acc 50.0%", "images/s", "ETA"],
      lacks: ["━"]),
    Case(
      columns: 60, has: ["21/120", "49%", "loss 1.125", "acc 50.0%", "ETA"], lacks: ["images/s"]),
    Case(columns: 44, has: ["21/120", "49%", "loss 1.125", "acc"], lacks: ["ETA"]),
    Case(columns: 40, has: ["21/120", "49%", "loss 1.125"], lacks: ["acc"]),
    Case(columns: 20, has: ["49%", "loss 1.125"], lacks: ["acc", "21/120"]),
  ])
  func theLeastImportantGoesFirst(_ row: Case) {
    let line = step(row.columns)
    for part in row.has { #expect(line.contains(part), "\(part) in \(line)") }
    for part in row.lacks { #expect(!line.contains(part), "\(part) in \(line)") }
  }

  @Test func plainLinesHoldEverything() {
    let line = step(20, isTerminal: false)
    for part in ["21/120", "49%", "1.125", "50.0%", "12346 images/s", "23:59:59"] {
      #expect(line.contains(part))
    }
    #expect(epoch(20, isTerminal: false).contains("test loss 1.1250 acc 50.00%"))
  }

  @Test func heldOutSamplesAreCalledThat() {
    let text = ProgressText(epochs: 3, stepsPerEpoch: 2, isHeldOut: true, style: TerminalStyle())
    let line = text.epoch(1, train: sums, test: sums, isBest: false, speed: 1)
    #expect(line.contains("held-out loss 1.1250 acc 50.00%") && !line.contains("test"))
  }

  @Test func eachEpochIsShownOnceAndTheLineIsRewritten() throws {
    nonisolated(unsafe) var drawn = ""
    let progress = ProgressLine(style: { TerminalStyle(isTerminal: true, columns: 40) }) {
      drawn += $0
    }
    let scratch = try Scratch()
    _ = try tinyTrainer { $0.observe = { progress.show($0) } }.run(in: scratch.run("run"))
    progress.show(.warning("careful"))
    for line in drawn.split(separator: "\n") {
      for part in line.split(separator: "\r") { #expect(TerminalText.width(String(part)) <= 40) }
    }
    #expect(drawn.split(separator: "\n").count == 4)
  }
}
