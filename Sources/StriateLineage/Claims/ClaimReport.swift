import StriateCore
import StriateFormats
import StriateInspect

/// What came of the claims: the same for a terminal, a program and a reader.
public struct ClaimReport: Sendable {
  /// The pictures.
  public let data: String
  /// The seeds.
  public let seeds: [UInt64]
  /// The device.
  public let device: String
  /// The claims with what was found, one for each seed.
  public let results: [(claim: Claim, findings: [Findings])]

  /// Claims by verdict, `14 reproduced, 5 not reproduced, 3 inconclusive`.
  public var summary: String {
    Claim.Verdict.allCases.map { verdict in
      "\(results.count { $0.claim.verdict($0.findings) == verdict }) \(verdict.rawValue)"
    }.joined(separator: ", ")
  }

  /// Everything, seconds in a member of their own.
  public var json: JSON {
    var times = JSONObject()
    for (claim, findings) in results {
      times[claim.id] = .array(findings.map { JSON($0.seconds) })
    }
    return [
      "data": JSON(data), "seeds": .array(seeds.map { JSON(Int(clamping: $0)) }),
      "device": JSON(device),
      "claims": .array(
        results.map { claim, findings in
          [
            "id": JSON(claim.id), "year": JSON(claim.year),
            "verdict": JSON(claim.verdict(findings).rawValue),
            "held": .array(findings.map { JSON(claim.holds($0)) }),
            "bars": .array(claim.bars.map { JSON($0.description) }),
            "quantities": .array(
              quantities(of: findings).map {
                ["name": JSON($0.name), "values": .array($0.values.map { JSON($0) })]
              }),
          ]
        }),
      "times": .object(times),
    ]
  }

  /// A line a bar, for a terminal.
  public func text(columns: Int?) -> String {
    var table = TextTable(
      [
        ("year", .right), ("claim", .left), ("bar", .left), ("found", .left), ("verdict", .left),
      ], columns: columns, shortening: [2, 3])
    for (claim, findings) in results {
      for (place, bar) in claim.bars.enumerated() {
        table.add([
          place == 0 ? "\(claim.year)" : "", place == 0 ? claim.id : "", bar.description,
          findings.map { Self.short($0[bar.quantity]) }.joined(separator: "  "),
          place == 0 ? claim.verdict(findings).rawValue : "",
        ])
      }
    }
    return table.text
  }

  /// What was measured, with the values of all seeds.
  func quantities(of findings: [Findings]) -> [(name: String, values: [Double])] {
    (findings.first?.quantities ?? []).map { quantity in
      (quantity.name, findings.map { $0[quantity.name] ?? .nan })
    }
  }

  /// A number with four digits that count.
  static func short(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    if value == value.rounded(), abs(value) < 1e15 { return Numbers.grouped(Int(value)) }
    let digits = max(0, 3 - Int(max(abs(value), 1e-9).exponent) * 3 / 10)
    return Numbers.fixed(value, min(digits, 5))
  }
}
