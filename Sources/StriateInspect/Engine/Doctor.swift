import StriateCPU
import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateModels
import StriateRuntime

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
  /// Operations that the CPU engine leaves to the interpreter, in probes of every op and in two training
  /// steps of the catalogue.
  public let interpretedOps: [String]
  /// Kernels of these for which the library has only slow, generic code.
  public let naive: [String]
  /// All of these with their shapes and reasons, each op and reason once.
  public let gaps: [EngineGap]

  /// Looks.
  public init(threads: Int? = nil) {
    var devices: [DeviceReport] = []
    var gaps: [EngineGap] = []
    do {
      let cpu = try Device.cpu(threads: threads)
      devices.append(DeviceReport(id: "cpu", name: cpu.backend.summary, isAvailable: true))
      gaps = Self.gaps(on: cpu)
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
    var known: Set<String> = []
    self.gaps = gaps.filter {
      known.insert("\($0.op) \($0.implementation) \($0.reason)").inserted
    }
    let interpreted = gaps.filter { $0.implementation == "reference" }
    interpretedOps = Set(interpreted.map(\.op)).sorted()
    naive = Set(
      gaps.filter { $0.implementation != "reference" }.map { "\($0.op) (\($0.implementation))" }
    ).sorted()
  }

  /// Whether nothing that the main commands need is missing.
  public var isComplete: Bool {
    devices.allSatisfy(\.isAvailable) && libraries.allSatisfy { $0.path != nil }
  }

  /// What compiling the probes and small steps of two networks leaves to slow code: one network plain, one
  /// residual with batch norm.
  ///
  /// A probe that cannot be compiled at all is a gap too.
  private static func gaps(on device: Device) -> [EngineGap] {
    var gaps: [EngineGap] = []
    for probe in EngineProbe.all {
      let place = "\(probe.family.rawValue), \(probe.name)"
      do {
        gaps += EngineGap.found(in: try probe.program(on: device), at: place)
      } catch {
        gaps.append(
          EngineGap(op: place, shape: "", implementation: "none", reason: "\(error)", place: place))
      }
    }
    for id in ["lenet5", "resnet20"] {
      guard let entry = try? Catalog.find(id) else { continue }
      let subject = ModelSubject(entry.model(), named: id, input: entry.input, batch: 2)
      guard let step = try? subject.program(.train, on: device) else { continue }
      gaps += EngineGap.found(in: step, at: "training \(id)")
    }
    return gaps
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
