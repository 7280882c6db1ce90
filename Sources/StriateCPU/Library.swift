import CDNNL
import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// oneDNN as found on this machine.
public struct DNNLibrary: Sendable {
  /// The version, `3.2.0`.
  public let version: String
  /// The file that was loaded.
  public let path: String
  /// The greatest instruction set that its kernels use.
  public let instructionSet: String
  /// Whether our own kernels run on its thread pool; otherwise they run on one thread.
  public let hasPool: Bool

  /// Loads oneDNN on the first call.
  ///
  /// The file named by `STRIATE_ONEDNN` if that is set; else `libdnnl` in `.deps/lib` beside the executable or
  /// above it, in `~/.local/share/striate/lib`, or as the system's loader finds it. Never the working folder.
  ///
  /// - Throws: `CPUError` with what was tried and the command that gets it.
  public static func load() throws(CPUError) -> DNNLibrary {
    var tried: [String] = []
    var tooOld: String?
    for candidate in candidates() {
      var message = [CChar](repeating: 0, count: 1024)
      let status = dn_load(candidate, &message, message.count)
      if status == Int32(DN_LOADED) { return loaded() }
      let reason = text(message)
      if status == Int32(DN_TOO_OLD) || status == Int32(DN_MISSING_SYMBOL) { tooOld = reason }
      tried.append(candidate)
    }
    throw CPUError(
      .libraryMissing,
      (tooOld ?? "oneDNN 3.2 or later was not found (tried \(summary(tried)))")
        + "; get it with: \(installCommand)")
  }

  /// The first and the last of the names that were tried, as there are many versions between them.
  private static func summary(_ names: [String]) -> String {
    guard names.count > 3, let last = names.last else { return names.joined(separator: ", ") }
    return "\(names[0]), \(names[1]) … \(last)"
  }

  /// The command that gets the library on this machine.
  public static var installCommand: String {
    #if os(macOS)
      "brew install onednn"
    #else
      "Scripts/bootstrap"
    #endif
  }

  private static func loaded() -> DNNLibrary {
    let version = dn_version().pointee
    return DNNLibrary(
      version: "\(version.major).\(version.minor).\(version.patch)",
      path: String(cString: dn_loaded_path()),
      instructionSet: name(ofInstructionSet: dn_get_effective_cpu_isa()), hasPool: dn_has_pool())
  }

  private static func candidates() -> [String] {
    if let named = getenv("STRIATE_ONEDNN") { return [String(cString: named)] }
    #if os(macOS)
      let names = ["libdnnl.3.dylib", "libdnnl.dylib"]
      let system = names + ["/opt/homebrew/lib/libdnnl.dylib", "/usr/local/lib/libdnnl.dylib"]
    #else
      let names = ["libdnnl.so.3"]
      let system = names + (2..<20).reversed().map { "libdnnl.so.3.\($0)" }
    #endif
    var folders = ancestorsOfExecutable().map { "\($0)/.deps/lib" }
    if let home = getenv("HOME") {
      folders.append("\(String(cString: home))/.local/share/striate/lib")
    }
    let files = folders.flatMap { folder in names.map { "\(folder)/\($0)" } }
    return files.filter { access($0, R_OK) == 0 } + system
  }

  /// The executable's folder and its parents up to the package's root.
  private static func ancestorsOfExecutable() -> [String] {
    var buffer = [CChar](repeating: 0, count: 4096)
    #if os(Linux)
      let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
      guard length > 0 else { return [] }
    #else
      var size = UInt32(buffer.count)
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return [] }
    #endif
    var parts = text(buffer).split(separator: "/").dropLast()
    var folders: [String] = []
    // .build/<triple>/<configuration> lies three folders below the root; test bundles lie beside it.
    for _ in 0..<5 where !parts.isEmpty {
      folders.append("/" + parts.joined(separator: "/"))
      parts = parts.dropLast()
    }
    return folders
  }

  /// The characters before the terminating zero.
  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func name(ofInstructionSet isa: Int32) -> String {
    switch isa {
    case 0x1: "sse41"
    case 0x3: "avx"
    case 0x7: "avx2"
    case 0xF: "avx2_vnni"
    case 0x27: "avx512_core"
    case 0x67: "avx512_core_vnni"
    case 0xE7: "avx512_core_bf16"
    case 0x1EF: "avx512_core_fp16"
    case 0xFEF: "avx512_core_amx"
    default: "isa 0x" + String(isa, radix: 16)
    }
  }
}
