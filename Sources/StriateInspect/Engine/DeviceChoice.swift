import StriateCPU
import StriateCore
import StriateRuntime

extension Device {
  /// The fastest device that is there: the CPU engine, or the interpreter where oneDNN is missing.
  public static var best: Device { (try? .cpu()) ?? .reference }
}

/// Devices by the names that the command line knows.
public enum DeviceChoice {
  /// The names that can be given.
  public static let known = ["auto", "cpu", "reference"]

  /// Names of devices that a later version will have.
  private static func isPlanned(_ name: String) -> Bool {
    name == "xla-cpu" || name == "cuda" || name.hasPrefix("cuda:")
  }

  /// The device with a name; `auto` takes the best one that is there.
  ///
  /// - Parameters:
  ///   - threads: size of the thread pool; nil for a thread a core.
  ///   - autotune: chooses kernels by trying them, or as they were chosen before; of the cpu device alone.
  ///   - note: told, in one line, where `auto` had to fall back.
  /// - Throws: `InspectError` for an unknown name, or for a device that is missing, with the command that
  ///   gets it.
  public static func find(
    _ name: String, threads: Int? = nil, autotune: Autotune? = nil,
    note: (String) -> Void = { _ in }
  ) throws -> Device {
    if let threads, threads < 1 || threads > 4096 {
      throw InspectError(.usage, "threads must be from 1 to 4096, found \(threads)")
    }
    switch name {
    case "reference": return .reference
    case "cpu":
      do {
        return try .cpu(threads: threads, autotune: autotune)
      } catch let error as CPUError {
        throw InspectError(.missing, "the device cpu is missing: \(error.message)", cause: error)
      }
    case "auto":
      do {
        return try .cpu(threads: threads, autotune: autotune)
      } catch let error as CPUError {
        note("the device cpu is missing, using reference, which is slow: \(error.message)")
        return .reference
      }
    case _ where isPlanned(name):
      throw InspectError(
        .missing,
        "the device \(name) is missing: this version has no GPU engine; use --device cpu")
    default:
      throw InspectError(
        .usage, "there is no device named '\(name)'; \(NearMiss.hint(for: name, among: known))")
    }
  }
}
