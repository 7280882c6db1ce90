import Striate

/// A training as the command line runs it, whatever the task: records, progress and the closing report.
final class TrainingSession {
  private let id: String
  private let data: DataSplits
  private let config: TrainingConfig
  private let folder: RunFolder
  private let record: RunRecord
  private let device: Device
  private let verb: TrainVerb
  private let progress = ProgressLine()
  private let board: TensorBoardLog
  private let page: SummaryPage

  init(
    id: String, facts: [SummaryPage.Facts], data: DataSplits, config: TrainingConfig,
    folder: RunFolder, record: RunRecord, device: Device, verb: TrainVerb
  ) {
    self.id = id
    self.data = data
    self.config = config
    self.folder = folder
    self.record = record
    self.device = device
    self.verb = verb
    board = TensorBoardLog(folder, config: config, data: data)
    page = SummaryPage(folder, facts: facts)
  }

  /// Sets what a trainer is told, and says what begins.
  func prepare(_ options: inout Trainer.Options) {
    options.loaderThreads = verb.images.workers(for: data)
    options.checkpointEvery = verb.checkpointEvery
    options.observesAnswers = true
    options.record = record.members
    options.environment["threads"] = "\(device.threads)"
    let (board, page, progress, isQuiet) = (board, page, progress, verb.output.quiet)
    options.observe = { event in
      try board.observe(event)
      try page.observe(event)
      if case .warning = event { return progress.show(event) }
      if !isQuiet { progress.show(event) }
    }
    verb.output.note(
      "training \(id) on \(data.name): \(Numbers.counted(data.train.count, "image")), "
        + "\(Numbers.counted(config.epochs, "epoch")), on \(device.id) (\(device.backend.summary))")
    for line in data.notes { Output.warning(line) }
    if let final = data.final {
      verb.output.note(
        "measured on \(data.test.count) held-out images; the \(final.count) test images wait for the end"
      )
    }
  }

  /// Trains and reports.
  ///
  /// - Parameter sheet: makes the sheet of answers of a finished run; nil for none.
  func finish(
    _ trainer: Trainer, _ naming: Naming, sheet: (TrainingResult) throws -> SampleSheet?
  ) throws {
    let result: TrainingResult
    do {
      result = try trainer.run(in: folder, resuming: verb.resume != nil)
      progress.finish()
    } catch {
      progress.finish()
      throw error
    }
    if result.outcome == .interrupted {
      Output.note("stopped and saved; go on with: striate train --resume \(folder.path)")
    }
    var report = TrainReport(
      result: result, id: id, data: data, device: device, folder: folder.path,
      parameters: naming.parameters.filter { $0.parameter.role == .weight }.reduce(0) {
        $0 + $1.parameter.type.shape.count
      })
    let output = verb.output
    if result.outcome == .finished, let sheet = try sheet(result) {
      let path = "\(folder.path)/samples.png"
      try AtomicFile.write(sheet.png(), to: path)
      report.samples = path
      // The page links the sheet.
      try page.write()
      if !output.json, !output.quiet {
        try Output.result(sheet.terminal(verb.shown.style) + "\n")
      }
    }
    if !output.json, !output.quiet, let curves = try? RunCurves(log: folder.metricsPath) {
      let text = CurveText(curves, style: .output).text
      if !text.isEmpty { try Output.result(text + "\n") }
    }
    try output.show(report.json, text: report.text)
  }
}
