import StriateCPU
import StriateCore
import StriateFormats
import StriateRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Kernels that were chosen by trying, kept from one program to the next.
///
/// `kernels.json` in the user's cache folder: an object a machine (processor, library and its instruction set, threads,
/// generation of kernels), in it what is computed and the kernel's name. A file that cannot be read is made anew.
public struct AutotuneCache: Sendable {
  /// The file.
  public let path: String
  private let note: @Sendable (String) -> Void

  /// The cache in a file; nil where the environment names no folder for it.
  ///
  /// - Parameters:
  ///   - path: the file; by default `striate/kernels.json` in `$XDG_CACHE_HOME` or `~/.cache`.
  ///   - note: told, in one line, what is wrong with the file.
  public init?(path: String? = nil, note: @escaping @Sendable (String) -> Void) {
    let folder =
      InputFile.environment("XDG_CACHE_HOME")
      ?? InputFile.environment("HOME").map { "\($0)/.cache" }
    guard let path = path ?? folder.map({ "\($0)/striate/kernels.json" }) else { return nil }
    self.path = path
    self.note = note
  }

  /// What stands for a machine with this engine.
  public static func machine(_ backend: CPUBackend) -> String {
    "\(Processor.name), \(backend.summary), kernels \(Autotune.generation)"
  }

  /// The choices that are known for a machine; none where there is no file, or a damaged one.
  public func choices(for machine: String) -> [String: String] {
    guard let machines = machines(), let known = machines[machine]?.object else { return [:] }
    return known.names.reduce(into: [:]) { $0[$1] = known[$1]?.string }
  }

  private func machines() -> JSONObject? {
    guard InputFile.exists(path) else { return nil }
    do {
      if let machines = try JSON(path: path).object { return machines }
      note("\(path) holds no object; kernels are tried anew")
    } catch {
      note("\(path) cannot be read (\(error.message)); kernels are tried anew")
    }
    return nil
  }

  /// Keeps a machine's choices beside those of others; says so where that cannot be done.
  public func keep(_ choices: [String: String], for machine: String) {
    var machines = self.machines() ?? JSONObject()
    var own = machines[machine]?.object ?? JSONObject()
    for (name, way) in choices.sorted(by: { $0.key < $1.key }) { own[name] = JSON(way) }
    machines[machine] = .object(own)
    do {
      if let slash = path.lastIndex(of: "/") { try Folder.make(String(path[..<slash])) }
      try AtomicFile.write(JSON.object(machines).text(pretty: true) + "\n", to: path)
    } catch {
      note("\(path) cannot be written (\(error)); these kernels will be tried again")
    }
  }
}
