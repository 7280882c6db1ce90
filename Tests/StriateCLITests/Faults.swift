import Foundation
import Striate
import Testing

/// What every fault must look like: the exit code, one error line as the last one, and no crash.
func expectFault(
  _ outcome: CommandLineProgram.Outcome, _ code: Int32 = 1, _ says: [String],
  location: Testing.SourceLocation = #_sourceLocation
) {
  #expect(outcome.code == code, "\(outcome.errors)", sourceLocation: location)
  let lines = outcome.errorLines.filter { $0.hasPrefix("error: ") }
  #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.errorLines.last == lines.first, "\(outcome.errors)", sourceLocation: location)
  for part in says {
    #expect(lines.first?.contains(part) == true, "\(part) in \(lines)", sourceLocation: location)
  }
}

/// A small training whose end is compared, with the uninterrupted run's end.
struct SmallRun {
  /// What must be the same however often a run was stopped.
  struct End: Equatable {
    var weights: [UInt8]
    var optimizer: [UInt8]
    var log: [[JSON?]]

    init(of folder: String) throws {
      func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
      }
      weights = try bytes("last/weights.safetensors")
      optimizer = try bytes("last/optimizer.safetensors")
      // All but what time decides.
      let lines = String(decoding: try bytes("metrics.jsonl"), as: UTF8.self).split(separator: "\n")
      log = try lines.map { line in
        let json = try JSON(parsing: String(line))
        return ["step", "epoch", "split", "loss", "acc1", "lr"].map { json[$0] }
      }
    }
  }

  let data: SmallData
  static let (epochs, stepsPerEpoch) = (3, 19)

  init() throws { data = try SmallData(train: 600, test: 100) }

  /// The command line but for the folder.
  func arguments(_ more: String...) -> [String] {
    [
      "train", "--model", "lenet5", "--data", data.name, "--epochs", "\(Self.epochs)",
      "--batch-size", "32", "--device", CommandLineProgram.device, "--threads", "1",
    ] + more
  }

  /// Going on with a run; with its own settings only where it was killed before they were written.
  func resume(_ folder: String, _ more: String...) -> [String] {
    let hasSettings = FileManager.default.fileExists(atPath: "\(folder)/config.json")
    let settings =
      hasSettings
      ? ["train", "--device", CommandLineProgram.device, "--threads", "1"] : arguments()
    return settings + ["--resume", folder] + more
  }

  /// The end of a run that nothing disturbed.
  static let whole: Result<End, any Error> = Result {
    let run = try SmallRun()
    let folder = run.data.path("whole")
    let outcome = try CommandLineProgram.run(run.arguments("--output-dir", folder))
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try End(of: folder)
  }

  /// Whether a run's folder, as a stopped program left it, can be read: all in it that has its final name
  /// is whole.
  static func expectReadable(
    _ folder: String, location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let files = FileManager.default
    guard files.fileExists(atPath: folder) else { return }
    let config = "\(folder)/config.json"
    if files.fileExists(atPath: config) { _ = try TrainingConfig(JSON(path: config)) }
    let run = RunFolder(folder)
    for step in run.steps {
      let checkpoint = try Checkpoint.read(run.checkpointPath(step))
      #expect(checkpoint.progress.step == step, sourceLocation: location)
    }
    for link in ["last", "best"] {
      guard let step = run.step(of: link) else { continue }
      #expect(run.steps.contains(step), "\(link) leads nowhere", sourceLocation: location)
    }
  }

  /// Whether a run has ended as the undisturbed one and left nothing temporary.
  static func expectWhole(_ folder: String, location: Testing.SourceLocation = #_sourceLocation)
    throws
  {
    try expectReadable(folder, location: location)
    let (end, whole) = (try End(of: folder), try whole.get())
    #expect(end.weights == whole.weights, "weights differ", sourceLocation: location)
    #expect(end.optimizer == whole.optimizer, "slots differ", sourceLocation: location)
    #expect(end.log == whole.log, sourceLocation: location)
    let left = try leftovers(folder)
    #expect(left == [], sourceLocation: location)
  }

  /// What has a temporary name in a run's folder.
  static func leftovers(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.hasSuffix(".tmp") || $0.split(separator: "/").contains { $0.hasPrefix(".") }
    }
  }
}
