import ArgumentParser
import Striate

struct TrainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a network, tests it after each epoch, and saves it.",
    discussion: """
      Writes a run folder with config.json, metrics.jsonl and checkpoints; 'last' and 'best' point at \
      two of them. A stopped or killed run goes on with --resume FOLDER, which needs no other option \
      and ends with the same bytes. Ctrl-C and SIGTERM save and end, with exit status 0; 'stopped' of \
      --json is then true.
      """)

  @OptionGroup(title: "Settings") var settings: TrainingOptions

  @OptionGroup(title: "Images") var images: DataOptions

  @OptionGroup(title: "Fine-tuning") var tuning: FineTuningOptions

  @Option(help: "The task: classify or segment; the network says it (auto).")
  var task: TaskChoice?

  @Option(
    help: "The number of classes, where the data do not decide it; auto leaves it to them (auto).")
  var classes: ClassCount?

  @Option(
    help: "The run folder; by default runs/<time>_<model>. One that is there is refused.",
    completion: .directory)
  var outputDir: String?

  @Option(
    help: "Go on with the run in this folder; one without a checkpoint starts anew.",
    completion: .directory)
  var resume: String?

  @Option(help: "Steps between checkpoints beside those after each epoch.")
  var checkpointEvery: Int?

  @Option(help: "Show this many test images with answers, and save them as samples.png.")
  var samples = 0

  @OptionGroup var shown: ImageOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let isSegmenter = SegmentationNetworks.all.contains { $0.id == settings.model }
    if !isSegmenter, resume == nil {
      try images.checkPhotographs()
      if settings.loss != nil || settings.classWeights != nil {
        throw ValidationError(
          "--loss and --class-weights are for networks for segmentation; classifiers learn by cross-entropy"
        )
      }
    }
    if resume != nil, tuning.isGiven {
      throw ValidationError("a run that is resumed goes on with its own weights and frozen layers")
    }
    if let checkpointEvery, checkpointEvery < 1 {
      throw ValidationError("--checkpoint-every must be at least 1, found \(checkpointEvery)")
    }
    if !(0...4096).contains(samples) {
      throw ValidationError("--samples must be from 0 to 4096, found \(samples)")
    }
    if let resume, let outputDir, resume != outputDir {
      throw ValidationError("--resume goes on in its own folder; leave --output-dir out")
    }
  }

  func run() throws {
    var splits: DataSplits?
    func loaded(_ config: TrainingConfig) throws -> DataSplits {
      if let splits { return splits }
      let made = try config.loadData(modelInput: Self.input(of: config.model))
      splits = made
      return made
    }
    let former = try resume.flatMap { try Self.former($0) }
    var config = try settings.config(resuming: former?.config, in: resume) { config in
      var config = try images.applied(to: config)
      if let segmenter = SegmentationNetworks.all.first(where: { $0.id == config.model }) {
        return try stepsPerEpoch(segmenter, try loaded(config).train, &config)
      }
      let (train, entry) = (try loaded(config).train, try Catalog.find(config.model))
      let model = entry.model(
        classes: max(train.classNames.count, entry.classes), input: train.inputShape)
      try tuning.apply(to: &config, Naming(model))
      return try config.stepsPerEpoch(of: train, by: model)
    }
    config = try images.applied(to: config)
    try config.validate()
    let segmenter = SegmentationNetworks.all.first { $0.id == config.model }
    try TaskChoice.check(task, config.model, isSegmenter: segmenter != nil)
    let entry = try segmenter == nil ? Catalog.find(config.model) : nil
    let folder = RunFolder(
      resume ?? outputDir ?? "runs/\(Files.timestamp())_\(config.model)")
    try checkFolder(folder)
    let data = try loaded(config)
    guard let entry else {
      if let segmenter { try segment(segmenter, data, config, folder, former?.record) }
      return
    }
    guard data.train.isLabelled else {
      throw InspectError(
        .mismatch,
        "\(entry.id) gives one class an image, \(data.name) has masks; networks for them: "
          + SegmentationNetworks.all.map(\.id).joined(separator: ", "))
    }
    let classes = try classCount(entry, data, folder, former?.record.classes)
    let device = try device.find(resuming: former?.record)
    if let preprocessing = data.preprocessing {
      let isImageNets =
        try config.preparation.normalization == nil && DataSource.parse(config.data).isOfPhotographs
      config.preparation = config.preparation.resolved(preprocessing)
      output.note(
        "images as \(preprocessing.summary)"
          + (isImageNets ? " (ImageNet's; --mean measured takes the data's own)" : "")
          + "; augmentation \(config.augmentation)")
    }
    let model = entry.model(classes: classes, input: data.train.inputShape)
    let naming = Naming(model)
    try tuning.apply(to: &config, naming)
    let start = try tuning.transfer(
      into: model, of: entry, input: data.train.inputShape, classNames: data.train.classNames)
    for note in start?.notes ?? [] { output.note(note) }
    var record = RunRecord(device: device, classes: classes)
    record.weights = former?.record.weights ?? tuning.weights
    do {
      try train(
        model, entry, data, config, folder, record, from: start?.transfer.weights, on: device)
    } catch {
      throw TrainingFault.advised(error, config, data, folder)
    }
  }

  /// The shape of one input that a network is known for.
  private static func input(of id: String) throws -> Shape {
    try SegmentationNetworks.all.first { $0.id == id }?.input ?? Catalog.find(id).input
  }

  /// The settings of the run in a folder, and what it was begun with; nil where there is none.
  private static func former(
    _ folder: String
  ) throws -> (config: TrainingConfig, record: RunRecord)? {
    let path = RunFolder(folder).configPath
    guard InputFile.exists(path) else { return nil }
    do {
      let json = try JSON(path: path)
      var record = RunRecord(json)
      record.kernels = RunFolder(folder).kernels
      return (try TrainingConfig(json), record)
    } catch let error as TrainingError {
      throw TrainingError(.damaged, "\(path): \(error)", cause: error)
    }
  }

  /// Refuses an existing folder before anything is loaded.
  private func checkFolder(_ folder: RunFolder) throws {
    if resume == nil, InputFile.isFolder(folder.path) || InputFile.exists(folder.path) {
      throw TrainingError(
        .outputExists,
        "\(folder.path) is there already; go on with --resume \(folder.path), or choose another "
          + "--output-dir")
    }
  }

  private func classCount(
    _ entry: CatalogEntry, _ data: DataSplits, _ folder: RunFolder, _ former: Int?
  ) throws -> Int {
    let found = data.train.classNames.count
    if let classes = classes?.number {
      if classes < found {
        throw TrainingError(
          .mismatch, "\(data.name) has \(found) classes, --classes gives only \(classes)")
      }
      return classes
    }
    if let former, former >= found { return former }
    if resume != nil, let step = folder.steps.last,
      let trained = try? TrainedModel(
        entry.id, weights: folder.checkpointPath(step), input: data.train.inputShape)
    {
      return trained.classes
    }
    let isWebDataset = data.name.hasPrefix("webdataset")
    if found != entry.classes, found > 0, !data.isNumbered || isWebDataset {
      output.note("\(data.name) has \(found) classes: \(entry.id) is made for them")
      return found
    }
    guard found == entry.classes || found == 0 else {
      throw TrainingError(
        .mismatch,
        "\(data.name) has \(found) classes, \(entry.id) tells \(entry.classes) apart; "
          + "give --classes \(found) to change the network")
    }
    return entry.classes
  }

  private func train(
    _ model: some Layer, _ entry: CatalogEntry, _ data: DataSplits, _ config: TrainingConfig,
    _ folder: RunFolder, _ record: RunRecord, from weights: NamedTensors?, on device: Device
  ) throws {
    var options = Trainer.Options()
    options.initialWeights = weights ?? NamedTensors()
    if let network = model as? HMAX, weights == nil, resume == nil {
      options.initialWeights = try HMAXImprinting.prototypes(
        of: network, from: data.train, seed: config.seed, on: device)
    }
    let run = TrainingSession(
      id: entry.id, facts: RunFacts.all(model, entry, data, on: device), data: data,
      config: config, folder: folder, record: record, device: device, verb: self)
    run.prepare(&options)
    let trainer: Trainer
    if let network = model as? Neocognitron {
      trainer = try Trainer(
        network, data: data, config: config, on: device, options: options)
    } else if let network = model as? TaughtNeocognitron {
      trainer = try Trainer(
        network, data: data, config: config, on: device, options: options)
    } else {
      trainer = try Trainer(model, data: data, config: config, on: device, options: options)
    }
    try run.finish(trainer, Naming(model)) { result in
      guard samples > 0, data.test.count > 0 else { return nil }
      return try SampleSheet(
        model, weights: result.weights, data: data, count: samples, on: device)
    }
  }

  private func stepsPerEpoch(
    _ entry: SegmentationEntry, _ train: any Dataset, _ config: inout TrainingConfig
  ) throws -> Int {
    func counted(_ model: some SegmentationNetwork) throws -> Int {
      try tuning.apply(to: &config, Naming(model))
      let task = Segmentation(classes: max(train.classNames.count, 1))
      return try config.stepsPerEpoch(of: train, by: Objective(model, task: task))
    }
    return try counted(
      entry.model(classes: max(train.classNames.count, 1), channels: train.inputShape[0]))
  }

  /// Trains a network for segmentation.
  private func segment(
    _ entry: SegmentationEntry, _ data: DataSplits, _ given: TrainingConfig, _ folder: RunFolder,
    _ former: RunRecord?
  ) throws {
    guard let labels = data.train.signature["labels"], labels.shape.rank == 2 else {
      throw InspectError(
        .mismatch,
        "\(entry.id) answers every pixel and learns from images with masks, as segfolder:FOLDER; \(data.name) has "
          + "one class an image")
    }
    if tuning.weights != nil {
      throw InspectError(
        .usage,
        "--weights is not taken for segmentation yet; \(entry.id) begins with the seed's weights")
    }
    if samples > 0 {
      throw InspectError(
        .usage,
        "--samples shows answers of classifiers; 'striate predict' writes masks and overlays")
    }
    let found = data.train.classNames.count
    let classes = classes?.number ?? former?.classes ?? found
    guard classes >= found, classes > 0 else {
      throw TrainingError(
        .mismatch, "\(data.name) has \(found) classes, --classes gives only \(classes)")
    }
    try entry.check(channels: data.train.inputShape[0])
    let task = try SegmentationTraining.task(given, data, classes: classes)
    if let weights = task.weights {
      output.note(
        "weights of classes: \(weights.map { Numbers.plain($0) }.joined(separator: ", "))")
    }
    let device = try device.find(resuming: former)
    var config = given
    if let preprocessing = data.preprocessing {
      config.preparation = config.preparation.resolved(preprocessing)
      output.note(
        "images as \(preprocessing.summary); masks by the nearest pixel; augmentation \(config.augmentation)"
      )
    }
    let model = entry.model(classes: classes, channels: data.train.inputShape[0])
    func opened(_ model: some SegmentationNetwork) throws {
      let naming = Naming(model)
      try tuning.apply(to: &config, naming)
      let run = TrainingSession(
        id: entry.id,
        facts: RunFacts.tables(
          [
            ("network", "\(entry.title) (\(entry.year))"), ("paper", entry.paper),
            ("input", data.train.inputShape.description),
          ], data, on: device),
        data: data, config: config, folder: folder,
        record: RunRecord(device: device, classes: classes), device: device, verb: self)
      var options = Trainer.Options()
      run.prepare(&options)
      let trainer = try Trainer(
        model, task: task, data: data, config: config, on: device,
        options: options)
      try run.finish(trainer, naming) { _ in nil }
    }
    do { try opened(model) } catch {
      throw TrainingFault.advised(error, config, data, folder)
    }
  }
}
