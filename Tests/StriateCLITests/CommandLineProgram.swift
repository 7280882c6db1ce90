import Foundation
import Striate

/// The built executable, run as users run it.
struct CommandLineProgram {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String

    /// The one JSON value on standard output.
    var json: JSON? { try? JSON(parsing: output) }
    /// The lines on standard error.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  /// The folder of the build, which holds the test bundle and the executables.
  static let folder: URL = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folder = bundle.deletingLastPathComponent()
    while folder.path != "/" {
      if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("striate").path)
      {
        return folder
      }
      folder.deleteLastPathComponent()
    }
    return Bundle.main.bundleURL
  }()

  /// Runs a program of the build to its end.
  static func run(
    _ arguments: [String], program name: String = "striate", environment: [String: String] = [:],
    in directory: String? = nil
  ) throws -> Outcome {
    let process = try start(name, arguments, environment: environment, in: directory)
    let output = process.output.fileHandleForReading.readDataToEndOfFile()
    process.process.waitUntilExit()
    let errors = try Data(contentsOf: process.errors)
    try? FileManager.default.removeItem(at: process.errors)
    return Outcome(
      code: process.process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }

  private static func start(
    _ name: String, _ arguments: [String], environment: [String: String], in directory: String?
  ) throws -> (process: Process, output: Pipe, errors: URL) {
    let errors = FileManager.default.temporaryDirectory.appendingPathComponent(
      "striate-errors-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    let process = Process()
    process.executableURL = folder.appendingPathComponent(name)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output, errors)
  }
}
