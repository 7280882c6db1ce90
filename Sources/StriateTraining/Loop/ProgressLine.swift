#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Shows a training on standard error: one line that rewrites itself on a terminal, plain lines elsewhere.
public final class ProgressLine {
  private let isTerminal: Bool
  private let colors: Bool
  private let put: (String) -> Void
  private let clock = ContinuousClock()
  private var plan = RunPlan(epochs: 0, stepsPerEpoch: 0)
  private var first = 0
  private var begun: ContinuousClock.Instant
  private var shown: ContinuousClock.Instant?
  private var isOpen = false

  /// A display on standard error; `NO_COLOR` keeps it plain in colour.
  public convenience init() {
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isTerminal = isatty(STDERR_FILENO) == 1
    self.init(isTerminal: isTerminal, colors: isTerminal && !noColor) { text in
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let done = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        // A closed or full standard error must not stop a training.
        if done <= 0 { break }
        bytes = bytes.dropFirst(done)
      }
    }
  }

  /// A display through a closure.
  package init(isTerminal: Bool, colors: Bool, put: @escaping (String) -> Void) {
    self.isTerminal = isTerminal
    self.colors = colors
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
      if after > 0 { line("resuming after step \(after) of \(plan.totalSteps)") }
    case .stepped(let report):
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
      let now = clock.now
      if now - (shown ?? begun) < pause { return }
      shown = now
      isTerminal ? rewrite(text(report)) : line(text(report))
    case .epoch(let report): line(text(report))
    case .saved: break
    case .warning(let message): line("\(paint("warning:", "33")) \(message)")
    case .stopped(let reason): line("stopped: \(reason)")
    }
  }

  /// Ends the line that rewrites itself.
  public func finish() {
    if isOpen { put("\r\u{1B}[K") }
    isOpen = false
  }

  // MARK: Text

  private func text(_ report: StepReport) -> String {
    let share = report.position * 100 / max(plan.stepsPerEpoch, 1)
    let totals = report.epochTotals
    return "epoch \(report.epoch)/\(plan.epochs) \(bar(share)) \(share)%  "
      + "loss \(fixed(totals.loss, 3))  acc \(fixed(totals.accuracy * 100, 1))%  "
      + "\(Int(report.imagesPerSecond.rounded())) images/s  ETA \(remaining(report.step))"
  }

  private func text(_ report: EpochReport) -> String {
    let test =
      report.test.map { " · test loss \(fixed($0.loss, 4)) acc \(fixed($0.accuracy * 100, 2))%" }
      ?? ""
    let best = report.isBest && report.epoch > 1 ? paint(" best", "32") : ""
    return "epoch \(report.epoch)/\(plan.epochs)  train loss \(fixed(report.train.loss, 4)) "
      + "acc \(fixed(report.train.accuracy * 100, 2))%\(test)\(best)  "
      + "\(Int(report.imagesPerSecond.rounded())) images/s"
  }

  private func bar(_ share: Int) -> String {
    guard isTerminal else { return "" }
    let full = min(max(share / 5, 0), 20)
    let rest = String(repeating: "─", count: 20 - full)
    return paint(String(repeating: "━", count: full), "36") + rest
  }

  private func remaining(_ step: Int) -> String {
    let made = step - first
    guard made > 0 else { return "–" }
    let seconds =
      (clock.now - begun).seconds / Double(made) * Double(max(plan.totalSteps - step, 0))
    guard seconds.isFinite, seconds < 1e7 else { return "–" }
    let whole = Int(seconds.rounded(.up))
    let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
    let minutes = "\(two(whole / 60 % 60)):\(two(whole % 60))"
    return whole >= 3600 ? "\(whole / 3600):\(minutes)" : minutes
  }

  private func paint(_ text: String, _ code: String) -> String {
    colors && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
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

/// A number with this many decimals.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = Int64((abs(value) * scale).rounded())
  let whole = scaled / Int64(scale)
  let rest = String(scaled % Int64(scale))
  let sign = value < 0 && scaled != 0 ? "-" : ""
  if digits == 0 { return "\(sign)\(whole)" }
  return "\(sign)\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
}
