import ArgumentParser
import Striate

struct WeightsInspectVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "The tensors of a file: names, shapes, ranges.",
    discussion: """
      Of a checkpoint the tensors of its state dictionary are shown, wherever that lies, and what else is in it is \
      counted; of several state dictionaries all, each behind its place, by which FILE#PLACE chooses one.
      """)

  @Argument(
    help: "The file, or a run folder; FILE#PREFIX takes the tensors under a prefix.",
    completion: .file())
  var file: String

  @Option(help: "Only tensors whose name contains this.")
  var filter: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try WeightsFile(TrainedModel.locate(file))
    let networks = file.networks
    guard !networks.isEmpty else { throw file.empty }
    var rows: [TensorFacts] = []
    var unread: [(name: String, reason: String)] = []
    for network in networks {
      for name in network.names {
        let shown = networks.count > 1 ? network.full(name) : name
        if let filter, !shown.contains(filter) { continue }
        if let reason = file[network.full(name)]?.refusal {
          unread.append((shown, reason))
        } else {
          rows.append(TensorFacts(shown, try file.read(network.full(name))))
        }
      }
    }
    try output.show(json(rows, unread, file), text: text(rows, unread, file))
  }

  private func text(
    _ rows: [TensorFacts], _ unread: [(name: String, reason: String)], _ file: WeightsFile
  ) -> String {
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
    let networks = file.networks
    if networks.count > 1 {
      lines.append(
        "\(networks.count) state dictionaries: "
          + networks.map { "\(file.path)#\($0.place)" }.joined(separator: ", "))
    } else if let place = networks.first?.place, !place.isEmpty {
      lines.append("under \(place)")
    }
    if !file.besides.isEmpty {
      lines.append("besides, skipped: \(file.besides.joined(separator: "; "))")
    }
    for (name, reason) in unread { lines.append("\(name) \(reason)") }
    for row in rows where row.nonFinite > 0 {
      lines.append("\(row.name): \(Numbers.counted(row.nonFinite, "number")) NaN or infinite")
    }
    for (name, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
      lines.append("\(name): \(value)")
    }
    return lines.joined(separator: "\n")
  }

  private func digits(_ value: Double?) -> String { value.map { Numbers.fixed($0, 4) } ?? "" }

  private func json(
    _ rows: [TensorFacts], _ unread: [(name: String, reason: String)], _ file: WeightsFile
  ) -> JSON {
    [
      "file": JSON(file.path), "tensors": .array(rows.map(\.json)),
      "networks": .array(
        file.networks.map { ["place": JSON($0.place), "tensors": JSON($0.names.count)] }),
      "skipped": JSON(file.besides),
      "unreadable": .array(unread.map { ["name": JSON($0.name), "reason": JSON($0.reason)] }),
      "metadata": .object(
        file.metadata.sorted { $0.key < $1.key }.reduce(into: JSONObject()) {
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
