import Striate

/// How far a measurement of steps has come, every few seconds.
final class StepProgress {
  private let output: OutputOptions
  private let clock = ContinuousClock()
  private var shown: ContinuousClock.Instant

  /// Says nothing where progress is not wanted.
  init(_ output: OutputOptions) {
    self.output = output
    shown = clock.now
  }

  /// Shows that so many of so many steps were made.
  func show(_ made: Int, _ of: Int, _ seconds: Double) {
    if made == 0 {
      // What is over at once needs no announcement.
      guard seconds * Double(of) > 2 else { return }
      let time = Numbers.fixed(seconds, seconds < 1 ? 2 : 1)
      output.note("a step takes \(time) s; \(Numbers.counted(of, "step")) to time")
      shown = clock.now
    } else if clock.now - shown > .seconds(5), made < of {
      output.note(
        "step \(made) of \(of), about \(Numbers.clock(seconds * Double(of - made))) to go")
      shown = clock.now
    }
  }
}
