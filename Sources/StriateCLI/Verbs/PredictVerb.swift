import ArgumentParser
import Striate

struct PredictVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "What a trained network sees in images.",
    discussion: """
      An image is a PNG or JPEG file, of networks for segmentation also a TIFF file, prepared as the images were that the network learned from; of a \
      folder, all such files in it; or a test sample: idx:FOLDER:INDEX, idx:FOLDER#PREFIX:INDEX, or --data NAME --index 0,1,2. \
      Whether bright or dark is the object is not guessed: the MNIST kinds want bright on dark.
      """)

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A .safetensors file, or a run folder: its best checkpoint, else its last.",
    completion: .file())
  var weights: String

  @Option(
    help: "Data whose test samples, class names and normalisation are used.", completion: .data)
  var data: String?

  @Option(help: "Test samples of --data, as numbers from 0 joined by commas.")
  var index: String?

  @Option(help: "Answers an image.")
  var top = 5

  @Option(help: "The task: classify or segment; the weights or the network say it (auto).")
  var task: TaskChoice?

  @Option(
    help: "Of a network for segmentation: the folder where masks and overlays are written.",
    completion: .directory)
  var outputDir: String?

  @Option(
    help: ArgumentHelp(
      "Of a network for segmentation: answer images at their own size, in tiles of so many pixels, or as large as "
        + "--tile-memory allows (auto). The answer is the whole image's.",
      valueName: "pixels|auto"))
  var tile: TileSide?

  @Option(help: "MiB that the program of a tile may take with --tile auto.")
  var tileMemory = 512

  @Flag(
    help:
      "Of a network for segmentation: also write the probability of each class at each pixel as NPY."
  )
  var probabilities = false

  @Flag(help: "Swap bright and dark in image files.")
  var invert = false

  @OptionGroup var faults: BadFilesOption
  @OptionGroup var shape: ShapeOptions
  @OptionGroup var shown: ImageOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: "PNG or JPEG files, folders of them, or samples as idx:FOLDER#PREFIX:INDEX.",
    completion: .file())
  var images: [String] = []

  func validate() throws {
    if index != nil, data == nil { throw ValidationError("--index needs --data") }
    if images.isEmpty, index == nil {
      throw ValidationError("give image files, or --data with --index")
    }
    guard 1..<(1 << 30) ~= tileMemory else {
      throw ValidationError("--tile-memory must be at least 1 MiB, found \(tileMemory)")
    }
    if top < 1 { throw ValidationError("--top must be at least 1, found \(top)") }
  }

  func run() throws {
    if try TaskChoice.isSegmenter(task, model, weights: weights) {
      return try SegmentationPredict(verb: self).run()
    }
    for (option, isGiven) in [("--output-dir", outputDir != nil), ("--tile", tile != nil)]
    where isGiven {
      throw ValidationError("\(option) is for networks that answer with masks")
    }
    if probabilities {
      throw ValidationError(
        "--probabilities is for networks that answer with masks; classifiers show theirs with --top"
      )
    }
    let trained = try TrainedModel(
      model, weights: weights, classes: shape.classes, input: shape.input?.shape)
    output.noteNames(of: trained)
    var source = try ImageSource(trained, data: data, invert: invert)
    let numbers = try samples()
    var (inputs, faults) = try read(&source)
    inputs += try numbers.map { try source.sample($0) }
    if inputs.isEmpty, let first = faults.first {
      for (_, fault) in faults.dropFirst() { Output.warning(Failure.line(fault)) }
      throw first.error
    }
    let device = try device.find()
    let classifier = try Classifier(
      trained.model, weights: trained.weights, input: trained.input, on: device)
    let answers = try classifier.probabilities(inputs.map(\.tensor)).map {
      Classifier.top(top, of: $0)
    }
    let names = source.classNames
    let texts = try zip(inputs, answers).map { try text($0, $1, names) }
    try output.show(
      .array(zip(inputs, answers).map { json($0, $1, names, device) }),
      text: texts.joined(separator: "\n"))
    try report(faults, of: inputs.count + faults.count)
  }

  /// Says which images could not be answered; fails unless they are to be left out.
  func report(_ faults: [(name: String, error: any Error)], of count: Int) throws {
    guard let last = faults.last else { return }
    func text(_ fault: (name: String, error: any Error)) -> String {
      let line = Failure.line(fault.error)
      return line.contains(fault.name) ? line : "\(fault.name): \(line)"
    }
    let skips = self.faults.badFiles == .skip
    for fault in skips ? faults : faults.dropLast() { Output.warning(text(fault)) }
    if skips { return }
    throw InspectError(
      .unanswered,
      "\(faults.count) of \(Numbers.counted(count, "image")) could not be answered: \(text(last)); "
        + "--bad-files skip leaves such images out", cause: last.error)
  }

  /// The image files, and those that cannot be read with what is wrong with them.
  private func read(
    _ source: inout ImageSource
  ) throws -> (images: [ImageSource.Entry], faults: [(name: String, error: any Error)]) {
    var read: [ImageSource.Entry] = []
    var faults: [(name: String, error: any Error)] = []
    for name in try files() {
      do { read.append(try source.image(name)) } catch { faults.append((name, error)) }
    }
    return (read, faults)
  }

  /// The files that are named, of folders those in them.
  ///
  /// - Parameter tiff: whether TIFF images are among them.
  func files(tiff: Bool = false) throws -> [String] {
    try images.flatMap { name -> [String] in
      guard InputFile.isFolder(name) else { return [name] }
      let inside = try ImageFormat.files(in: name, tiff: tiff)
      guard !inside.isEmpty else {
        throw DataError(
          .notFound,
          "the folder holds no PNG\(tiff ? ", TIFF" : "") or JPEG file; give the files, or the folder that they are in",
          path: name)
      }
      return inside
    }
  }

  private func samples() throws -> [Int] {
    guard let index else { return [] }
    return try index.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let number = Int(part), number >= 0 else {
        throw ValidationError("--index takes numbers from 0 joined by commas, found '\(index)'")
      }
      return number
    }
  }

  private func json(
    _ image: ImageSource.Entry, _ answers: [Classifier.Answer], _ names: [String], _ device: Device
  ) -> JSON {
    let top = answers.map { answer -> JSON in
      [
        "index": JSON(answer.index), "name": JSON(name(answer.index, names)),
        "score": JSON(answer.score),
      ]
    }
    var members: JSONObject = [
      "file": JSON(image.name), "top": .array(top), "device": JSON(device.id),
    ]
    if let truth = image.truth {
      members["truth"] = ["index": JSON(truth), "name": JSON(name(truth, names))]
    }
    return .object(members)
  }

  private func text(
    _ image: ImageSource.Entry, _ answers: [Classifier.Answer], _ names: [String]
  ) throws -> String {
    let truth = image.truth.map { ", which is \(name($0, names))" } ?? ""
    let bars = AnswerBars.lines(answers.map { (name($0.index, names), $0.score) }, shown.style)
    let seen = try picture(image)
    return AnswerBars.beside(
      seen, isText: shown.style.images == .blocks, ["\(image.name)\(truth)"] + bars)
  }

  /// What the network sees, where the terminal can show it.
  private func picture(_ entry: ImageSource.Entry) throws -> String {
    guard shown.isWanted, !output.json,
      let image = try? Image(entry.tensor, mean: entry.mean, std: entry.std)
    else { return "" }
    let text = try TerminalImage.show(image, columns: 32, style: shown.style)
    return text
  }

  private func name(_ index: Int, _ names: [String]) -> String {
    names.indices.contains(index) ? names[index] : "\(index)"
  }
}
