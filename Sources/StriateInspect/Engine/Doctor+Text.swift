import StriateFormats

extension Doctor {
  /// The report as the command line's contract has it.
  public var json: JSON {
    let devices = devices.map { device -> JSON in
      [
        "id": JSON(device.id), "name": JSON(device.name), "available": JSON(device.isAvailable),
        "reason": device.reason.map { JSON($0) } ?? nil,
      ]
    }
    return [
      "version": JSON(Version.current), "devices": .array(devices),
      "libraries": .array(libraries.map(\.json)), "data": .array(data.map(\.json)),
      "interpreted_ops": JSON(interpretedOps), "naive_kernels": JSON(naive),
      "engine_gaps": .array(gaps.map(\.json)),
    ]
  }

  /// The report as text.
  public var text: String {
    var lines = ["striate \(Version.current)", "", "devices"]
    for device in devices {
      let note = device.reason.map { " — \($0)" } ?? ""
      lines.append("  \(mark(device.isAvailable)) \(device.id): \(device.name)\(note)")
    }
    lines += ["", "libraries"] + libraries.flatMap(text)
    lines += ["", "data"] + data.flatMap(text)
    if devices.contains(where: { $0.id == "cpu" && $0.isAvailable }) {
      lines += ["", "slow on cpu, of \(EngineProbe.all.count) ops and corners tried"]
      lines += gaps.isEmpty ? ["  nothing"] : gapTable.split(separator: "\n").map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  private func mark(_ found: Bool) -> String { found ? "found  " : "missing" }

  private var gapTable: String {
    var table = TextTable([("op", .left), ("because", .left)], columns: 78, shortening: [1])
    for gap in gaps {
      let kernel = gap.implementation == "reference" ? "" : "\(gap.implementation): "
      table.add([gap.op, "\(kernel)\(gap.reason) (tried: \(gap.place))"])
    }
    return table.text
  }

  private func text(_ finding: Finding) -> [String] {
    guard let path = finding.path else {
      return [
        "  \(mark(false)) \(finding.name)",
        "          get it with: \(finding.install)",
      ]
    }
    let version = finding.version.map { " \($0)" } ?? ""
    let digest = finding.sha256.map { ["          sha256 \($0)"] } ?? []
    return ["  \(mark(true)) \(finding.name)\(version) (\(path))"] + digest
  }
}

extension Doctor.Finding {
  /// The finding as the command line's contract has it.
  var json: JSON {
    [
      "name": JSON(name), "found": JSON(path != nil), "version": version.map { JSON($0) } ?? nil,
      "path": path.map { JSON($0) } ?? nil, "sha256": sha256.map { JSON($0) } ?? nil,
      "reason": reason.map { JSON($0) } ?? nil, "install": JSON(install),
    ]
  }
}

extension EngineGap {
  /// The gap as the command line's contract has it.
  var json: JSON {
    [
      "op": JSON(op), "shape": JSON(shape), "implementation": JSON(implementation),
      "reason": JSON(reason), "place": JSON(place),
    ]
  }
}
