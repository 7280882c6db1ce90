import Striate
import Testing

@Suite struct SummaryTests {
  @Test("a layer that is called twice counts its parameters once")
  func sharedLayers() throws {
    let summary = try ModelSummary(
      SequenceNet(), named: "sequence", input: [4, 20], on: .reference)
    #expect(summary.rows.map(\.name) == ["embed", "recur", "recur#1", "head"])
    #expect(summary.rows.map(\.parameters) == [80 * 16 + 16, 16 * 16 + 16, 0, 16 * 3 + 3])
    #expect(summary.rows.map(\.isShared) == [false, false, true, false])
    #expect(summary.rows.map(\.macs) == [80 * 16, 256, 256, 48])
    // A linear layer over a flattened sequence sees all of it.
    #expect(summary.rows.map(\.receptiveField) == [[20], [20], [20], [20]])
    #expect(summary.warnings.isEmpty)
  }

  @Test("an undeclared tie is a warning")
  func ties() throws {
    let net = Sequential(Array(repeating: Linear(in: 4, out: 4), count: 3))
    let summary = try ModelSummary(net, named: "tied", input: [4], on: .reference)
    #expect(summary.parameters == 20)
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings[0].contains("repeated(n)"))
    #expect(summary.text.contains("warning"))
  }

  @Test("several inputs and outputs", arguments: devices)
  func groups(_ device: Device) throws {
    let summary = try ModelSummary(PairNet(), named: "pair", on: device) { builder in
      let type = TensorType(.float32, [1, 1, 8, 8])
      return PairNet.Input(left: builder.input("left", type), right: builder.input("right", type))
    }
    #expect(summary.inputs.map(\.name) == ["left", "right"])
    #expect(summary.parameters == 4 * 9 + 4 + 8 * 2 + 2)
    #expect(summary.macs == 2 * 4 * 9 * 36 + 16)
    #expect(summary.rows.last?.name == "head")
    #expect(summary.rows.first { $0.name == "encoder.0" }?.receptiveField == [3, 3])
    let training = try #require(summary.trainingBytes)
    #expect(training > summary.inferenceBytes)
  }

  @Test("a row of less depth holds what lies deeper", arguments: [1, 2, 3])
  func depth(_ depth: Int) throws {
    let entry = try Catalog.find("resnet20")
    func summary(_ depth: Int?) throws -> ModelSummary {
      try ModelSummary(
        entry.model(), named: "resnet20", input: entry.input, depth: depth, on: .reference)
    }
    let (full, folded) = try (summary(nil), summary(depth))
    #expect(folded.rows.allSatisfy { $0.name.split(separator: ".").count <= depth })
    for sum in [\ModelSummary.Row.parameters, \.macs, \.activationBytes] {
      let total = { (rows: [ModelSummary.Row]) in rows.reduce(0) { $0 + $1[keyPath: sum] } }
      #expect(total(folded.rows) == total(full.rows))
    }
    if depth == 1 {
      #expect(
        folded.rows.map(\.name) == ["conv1", "bn1", "layer1", "layer2", "layer3", "pool", "fc"])
      #expect(folded.rows[3].kind == "Sequential")
      #expect(folded.rows[3].output == [32, 16, 16])
    }
  }

  @Test(
    "memory is that of the batch, all else that of an image",
    .enabled(if: devices.count > 1, "the interpreter plans no memory"))
  func batch() throws {
    let entry = try Catalog.find("lenet5")
    let summaries = try [1, 256].map {
      try ModelSummary(
        entry.model(), named: "lenet5", input: entry.input, batch: $0,
        on: devices[devices.count - 1])
    }
    #expect(summaries[0].rows == summaries[1].rows)
    #expect(summaries[0].macs == summaries[1].macs)
    let (small, large) = (summaries[0].trainingBytes ?? 0, summaries[1].trainingBytes ?? 0)
    #expect(small > 0 && large > 8 * small)
    #expect(summaries[1].inferenceBytes > summaries[0].inferenceBytes)
  }

  @Test("the table keeps to 80 columns", arguments: ["lenet5", "resnet110"])
  func width(_ id: String) throws {
    let entry = try Catalog.find(id)
    let text = try ModelSummary(
      entry.model(), named: id, input: entry.input, batch: 128, on: .reference
    ).text
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    // Every row is there, though its name may have lost its middle.
    #expect(text.split(separator: "\n").count > (id == "lenet5" ? 12 : 250))
  }
}
