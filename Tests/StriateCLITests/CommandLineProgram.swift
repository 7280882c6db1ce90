import Foundation
import Striate

/// The built executable, run as users run it.
struct CommandLineProgram {
  struct Outcome {
    /// The exit code; where a signal ended the program, its number, negated.
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

  /// The path of the executable.
  static var path: String { folder.appendingPathComponent("striate").path }

  /// The fastest device that is there.
  static let device: String = {
    let devices = (try? run(["doctor", "--json"]))?.json?["devices"]?.array ?? []
    let hasCPU = devices.contains {
      $0["id"]?.string == "cpu" && $0["available"]?.bool == true
    }
    return hasCPU ? "cpu" : "reference"
  }()

  /// Runs a program of the build to its end.
  static func run(
    _ arguments: [String], program name: String = "striate", environment: [String: String] = [:],
    in directory: String? = nil
  ) throws -> Outcome {
    try RunningProgram(
      folder.appendingPathComponent(name).path, arguments, environment: environment, in: directory
    ).wait()
  }

  /// Starts the executable.
  static func start(_ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(path, arguments)
  }

  /// Runs a script of the system's shell to its end.
  static func shell(_ script: String, _ arguments: [String] = []) throws -> Outcome {
    try RunningProgram("/bin/sh", ["-c", script, "sh"] + arguments).wait()
  }
}

/// A program that runs; what it writes goes to files, so that it never waits for a reader.
final class RunningProgram {
  private let process = Process()
  private let files: [URL]

  init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    in directory: String? = nil
  ) throws {
    files = ["output", "errors"].map {
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "striate-\($0)-\(UUID().uuidString)")
    }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  deinit { for file in files { try? FileManager.default.removeItem(at: file) } }

  /// Whether it still runs.
  var isRunning: Bool { process.isRunning }

  /// Sends it a signal.
  func send(_ signal: Int32) { _ = kill(process.processIdentifier, signal) }

  /// Waits until the condition holds or the program has ended; false for the latter.
  func wait(until condition: () -> Bool) -> Bool {
    while !condition() {
      if !process.isRunning { return false }
      usleep(500)
    }
    return true
  }

  /// Waits for its end.
  func wait() throws -> CommandLineProgram.Outcome {
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    let status = process.terminationStatus
    return CommandLineProgram.Outcome(
      code: process.terminationReason == .uncaughtSignal ? -status : status, output: texts[0],
      errors: texts[1])
  }
}
