import StriateCore
import StriateFormats
import StriateInspect

/// What a lineage came to: the same table for a terminal, a program and a spreadsheet.
public struct LineageReport: Sendable {
  /// The data.
  public let data: String
  /// The time that all members had together.
  public let budget: LineageBudget
  /// The seed.
  public let seed: UInt64
  /// The device.
  public let device: String
  /// What runs on it, with its instruction set and threads.
  public let library: String
  /// The members, in the order of history.
  public let members: [LineageMember]
  /// What became of each.
  public let outcomes: [MemberOutcome]
  /// Pictures for a reader.
  let gallery: Gallery

  /// Everything, the times apart: the same command gives the same rest.
  public var json: JSON {
    var times = JSONObject()
    for outcome in outcomes { times[outcome.id] = JSON(outcome.seconds) }
    return [
      "data": JSON(data), "budget": JSON(budget.description), "seed": JSON(Int(clamping: seed)),
      "device": JSON(device), "library": JSON(library), "processor": JSON(Processor.name),
      "version": JSON(Version.current),
      "command": JSON(command), "long_run": longRun.map { JSON($0.source) } ?? .null,
      "classes": JSON(gallery.classNames),
      "members": .array(
        rows.enumerated().map { place, row in
          let (member, outcome) = row
          let wall = gallery.walls[place]
          var row = outcome.json.object ?? JSONObject()
          row["seconds"] = nil
          row["year"] = JSON(member.year)
          row["title"] = JSON(member.title)
          row["published"] =
            member.published.map {
              [
                "error": JSON($0.error), "measure": JSON($0.measure), "source": JSON($0.source),
                "gap": JSON(gap(outcome, $0)),
              ]
            } ?? .null
          row["gained"] = [
            "count": JSON(wall.gainedCount), "lost": JSON(wall.lostCount),
            "examples": .array(wall.gained.map { JSON($0.index) }),
          ]
          row["long_run"] =
            longRun?[member.id].map {
              ["mean_acc1": JSON($0.mean * 100), "spread_acc1": JSON($0.spread * 100)]
            } ?? .null
          row["top5_error"] = member.topFiveError.map { JSON($0) } ?? .null
          row["deviations"] = .array(member.deviations.map { JSON($0) })
          row["status"] = JSON(member.status(outcome).rawValue)
          return .object(row)
        }),
      "times": .object(times),
    ]
  }

  /// A line a member, for a spreadsheet.
  public var csv: String {
    var lines = ["id,year,acc1,parameters,macs,samples,passes,seconds,status"]
    for (member, outcome) in rows {
      lines.append(
        [
          member.id, "\(member.year)", Numbers.fixed(outcome.accuracy * 100, 2),
          "\(outcome.parameters)", "\(outcome.macs)", "\(outcome.samples)", "\(outcome.passes)",
          Numbers.fixed(outcome.seconds, 1),
          member.status(outcome).rawValue,
        ].joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The table for a terminal.
  public func text(columns: Int?) -> String {
    let longRun = longRun
    var table = TextTable(
      [
        ("year", .right), ("member", .left), ("test accuracy", .right), ("", .left),
        ("parameters", .right), ("products", .right), ("samples", .right), ("seconds", .right),
        (longRun == nil ? "" : "long run, %", .right),
      ], columns: columns, shortening: [1])
    for (member, outcome) in rows {
      table.add([
        "\(member.year)", member.title, Numbers.percent(outcome.accuracy),
        mark(member, outcome), Numbers.short(outcome.parameters),
        Numbers.short(outcome.macs), Numbers.short(outcome.samples * outcome.passes),
        Numbers.fixed(outcome.seconds, 1), longRun.map { $0[member.id]?.text ?? "–" } ?? "",
      ])
    }
    guard let longRun else { return table.text }
    return "\(table.text)\n\nlong run  \(longRun.source)"
  }

  /// The command that makes the same report.
  public var command: String {
    let all = members.map(\.id) == LineageMember.all.map(\.id)
    return "striate lineage run --data \(data) --budget \(budget) --seed \(seed)"
      + (all ? "" : " --only \(members.map(\.id).joined(separator: ","))")
  }

  /// Our error less the published one, in points of per cent: of other data than these, mostly.
  func gap(_ outcome: MemberOutcome, _ published: LineageMember.Published) -> Double {
    (1 - outcome.accuracy) * 100 - published.error
  }

  /// The committed long run on these data; nil where there is none.
  var longRun: LineageSeries? { LineageSeries.longRun.flatMap { $0.data == data ? $0 : nil } }

  /// The members that may be compared: those that had learned what they could.
  var compared: [(LineageMember, MemberOutcome)] { rows.filter { $0.status($1) == .trained } }

  /// What stands beside the figures of a member that was still learning.
  func mark(_ member: LineageMember, _ outcome: MemberOutcome) -> String {
    let status = member.status(outcome)
    return status == .trained ? "" : status.rawValue
  }

  var rows: [(LineageMember, MemberOutcome)] { Array(zip(members, outcomes)) }
}
