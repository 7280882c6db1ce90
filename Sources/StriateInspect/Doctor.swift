import StriateCPU
import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateModels
import StriateRuntime
import StriateTraining

/// What of this machine Striate found, what it did not, and how to get that.
public struct Doctor: Sendable {
  /// A device.
  public struct DeviceReport: Sendable {
    /// Its id on the command line.
    public var id: String
    /// It in words: library, instruction set, threads.
    public var name: String
    /// Whether it can be used.
    public var isAvailable: Bool
    /// Why it cannot.
    public var reason: String?
  }

  /// A library that is opened at run time, or a data set.
  public struct Finding: Sendable {
    /// Its name.
    public var name: String
    /// Where it is; nil where it was not found.
    public var path: String?
    /// Its own version.
    public var version: String?
    /// The SHA-256 of the file.
    public var sha256: String?
    /// Why it was not found.
    public var reason: String?
    /// The command that gets it.
    public var install: String
  }

  /// The devices.
  public let devices: [DeviceReport]
  /// The libraries that are opened at run time.
  public let libraries: [Finding]
  /// The data sets known by name.
  public let data: [Finding]
  /// Operations of the catalogue's training steps that the CPU engine leaves to the interpreter.
  public let interpretedOps: [String]
  /// Kernels of these steps for which the library has only slow, generic code.
  public let naive: [String]

  /// Looks.
  public init(threads: Int? = nil) {
    var devices: [DeviceReport] = []
    var steps: [ExecutionReport] = []
    do {
      let cpu = try Device.cpu(threads: threads)
      devices.append(DeviceReport(id: "cpu", name: cpu.backend.summary, isAvailable: true))
      steps = Self.reports(on: cpu)
    } catch {
      devices.append(
        DeviceReport(id: "cpu", name: "oneDNN", isAvailable: false, reason: "\(error)"))
    }
    let reference = Device.reference
    devices.append(
      DeviceReport(id: reference.id, name: reference.backend.summary, isAvailable: true))
    self.devices = devices
    libraries = [Self.oneDNN()] + CodecLibrary.all.map(Self.finding)
    data = KnownDataset.allCases.map(Self.finding)
    let kernels = steps.flatMap(\.kernels)
    interpretedOps = Set(kernels.filter { $0.implementation == "reference" }.map(\.name)).sorted()
    naive = Set(
      kernels.filter { $0.isNaive && $0.implementation != "reference" }
        .map { "\($0.name) (\($0.implementation))" }
    ).sorted()
  }

  /// Whether nothing that the main commands need is missing.
  public var isComplete: Bool {
    devices.allSatisfy(\.isAvailable) && libraries.allSatisfy { $0.path != nil }
  }

  /// What compiling small steps of two networks decides: one plain, one residual with batch norm.
  private static func reports(on device: Device) -> [ExecutionReport] {
    ["lenet5", "resnet20"].compactMap { id in
      guard let entry = try? Catalog.find(id) else { return nil }
      let type = TensorType(.float32, Shape([2] + entry.input.dims))
      let rule = GradientDescent(
        Objective(entry.model()), optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), on: device)
      return try? rule.trainingStep(type).program.executable.report
    }
  }

  private static func oneDNN() -> Finding {
    do {
      let library = try DNNLibrary.load()
      return Finding(
        name: "oneDNN", path: library.path, version: library.version,
        sha256: try? SHA256.hex(ofFile: library.path), install: DNNLibrary.installCommand)
    } catch {
      return Finding(
        name: "oneDNN", reason: error.message, install: DNNLibrary.installCommand)
    }
  }

  private static func finding(_ library: CodecLibrary) -> Finding {
    Finding(
      name: library.name, path: library.path, version: library.version,
      sha256: library.path.flatMap { try? SHA256.hex(ofFile: $0) }, reason: library.reason,
      install: library.install)
  }

  private static func finding(_ dataset: KnownDataset) -> Finding {
    do {
      return Finding(
        name: dataset.rawValue, path: try dataset.find(), install: dataset.install)
    } catch {
      return Finding(name: dataset.rawValue, reason: error.message, install: dataset.install)
    }
  }
}

extension Device {
  /// The threads that it computes with.
  public var threads: Int { (backend as? CPUBackend)?.threads ?? 1 }
}
