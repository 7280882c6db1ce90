import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// All members of a lineage at once: a board that rewrites itself on a terminal, a line a change elsewhere.
final class LineageBoard {
  private enum State {
    case waiting
    case training(share: Double, loss: Double?, speed: Double)
    case finished(MemberOutcome, isNew: Bool)
  }

  private let members: [LineageMember]
  private let isQuiet: Bool
  private let clock = ContinuousClock()
  private var states: [State]
  private var totalSteps = 1
  private var shown: ContinuousClock.Instant?
  private var lines = 0

  init(_ members: [LineageMember], isQuiet: Bool) {
    self.members = members
    self.isQuiet = isQuiet
    states = members.map { _ in .waiting }
  }

  /// Shows what happened.
  func show(_ event: Lineage.Event) {
    switch event {
    case .begun(let member, let place, let count, let plan):
      set(member, .training(share: 0, loss: nil, speed: 0))
      line(
        "\(place + 1) of \(count): \(member.title) (\(member.year)), "
          + "\(Numbers.counted(plan.samples, "picture")), "
          + Numbers.counted(plan.passes, "pass", "passes"))
    case .training(let member, let event): training(member, event)
    case .finished(let member, let outcome, let isNew):
      set(member, .finished(outcome, isNew: isNew))
      line(
        "\(member.title): \(Numbers.percent(outcome.accuracy))" + (isNew ? "" : ", from before"))
    }
  }

  /// Leaves the board as it stands.
  func finish() { lines = 0 }

  private func training(_ member: LineageMember, _ event: TrainingEvent) {
    switch event {
    case .started(let plan, _): totalSteps = max(plan.totalSteps, 1)
    case .stepped(let report):
      let totals = report.epochTotals
      set(
        member,
        .training(
          share: Double(report.step) / Double(totalSteps), loss: totals.loss,
          speed: report.imagesPerSecond))
      let now = clock.now
      let isTerminal = TerminalStyle.errors.isTerminal
      if let shown, now - shown < (isTerminal ? .milliseconds(200) : .seconds(20)) { return }
      shown = now
      if isTerminal { draw() } else { line(text(member)) }
    case .warning(let message): line("warning: \(message)")
    default: break
    }
  }

  private func set(_ member: LineageMember, _ state: State) {
    if let place = members.firstIndex(where: { $0.id == member.id }) { states[place] = state }
  }

  /// A line where lines stay; on a terminal the board tells it.
  private func line(_ text: String) {
    if TerminalStyle.errors.isTerminal { draw() } else { put("\(text)\n") }
  }

  private func draw() {
    var text = lines > 0 ? "\u{1B}[\(lines)A" : ""
    for member in members { text += "\r\(self.text(member))\u{1B}[K\n" }
    lines = members.count
    put(text)
  }

  private func text(_ member: LineageMember) -> String {
    guard let place = members.firstIndex(where: { $0.id == member.id }) else { return "" }
    let name = "\(member.year)  \(member.title)".padded(to: 42)
    switch states[place] {
    case .waiting: return "\(name) waits"
    case .training(let share, let loss, let speed):
      let bar = String(repeating: "━", count: Int(share * 20)).padded(to: 20)
      let rest = loss.map { "  loss \(Numbers.fixed($0, 3))  \(Numbers.fixed(speed, 0)) images/s" }
      return "\(name) \(bar) \(Numbers.fixed(share * 100, 0)) %\(rest ?? "")"
    case .finished(let outcome, let isNew):
      return "\(name) \(Numbers.percent(outcome.accuracy))"
        + (member.status(outcome) == .trained ? "" : "  under-trained")
        + (isNew ? "" : "  from before")
    }
  }

  private func put(_ text: String) {
    if isQuiet { return }
    // A closed standard error must not stop a training.
    try? Descriptor.append(Array(text.utf8), to: STDERR_FILENO)
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }
}
