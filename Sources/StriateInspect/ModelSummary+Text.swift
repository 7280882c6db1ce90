import StriateCore
import StriateFormats

extension ModelSummary {
  /// The summary as the command line's contract has it.
  public var json: JSON {
    [
      "model": JSON(model), "input": .array(input.dims.map { JSON($0) }), "device": JSON(device),
      "layers": .array(rows.map(\.json)), "parameters": JSON(parameters), "buffers": JSON(buffers),
      "macs": JSON(macs), "inference_bytes": JSON(inferenceBytes),
      "training_bytes": trainingBytes.map { JSON($0) } ?? nil, "reorders": JSON(reorders),
      "fused": JSON(fused), "naive_kernels": JSON(naive), "warnings": JSON(warnings),
    ]
  }

  /// The summary as a table.
  public var text: String {
    var table = TextTable([
      ("layer", .left), ("kind", .left), ("output", .left), ("parameters", .right),
      ("MACs", .right), ("sees", .right), ("activation", .right),
    ])
    for row in rows {
      table.add([
        row.name, row.kind, row.output.description,
        row.isShared ? "shared" : Numbers.grouped(row.parameters), Numbers.grouped(row.macs),
        row.receptiveField?.extentText ?? "", Numbers.bytes(row.activationBytes),
      ])
    }
    var sums = [
      ("model", "\(model), input \(input)"),
      ("parameters", Numbers.grouped(parameters) + (buffers > 0 ? " (+ \(buffers) kept)" : "")),
      ("MACs", Numbers.grouped(macs)),
      ("memory", "\(Numbers.bytes(inferenceBytes)) to answer an image on \(device)"),
    ]
    if let trainingBytes {
      sums.append(("", "\(Numbers.bytes(trainingBytes)) to learn from one"))
    }
    sums.append(("program", "\(reorders) reorders, \(fused) nodes fused into others"))
    sums += naive.map { ("slow kernel", $0) } + warnings.map { ("warning", $0) }
    return "\(table.text)\n\n\(TextTable.pairs(sums))"
  }
}

extension ModelSummary.Row {
  /// The row as the command line's contract has it; a square receptive field is one number.
  var json: JSON {
    let field = receptiveField.map { field -> JSON in
      Set(field).count == 1 ? JSON(field[0]) : .array(field.map { JSON($0) })
    }
    return [
      "name": JSON(name), "kind": JSON(kind), "output": .array(output.dims.map { JSON($0) }),
      "parameters": JSON(parameters), "shared": JSON(isShared), "macs": JSON(macs),
      "receptive_field": field ?? nil, "activation_bytes": JSON(activationBytes),
    ]
  }
}

extension [Int] {
  /// `14×14`.
  fileprivate var extentText: String { map(String.init).joined(separator: "×") }
}
