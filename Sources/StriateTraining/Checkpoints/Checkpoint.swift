import StriateCore
import StriateFormats

/// A run as it stood after a step: `weights.safetensors`, `optimizer.safetensors`, `state.json`, and where
/// the run keeps a running average of the weights `ema.safetensors`.
///
/// The average has the keys of the weights and is used in their place. The tensor files are functions of
/// the settings and the step alone; times stand in `state.json`, which also holds the digests of all.
public struct Checkpoint: Sendable {
  /// The network's weights and what the optimiser keeps.
  public var state: TrainState
  /// How far the run had come.
  public var progress: RunProgress
  /// The settings of the run.
  public var config: JSON
  /// The device, library and machine: what else decides the bytes.
  public var environment: JSON
  /// What a user of the weights needs beside them; stands in their file.
  public var metadata: [String: String] = [:]

  static let weightsFile = "weights.safetensors"
  static let averageFile = "ema.safetensors"
  static let optimizerFile = "optimizer.safetensors"
  static let stateFile = "state.json"

  /// Writes the three files into a folder that is there.
  ///
  /// - Throws: `FormatError` with the system's reason.
  func write(into folder: String) throws {
    let weights = "\(folder)/\(Self.weightsFile)"
    let optimizer = "\(folder)/\(Self.optimizerFile)"
    let average = "\(folder)/\(Self.averageFile)"
    var metadata = metadata
    metadata["model"] = config["model"]?.string
    try Safetensors.write(state.weights, metadata: metadata, to: weights)
    try Safetensors.write(state.slots, to: optimizer)
    let hasAverage = state.average.count > 0
    if hasAverage { try Safetensors.write(state.average, metadata: metadata, to: average) }
    var members = JSONObject()
    members["version"] = 1
    members["progress"] = progress.json
    members["config"] = config
    members["environment"] = environment
    var digests: JSONObject = [
      Self.weightsFile: JSON(try SHA256.hex(ofFile: weights)),
      Self.optimizerFile: JSON(try SHA256.hex(ofFile: optimizer)),
    ]
    if hasAverage { digests[Self.averageFile] = JSON(try SHA256.hex(ofFile: average)) }
    members["sha256"] = .object(digests)
    members["state_sha256"] = JSON(Self.digest(members))
    try AtomicFile.write(
      JSON.object(members).text(pretty: true) + "\n", to: "\(folder)/\(Self.stateFile)")
    try AtomicFile.sync(folder: folder)
  }

  /// Reads a checkpoint's folder.
  ///
  /// - Throws: `TrainingError` where a file is missing or its bytes are not those that were written.
  public static func read(_ folder: String) throws -> Checkpoint {
    func damaged(_ message: String, _ cause: (any Error)? = nil) -> TrainingError {
      TrainingError(.damaged, "\(folder): \(message)", cause: cause)
    }
    let json: JSON
    do {
      json = try JSON(path: "\(folder)/\(stateFile)")
    } catch {
      throw damaged("\(stateFile) cannot be read: \(error.message)", error)
    }
    guard var members = json.object, let digest = members["state_sha256"]?.string else {
      throw damaged("\(stateFile) holds no checkpoint")
    }
    members["state_sha256"] = nil
    guard digest == Self.digest(members) else {
      throw damaged("\(stateFile) is not as it was written: its SHA-256 differs")
    }
    guard members["version"]?.int == 1, let config = members["config"],
      let progress = members["progress"].flatMap(RunProgress.init)
    else { throw damaged("\(stateFile) is of a version that this Striate does not read") }
    func tensors(_ name: String) throws -> NamedTensors {
      let path = "\(folder)/\(name)"
      do {
        guard try SHA256.hex(ofFile: path) == members["sha256"]?[name]?.string else {
          throw damaged("\(name) is not as it was written: its SHA-256 differs")
        }
        return try Safetensors.read(path).tensors
      } catch let error as FormatError {
        throw damaged("\(name) cannot be read: \(error.message)", error)
      }
    }
    var state = TrainState(weights: try tensors(weightsFile), slots: try tensors(optimizerFile))
    if members["sha256"]?[averageFile] != nil { state.average = try tensors(averageFile) }
    return Checkpoint(
      state: state,
      progress: progress, config: config, environment: members["environment"] ?? nil)
  }

  /// The digest of the state's own members.
  private static func digest(_ members: JSONObject) -> String {
    SHA256.hex(of: Array(JSON.object(members).text().utf8))
  }
}
