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
  /// The members, in the order of history.
  public let members: [LineageMember]
  /// What became of each.
  public let outcomes: [MemberOutcome]

  /// Everything, the times apart: the same command gives the same rest.
  public var json: JSON {
    var times = JSONObject()
    for outcome in outcomes { times[outcome.id] = JSON(outcome.seconds) }
    return [
      "data": JSON(data), "budget": JSON(budget.description), "seed": JSON(Int(clamping: seed)),
      "device": JSON(device),
      "members": .array(
        rows.map { member, outcome in
          var row = outcome.json.object ?? JSONObject()
          row["seconds"] = nil
          row["year"] = JSON(member.year)
          row["title"] = JSON(member.title)
          row["published"] = JSON(member.published)
          row["top5_error"] = member.topFiveError.map { JSON($0) } ?? .null
          row["deviations"] = .array(member.deviations.map { JSON($0) })
          row["status"] = JSON(outcome.isUnderTrained ? "under-trained" : "trained")
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
          outcome.isUnderTrained ? "under-trained" : "trained",
        ].joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The table for a terminal.
  public func text(columns: Int?) -> String {
    var table = TextTable(
      [
        ("year", .right), ("member", .left), ("test accuracy", .right), ("", .left),
        ("parameters", .right), ("products", .right), ("samples", .right), ("seconds", .right),
      ], columns: columns, shortening: [1])
    for (member, outcome) in rows {
      table.add([
        "\(member.year)", member.title, Numbers.percent(outcome.accuracy),
        outcome.isUnderTrained ? "under-trained" : "", Numbers.short(outcome.parameters),
        Numbers.short(outcome.macs), Numbers.short(outcome.samples * outcome.passes),
        Numbers.fixed(outcome.seconds, 1),
      ])
    }
    return table.text
  }

  var rows: [(LineageMember, MemberOutcome)] { Array(zip(members, outcomes)) }
}
