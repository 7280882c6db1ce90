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
      lines += ["", "left to the interpreter on cpu: \(list(interpretedOps))"]
      lines += ["slow kernels on cpu: \(list(naive))"]
    }
    return lines.joined(separator: "\n")
  }

  private func mark(_ found: Bool) -> String { found ? "found  " : "missing" }

  private func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.joined(separator: ", ")
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
