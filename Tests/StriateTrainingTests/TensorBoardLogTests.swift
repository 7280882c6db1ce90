import StriateCore
import StriateFormats
import StriateTestSupport
import StriateTraining
import Testing

/// What a run records for TensorBoard, over stops, kills and full disks.
@Suite struct TensorBoardLogTests {
  private struct Killed: Error {}

  /// A run of three epochs, killed where the closure says so.
  private func run(
    in folder: RunFolder, resuming: Bool = false,
    _ more: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws {
    _ = try tinyTrainer {
      let board = TensorBoardLog(folder, config: tinyConfig(), data: rings)
      $0.observesAnswers = true
      $0.checkpointEvery = 4
      $0.observe = {
        try board.observe($0)
        try more($0)
      }
    }.run(in: folder, resuming: resuming)
  }

  /// What TensorBoard shows: tag → steps, given that a new part takes back what it makes again.
  private func shown(_ folder: RunFolder) throws -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for file in EventFileWriter.files(in: folder.path) {
      for event in try EventFileReader.events(file) {
        switch event.content {
        case .start:
          for tag in result.keys { result[tag]?.removeAll { $0 >= event.step } }
        case .values(let values):
          for value in values { result[value.tag, default: []].append(event.step) }
        case .version, .other: break
        }
      }
    }
    return result
  }

  @Test func everyTagHasItsSteps() throws {
    let scratch = try Scratch()
    let folder = scratch.run("run")
    try run(in: folder)
    let shown = try shown(folder)
    for tag in ["Loss/train", "Loss/val", "Acc@1/train", "Acc@1/val", "weights/conv.weight"] {
      #expect(shown[tag] == [6, 12, 18], "\(tag)")
    }
    #expect(shown["weights/bn.running_mean"] == [6, 12, 18])
    #expect(shown["LR"] == [2, 4, 6, 8, 10, 12, 14, 16, 18])
    #expect(shown["images_per_sec"] == shown["LR"])
    #expect(shown["Loss/step"] == [2, 4, 8, 10, 14, 16])
    #expect(shown["config/text_summary"] == [0])
    #expect(shown["samples/train"] == [0])
    #expect(shown["mistakes/val"]?.isEmpty == false)
  }

  /// The numbers are those of the log.
  @Test func scalarsAreThoseOfTheLog() throws {
    let scratch = try Scratch()
    let folder = scratch.run("run")
    try run(in: folder)
    let log = String(decoding: try InputFile.contents(folder.metricsPath), as: UTF8.self)
      .split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
    let losses = log.filter { $0["split"]?.string == "test" }.compactMap { $0["loss"]?.double }
    let file = try #require(EventFileWriter.files(in: folder.path).first)
    let values = try EventFileReader.events(file).flatMap { event -> [TensorBoardEvent.Tagged] in
      if case .values(let values) = event.content { values } else { [] }
    }
    let found = values.filter { $0.tag == "Loss/val" }.map(\.value)
    #expect(found == losses.map { .scalar(Float($0)) })
  }

  @Test(arguments: [5, 6, 9, 12, 17])
  func aKilledRunShowsEveryStepOnce(_ moment: Int) throws {
    let scratch = try Scratch()
    let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
    try run(in: whole)
    #expect(throws: Killed.self) {
      try run(in: parts) {
        if case .stepped(let report) = $0, report.step == moment { throw Killed() }
      }
    }
    // A record that was cut off.
    let file = try #require(EventFileWriter.files(in: parts.path).first)
    try run(in: parts, resuming: true)
    #expect(EventFileWriter.files(in: parts.path).count == 2)
    #expect(EventFileWriter.files(in: parts.path).first == file)
    let (a, b) = (try shown(whole), try shown(parts))
    #expect(a == b)
  }

  @Test func recordsDoNotChangeTheRun() throws {
    let scratch = try Scratch()
    let (plain, recorded) = (scratch.run("plain"), scratch.run("recorded"))
    _ = try tinyTrainer { $0.checkpointEvery = 4 }.run(in: plain)
    try run(in: recorded)
    for file in ["weights.safetensors", "optimizer.safetensors"] {
      #expect(
        try InputFile.contents("\(plain.path)/last/\(file)")
          == InputFile.contents("\(recorded.path)/last/\(file)"))
    }
  }

  @Test func aFileThatCannotBeWrittenEndsTheRun() throws {
    let scratch = try Scratch()
    let folder = scratch.run("run")
    let elsewhere = TensorBoardLog(
      RunFolder("\(scratch.path)/gone"), config: tinyConfig(), data: rings)
    let error = #expect(throws: TrainingError.self) {
      try tinyTrainer { $0.observe = { try elsewhere.observe($0) } }.run(in: folder)
    }
    #expect(error?.code == .storage)
    #expect(error?.message.contains("gone/events.out.tfevents.") == true)
  }
}
