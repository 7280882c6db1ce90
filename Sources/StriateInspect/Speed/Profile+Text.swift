import StriateCore
import StriateFormats
import StriateIR
import StriateRuntime

extension Profile {
  /// The profile as one JSON value.
  public func json(by grouping: Grouping) -> JSON {
    let rows = rows(by: grouping).map { row -> JSON in
      [
        "name": JSON(row.name), "phase": row.phase.map { JSON($0.rawValue) } ?? nil,
        "implementation": JSON(row.implementation), "output": row.output?.shape.json ?? nil,
        "calls": JSON(row.calls), "ms": JSON(row.milliseconds.rounded(6)),
        "share": JSON(row.share.rounded(6)), "macs": JSON(row.macs), "bytes": JSON(row.bytes),
        "gflops": row.gflops.map { JSON($0.rounded(2)) } ?? nil,
        "gb_per_sec": row.gigabytesPerSecond.map { JSON($0.rounded(2)) } ?? nil,
      ]
    }
    var phases = JSONObject()
    for (phase, time) in self.phases { phases[phase.rawValue] = JSON(time.rounded(6)) }
    return [
      "model": JSON(model), "mode": JSON(mode.rawValue), "device": JSON(device),
      "device_summary": JSON(deviceSummary), "threads": JSON(threads),
      "repeat": JSON(wholeSteps.count), "by": JSON(grouping.rawValue), "rows": .array(rows),
      "phases": .object(phases), "kernels": JSON(kernels.count),
      "step_ms": JSON(stepMilliseconds.rounded(6)),
      "kernels_ms": JSON(kernelMilliseconds.rounded(6)),
      "overhead_ms": JSON(overheadMilliseconds.rounded(6)),
    ]
  }

  /// The profile as a table of at most 80 columns.
  ///
  /// - Parameter limit: rows at most; what is left out is summed.
  public func text(by grouping: Grouping, limit: Int = 40) -> String {
    var table = TextTable(
      [
        (grouping == .layer ? "layer" : "kernel", .left), ("phase", .left), ("calls", .right),
        ("ms", .right), ("%", .right), ("GFLOP/s", .right), ("GB/s", .right),
        ("implementation", .left),
      ], columns: 80, shortening: [7, 0])
    let rows = rows(by: grouping)
    for row in rows.prefix(limit) {
      table.add([
        row.name, row.phase?.rawValue ?? "all", "\(row.calls)", Numbers.fixed(row.milliseconds, 3),
        Numbers.fixed(row.share * 100, 1), row.gflops.map { Numbers.fixed($0, 1) } ?? "",
        row.gigabytesPerSecond.map { Numbers.fixed($0, 1) } ?? "", row.implementation,
      ])
    }
    let rest = rows.dropFirst(limit)
    if !rest.isEmpty {
      table.add([
        "\(rest.count) more", "", "\(rest.reduce(0) { $0 + $1.calls })",
        Numbers.fixed(rest.reduce(0) { $0 + $1.milliseconds }, 3),
        Numbers.fixed(rest.reduce(0) { $0 + $1.share } * 100, 1),
      ])
    }
    table.rule()
    table.add(["together", "", "\(kernels.count)", Numbers.fixed(kernelMilliseconds, 3)])
    return "\(table.text)\n\n\(TextTable.pairs(sums))"
  }

  private var sums: [(String, String)] {
    func time(_ milliseconds: Double) -> String { "\(Numbers.fixed(milliseconds, 3)) ms" }
    let parts = phases.map { "\($0.phase.rawValue) \(time($0.milliseconds))" }
    let share = stepMilliseconds > 0 ? overheadMilliseconds / stepMilliseconds : 0
    let between =
      overheadMilliseconds >= 0
      ? "\(time(overheadMilliseconds)) of it between kernels (\(Numbers.percent(share, 1)))"
      : "less than the kernels by \(time(-overheadMilliseconds)): timing each costs as much"
    return [
      ("device", deviceSummary), ("phases", parts.joined(separator: ", ")),
      ("kernels", "\(time(kernelMilliseconds)), the sum of \(kernels.count) timed one by one"),
      ("whole step", "\(time(stepMilliseconds)), median of \(wholeSteps.count) not timed inside"),
      ("", between),
    ]
  }
}
