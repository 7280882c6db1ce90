import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Shows a training on standard error: one line that rewrites itself on a terminal, plain lines elsewhere.
///
/// The line never wraps: as the terminal gets narrower its fields go, the least important first.
public final class ProgressLine {
  private let style: () -> TerminalStyle
  private let put: (String) -> Void
  private let clock = ContinuousClock()
  private var plan = RunPlan(epochs: 0, stepsPerEpoch: 0)
  private var first = 0
  private var begun: ContinuousClock.Instant
  private var shown: ContinuousClock.Instant?
  private var isOpen = false

  /// A display on standard error.
  public convenience init() {
    // Asked anew for each line: a terminal's width changes while a training runs.
    self.init(style: { .errors }) { text in
      // A closed or full standard error must not stop a training.
      try? Descriptor.append(Array(text.utf8), to: STDERR_FILENO)
    }
  }

  /// A display through a closure.
  package init(style: @escaping () -> TerminalStyle, put: @escaping (String) -> Void) {
    self.style = style
    self.put = put
    begun = clock.now
  }

  deinit { if isOpen { put("\n") } }

  /// Shows an event.
  public func show(_ event: TrainingEvent) {
    switch event {
    case .started(let plan, let after):
      self.plan = plan
      first = after
      begun = clock.now
      if after > 0, after >= plan.totalSteps {
        line("the run is finished: all its \(Numbers.counted(plan.epochs, "epoch")) were made")
      } else if after > 0 {
        line("resuming after step \(after) of \(plan.totalSteps)")
      }
    case .stepped(let report):
      let style = style()
      let now = clock.now
      if now - (shown ?? begun) < (style.isTerminal ? .milliseconds(100) : .seconds(10)) { return }
      shown = now
      let text = text(style).step(
        epoch: report.epoch, position: report.position, totals: report.epochTotals,
        speed: report.imagesPerSecond, remaining: remaining(report.step))
      style.isTerminal ? rewrite(text) : line(text)
    case .epoch(let report):
      line(
        text(style()).epoch(
          report.epoch, train: report.train, test: report.test, averaged: report.averaged,
          isBest: report.isBest, chosen: report.chosen, speed: report.imagesPerSecond))
    case .logged, .tested, .weights, .saved, .ended: break
    case .warning(let message): line("\(style().paint("warning:", .notice)) \(message)")
    case .stopped(let reason): line("stopped: \(reason)")
    }
  }

  /// Ends the line that rewrites itself.
  public func finish() {
    if isOpen { put("\r\u{1B}[K") }
    isOpen = false
  }

  private func text(_ style: TerminalStyle) -> ProgressText {
    ProgressText(
      epochs: plan.epochs, stepsPerEpoch: plan.stepsPerEpoch, isHeldOut: plan.isHeldOut,
      metric: plan.metric, style: style)
  }

  /// The seconds that the rest of the run takes at the speed so far; nil where that is not known.
  private func remaining(_ step: Int) -> Double? {
    let made = step - first
    guard made > 0 else { return nil }
    return (clock.now - begun).seconds / Double(made) * Double(max(plan.totalSteps - step, 0))
  }

  private func rewrite(_ text: String) {
    put("\r\(text)\u{1B}[K")
    isOpen = true
  }

  private func line(_ text: String) {
    finish()
    put(text + "\n")
  }
}

extension Duration {
  /// The seconds with their fraction.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
