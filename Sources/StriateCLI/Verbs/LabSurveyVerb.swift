import ArgumentParser
import Striate

struct LabSurveyVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "survey",
    abstract: "Orientation selectivity and F1/F0 of all units of some layers.")

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A file of weights, or a run folder; without it the network's first weights.",
    completion: .file())
  var weights: String?

  @Option(
    help: "The layers, joined by commas, such as conv1,layer1,layer2.",
    transform: { try LayerList($0) })
  var layers: LayerList

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if model == nil, weights == nil { throw ValidationError("give --model or --weights") }
  }

  func run() throws {
    let device = try device.find()
    let network = try LabNetwork(model, weights: weights)
    let survey = try Survey(
      network.model, weights: network.weights, input: network.input,
      layers: layers.names, mean: network.mean, std: network.std,
      on: device)
    var table = TextTable([
      ("layer", .left), ("units", .right), ("answer", .right), ("gOSI 0 … 1", .left),
      ("median", .right), ("F1/F0 0 … 2", .left), ("median", .right), ("simple", .right),
    ])
    for layer in survey.layers {
      let simple = layer.modulation.count { $0 > 1 }
      let share = Double(simple) / Double(max(layer.modulation.count, 1))
      table.add([
        layer.layer, "\(layer.units)", "\(layer.orientation.count)",
        bars(Survey.histogram(layer.orientation, bins: 10, upTo: 1)), median(layer.orientation),
        bars(Survey.histogram(layer.modulation, bins: 10, upTo: 2)), median(layer.modulation),
        layer.modulation.isEmpty ? "–" : Numbers.percent(share),
      ])
    }
    let title = "\(network.id), \(network.isTrained ? "trained" : "first weights")"
    try output.show(
      [
        "model": JSON(network.id), "trained": JSON(network.isTrained), "device": JSON(device.id),
        "layers": .array(survey.layers.map(json)),
      ], text: "\(title)\n\(table.text)")
  }

  private func json(_ layer: Survey.LayerReport) -> JSON {
    func numbers(_ values: [Int]) -> JSON { .array(values.map { JSON($0) }) }
    return [
      "layer": JSON(layer.layer), "units": JSON(layer.units),
      "answering": JSON(layer.orientation.count),
      "gosi": .array(layer.orientation.map { JSON($0) }),
      "f1_f0": .array(layer.modulation.map { JSON($0) }),
      "gosi_histogram": numbers(Survey.histogram(layer.orientation, bins: 10, upTo: 1)),
      "f1_f0_histogram": numbers(Survey.histogram(layer.modulation, bins: 10, upTo: 2)),
    ]
  }

  private func median(_ values: [Double]) -> String {
    values.isEmpty ? "–" : Numbers.fixed(values.sorted()[values.count / 2], 2)
  }

  /// A column for each part, as high as its share of the fullest one.
  private func bars(_ counts: [Int]) -> String {
    let marks = Array(" ▁▂▃▄▅▆▇█")
    let most = max(counts.max() ?? 0, 1)
    return String(counts.map { marks[$0 == 0 ? 0 : max(1, $0 * 8 / most)] })
  }
}
