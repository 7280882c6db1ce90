import StriateCore
import StriateFormats

extension ModelSummary {
  /// The summary as the command line's contract has it.
  public var json: JSON {
    let inputs = inputs.map { name, type -> JSON in
      ["name": JSON(name), "type": JSON(type.dtype.rawValue), "shape": type.shape.json]
    }
    let groups = fusedGroups.map { group -> JSON in
      ["name": JSON(group.name), "count": JSON(group.count), "nodes": JSON(group.nodes)]
    }
    return [
      "model": JSON(model), "input": input.json, "inputs": .array(inputs),
      "device": JSON(device), "batch": batch.map { JSON($0) } ?? nil,
      "layers": .array(rows.map(\.json)), "parameters": JSON(parameters), "buffers": JSON(buffers),
      "macs": JSON(macs), "inference_bytes": JSON(inferenceBytes),
      "training_bytes": trainingBytes.map { JSON($0) } ?? nil, "reorders": JSON(reorders),
      "fused": JSON(fused), "fused_groups": .array(groups), "naive_kernels": JSON(naive),
      "warnings": JSON(warnings),
    ]
  }

  /// The summary as a table of at most 80 columns.
  public var text: String { "\(table(80))\n\n\(TextTable.pairs(sums))" }

  /// The summary in lines of at most so many columns, where that leaves names and kinds their beginnings.
  public func text(columns: Int) -> String {
    "\(table(columns))\n\n\(TextTable.pairs(sums, columns: columns))"
  }

  private func table(_ columns: Int) -> String {
    let titles: [(title: String, side: TextTable.Side)] = [
      ("layer", .left), ("kind", .left), ("output", .left), ("parameters", .right),
      ("MACs", .right), ("sees", .right), ("activation", .right),
    ]
    // Where there is little room the least important columns go.
    let shown = columns < 66 ? titles.dropLast(2) : titles[...]
    var table = TextTable(Array(shown), columns: columns, shortening: [1, 0])
    for row in rows {
      let more = row.outputs.count > 1 ? " +\(row.outputs.count - 1)" : ""
      table.add([
        row.name, row.kind, row.output.extents + more,
        row.isShared ? "shared" : row.parameters == 0 ? "" : Numbers.grouped(row.parameters),
        row.macs == 0 ? "" : Numbers.short(row.macs), row.receptiveField?.extentText ?? "",
        Numbers.bytes(row.activationBytes),
      ])
    }
    table.rule()
    let activations = rows.reduce(0) { plus($0, $1.activationBytes) }
    table.add([
      "together", "", "", Numbers.grouped(parameters), Numbers.short(macs), "",
      Numbers.bytes(activations),
    ])
    return table.text
  }

  private var sums: [(String, String)] {
    let fed = inputs.map { input in
      let name = input.name == "input" ? "input" : "input \(input.name)"
      return "\(name) \(batch == nil ? "\(input.type)" : self.input.extents)"
    }
    let work = batch == 1 ? "an image" : batch.map { "\($0) images" } ?? "these inputs"
    var sums = [
      ("model", "\(model), \(fed.joined(separator: ", "))"),
      ("parameters", Numbers.grouped(parameters) + kept),
      ("MACs", "\(Numbers.grouped(macs)) \(batch == nil ? "for these inputs" : "an image")"),
      ("memory", "\(Numbers.bytes(inferenceBytes)) to answer \(work) on \(device)"),
    ]
    if let trainingBytes {
      sums.append(("", "\(Numbers.bytes(trainingBytes)) to learn from \(work) (SGD with momentum)"))
    }
    sums.append(("reorders", "\(reorders)"))
    sums.append(("fused", "\(fused) nodes run in the kernels of others"))
    sums += fusedGroups.prefix(6).map { ("", "\($0.count) × \($0.name.shortened(to: 60))") }
    if fusedGroups.count > 6 { sums.append(("", "and \(fusedGroups.count - 6) kinds more")) }
    sums += naive.map { ("slow kernel", $0) } + warnings.map { ("warning", $0) }
    return sums
  }

  private var kept: String {
    buffers > 0 ? ", and \(Numbers.grouped(buffers)) kept beside them (running statistics)" : ""
  }
}

extension ModelSummary.Row {
  /// The row as the command line's contract has it; a square receptive field is one number.
  var json: JSON {
    let field = receptiveField.map { field -> JSON in
      Set(field).count == 1 ? JSON(field[0]) : .array(field.map { JSON($0) })
    }
    return [
      "name": JSON(name), "kind": JSON(kind), "output": output.json,
      "outputs": .array(outputs.map(\.json)), "parameters": JSON(parameters),
      "shared": JSON(isShared), "macs": JSON(macs), "receptive_field": field ?? nil,
      "activation_bytes": JSON(activationBytes),
    ]
  }
}

extension Shape {
  /// `6×28×28`; `1` for a number.
  package var extents: String {
    dims.isEmpty ? "1" : dims.map(String.init).joined(separator: "×")
  }

  /// The extents as a JSON array.
  var json: JSON { .array(dims.map { JSON($0) }) }
}

extension [Int] {
  /// `14` where all are alike, else `14×3`.
  fileprivate var extentText: String {
    Set(self).count == 1 ? "\(self[0])" : map(String.init).joined(separator: "×")
  }
}
