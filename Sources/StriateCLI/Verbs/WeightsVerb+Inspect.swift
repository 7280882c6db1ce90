import ArgumentParser
import Striate

struct WeightsInspectVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "The tensors of a file: names, shapes, ranges.")

  @Argument(help: "The file.", completion: .file())
  var file: String

  @Option(help: "Only tensors whose name contains this.")
  var filter: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let content = try WeightsFile.read(file)
    let rows = content.tensors.filter { filter.map($0.name.contains) ?? true }.map {
      TensorFacts($0.name, $0.value)
    }
    try output.show(json(rows, content.metadata), text: text(rows, content.metadata))
  }

  private func text(_ rows: [TensorFacts], _ metadata: [String: String]) -> String {
    var table = TextTable(
      [
        ("tensor", .left), ("shape", .left), ("type", .left), ("min", .right), ("mean", .right),
        ("max", .right),
      ], columns: TerminalStyle.output.limit, shortening: [0])
    for row in rows {
      table.add([
        row.name, "\(row.type.shape)", "\(row.type.dtype)", digits(row.minimum), digits(row.mean),
        digits(row.maximum),
      ])
    }
    let count = rows.reduce(0) { $0 + $1.type.shape.count }
    var lines = [
      table.text, "",
      "\(Numbers.counted(rows.count, "tensor")), \(Numbers.counted(count, "number"))",
    ]
    for row in rows where row.nonFinite > 0 {
      lines.append("\(row.name): \(Numbers.counted(row.nonFinite, "number")) NaN or infinite")
    }
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      lines.append("\(name): \(value)")
    }
    return lines.joined(separator: "\n")
  }

  private func digits(_ value: Double?) -> String { value.map { Numbers.fixed($0, 4) } ?? "" }

  private func json(_ rows: [TensorFacts], _ metadata: [String: String]) -> JSON {
    [
      "file": JSON(file), "tensors": .array(rows.map(\.json)),
      "metadata": .object(
        metadata.sorted { $0.key < $1.key }.reduce(into: JSONObject()) {
          $0[$1.key] = JSON($1.value)
        }),
    ]
  }
}

/// What is told of a tensor.
private struct TensorFacts {
  let name: String
  let type: TensorType
  let nonFinite: Int
  /// Of the finite numbers; nil where there are none.
  let minimum, mean, maximum: Double?

  init(_ name: String, _ tensor: HostTensor) {
    self.name = name
    type = tensor.type
    let all = tensor.scalars(as: Double.self)
    let finite = all.filter(\.isFinite)
    nonFinite = all.count - finite.count
    minimum = finite.min()
    maximum = finite.max()
    mean = finite.isEmpty ? nil : finite.reduce(0, +) / Double(finite.count)
  }

  var json: JSON {
    [
      "name": JSON(name), "shape": .array(type.shape.dims.map { JSON($0) }),
      "dtype": JSON("\(type.dtype)"), "min": minimum.map { JSON($0) } ?? nil,
      "mean": mean.map { JSON($0) } ?? nil, "max": maximum.map { JSON($0) } ?? nil,
      "non_finite": JSON(nonFinite),
    ]
  }
}
