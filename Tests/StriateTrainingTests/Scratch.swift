import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of a test's own, taken away with all that is in it.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/striate-train-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp", number: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { Scratch.remove(path) }

  /// A run's folder in this one; not made yet.
  func run(_ name: String) -> RunFolder { RunFolder("\(path)/\(name)") }

  static func remove(_ path: String) {
    if target(path) == nil, InputFile.isFolder(path) {
      for name in names(path) { remove("\(path)/\(name)") }
      _ = rmdir(path)
    } else {
      _ = unlink(path)
    }
  }

  static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { _ = closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func target(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 1024)
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes bytes over a file.
  static func overwrite(_ path: String, _ bytes: [UInt8]) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = write(descriptor, bytes, bytes.count)
    _ = close(descriptor)
  }
}

/// Two classes of points in the plane, told apart by a ring; a function of the index.
struct Rings: SampleDataset {
  var count = 22
  var offset = 0
  var bad: Int?
  let inputShape: Shape = [1, 4, 4]
  let classNames = ["inner", "outer"]

  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    if index == bad { return ([Float](repeating: .infinity, count: 16), 0) }
    let label = (index + offset) % 2
    let values = (0..<16).map { cell in
      let inner = [5, 6, 9, 10].contains(cell)
      let noise = Float(((index + offset) * 31 + cell * 17) % 13) / 26
      return (inner == (label == 0) ? 1 : 0) + noise
    }
    return (values, label)
  }
}

/// Convolution, batch norm, dropout, linear: all that a resume must carry on.
struct Tiny: Layer {
  let conv = Conv2D(in: 1, out: 3, kernel: 3, padding: 1, bias: false)
  let bn = BatchNorm2D(3)
  let drop = Dropout(0.2)
  let fc = Linear(in: 48, out: 2)

  func forward(_ x: Tensor) -> Tensor { fc(drop(relu(bn(conv(x))).flattened(from: 1))) }
}

let rings = DataSplits(
  train: Rings(), test: Rings(count: 9, offset: 100), name: "rings", mean: [0], std: [1])

/// Three epochs of six steps, the last of two samples.
func tinyConfig(_ change: (inout TrainingConfig) -> Void = { _ in }) -> TrainingConfig {
  var config = TrainingConfig(
    model: "tiny", data: "rings", epochs: 3, batchSize: 4, optimizer: .adamw, learningRate: 0.02,
    schedule: .oneCycle(), weightDecay: 0.01, smoothing: 0.1, seed: 11)
  change(&config)
  return config
}

/// A training of the tiny model on the interpreter.
func tinyTrainer(
  _ config: TrainingConfig = tinyConfig(), data: DataSplits = rings,
  _ change: (inout Trainer.Options) -> Void = { _ in }
) throws -> Trainer {
  var options = Trainer.Options()
  options.handlesSignals = false
  options.logEvery = 2
  change(&options)
  return try Trainer(Tiny(), data: data, config: config, on: .reference, options: options)
}
