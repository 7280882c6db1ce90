import ArgumentParser
import Striate

struct ExplainImageVerb: ParsableCommand {
  /// The ways to ask.
  enum Method: String, ExpressibleByArgument, CaseIterable {
    case gradCAM = "grad-cam"
    case guidedBackprop = "guided-backprop"
    case deconvnet, occlusion
    case activationMaximisation = "activation-maximisation"
    case topImages = "top-images"

    /// Whether an image is asked about.
    var needsImage: Bool { self != .activationMaximisation && self != .topImages }
  }

  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Why a trained network answers as it does about an image.",
    discussion: """
      grad-cam and occlusion colour the image where the evidence for a class lies; guided-backprop and deconvnet show \
      what of it the class, or a unit of a layer, answers to; activation-maximisation climbs to an image that the class \
      answers to; top-images finds those of --data that a unit answers to most. 'explain IMAGE' is short for 'explain \
      image IMAGE'.
      """)

  @Argument(
    help: "A PNG or JPEG file, or a sample as idx:FOLDER#PREFIX:INDEX.", completion: .file())
  var image: String?

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A file of weights, or a run folder: its best checkpoint, else its last.",
    completion: .file())
  var weights: String

  @Option(
    help: "How: \(Method.allCases.map(\.rawValue).joined(separator: ", ")) (grad-cam).")
  var method = Method.gradCAM

  @Option(help: "The layer, by default the last whose answer is a map.")
  var layer: String?

  @Option(
    name: .customLong("class"),
    help: "The class, as a name or a number from 0; by default the network's answer.")
  var label: String?

  @Option(help: "The layer's channel, from 0; by default the one that answers most.")
  var unit: Int?

  @Option(help: "The data whose test images are searched by top-images.", completion: .data)
  var data: String?

  @Option(
    name: [.customLong("output"), .customShort("o")], help: "The PNG file; METHOD.png by default.",
    completion: .file(extensions: ["png"]))
  var file: String?

  @OptionGroup var shape: ShapeOptions
  @OptionGroup var shown: ImageOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let file { try OutputName.check(file, "--output", ending: ".png", kind: "a PNG picture") }
    if method.needsImage, image == nil {
      throw ValidationError("give an image for \(method.rawValue)")
    }
    if method == .activationMaximisation, label == nil {
      throw ValidationError("give the --class that activation-maximisation climbs to")
    }
    if method == .topImages, data == nil || unit == nil {
      throw ValidationError("give --data and --unit for top-images")
    }
    if !method.needsImage, image != nil {
      throw ValidationError("\(method.rawValue) takes no image")
    }
  }

  func run() throws {
    let trained = try TrainedModel(
      model, weights: weights, classes: shape.classes, input: shape.input?.shape)
    let device = try device.find()
    let explainer = try Explainer(
      trained.model, weights: trained.weights, input: trained.input, classes: trained.classes,
      on: device)
    let tap = layer == nil && !usesLayer ? nil : try explainer.layer(layer)
    let given = try label.map { try number(of: $0, trained) }
    var members: JSONObject = [
      "method": JSON(method.rawValue), "model": JSON(trained.entry.id), "device": JSON(device.id),
    ]
    if let image { members["image"] = JSON(image) }
    if let tap { members["layer"] = JSON(tap.description) }
    let picture = try picture(explainer, trained, tap, given, &members)
    let path = file ?? "\(method.rawValue).png"
    try AtomicFile.write(picture.png(), to: path)
    members["file"] = JSON(path)
    var text = ""
    if shown.isWanted, !output.json {
      text = try TerminalImage.show(picture, columns: 32, style: shown.style)
    }
    let about = members["class"]?["name"]?.string.map { ", class \($0)" } ?? ""
    let place = tap.map { ", layer \($0)" } ?? ""
    try output.show(
      .object(members),
      text: (text.isEmpty ? "" : text + "\n") + "\(method.rawValue)\(about)\(place) in \(path)")
  }

  private var usesLayer: Bool {
    method == .gradCAM || method == .deconvnet || method == .topImages
  }

  private func number(of text: String, _ trained: TrainedModel) throws -> Int {
    if let index = trained.metadata.classes.firstIndex(of: text) { return index }
    guard let number = Int(text), (0..<trained.classes).contains(number) else {
      throw InspectError(
        .usage,
        "--class takes a number from 0 to \(trained.classes - 1)"
          + (trained.metadata.classes.isEmpty
            ? ", found '\(text)'"
            : " or a name; \(NearMiss.hint(for: text, among: trained.metadata.classes))"))
    }
    return number
  }

  private func picture(
    _ explainer: Explainer, _ trained: TrainedModel, _ tap: Tap?, _ given: Int?,
    _ members: inout JSONObject
  ) throws -> Image {
    func name(_ label: Int) -> JSON {
      ["index": JSON(label), "name": JSON(trained.className(label))]
    }
    if method == .topImages, let data, let unit {
      return try topImages(explainer, trained, data, tap, unit, &members)
    }
    if method == .activationMaximisation, let given {
      let climb = try explainer.activationMaximisation(label: given)
      members["class"] = name(given)
      members["before"] = JSON(Double(climb.before))
      members["after"] = JSON(Double(climb.after))
      return try Backprojection(tensor: climb.image).image()
    }
    var source = try ImageSource(trained, data: nil, invert: false)
    let entry = try source.image(image ?? "")
    let base = try Image(entry.tensor, mean: entry.mean, std: entry.std)
    if method == .deconvnet {
      let projection = try explainer.deconvnet(entry.tensor, layer: tap, unit: unit)
      members["unit"] = projection.unit.map { JSON($0) }
      members["map"] = json(projection.map)
      return try projection.image()
    }
    let label = try explainer.label(given, entry.tensor)
    members["class"] = name(label)
    if method == .guidedBackprop {
      let projection = try explainer.guidedBackprop(entry.tensor, label: label)
      members["map"] = json(projection.map)
      return try projection.image()
    }
    let map =
      method == .occlusion
      ? try explainer.occlusion(entry.tensor, label: label)
      : try explainer.gradCAM(entry.tensor, layer: tap, label: label)
    members["map"] = json(map)
    let peak = map.resized(height: base.height, width: base.width).peak
    members["peak"] = ["row": JSON(peak.row), "column": JSON(peak.column)]
    return try map.overlay(on: base)
  }

  private func json(_ map: HeatMap) -> JSON {
    [
      "height": JSON(map.height), "width": JSON(map.width),
      "values": .array(map.values.map { JSON(Double($0)) }),
    ]
  }

  private func topImages(
    _ explainer: Explainer, _ trained: TrainedModel, _ data: String, _ tap: Tap?, _ unit: Int,
    _ members: inout JSONObject
  ) throws -> Image {
    let test = try TestData(data, for: trained.metadata, input: trained.input).splits
    let hits = try explainer.topImages(test.test, layer: tap, unit: unit)
    members["unit"] = JSON(unit)
    members["images"] = .array(
      hits.map { ["index": JSON($0.index), "answer": JSON(Double($0.answer))] })
    var sheet = ContactSheet(columns: 3)
    sheet.side = max(84, min(trained.input[2], 224))
    return try sheet.render(
      hits.map { hit in
        let (tensor, label) = try test.test.labelled(hit.index)
        return ContactSheet.Tile(
          try Image(tensor, mean: test.mean, std: test.std),
          prediction: test.test.className(label))
      })
  }
}
