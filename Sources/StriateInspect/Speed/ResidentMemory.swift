#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How much physical memory this process came to hold since some moment, as Linux counts it.
struct ResidentMemory {
  private let before: Int

  /// Counts from now on, the peak so far forgotten; nil where the system does not say.
  init?() {
    // "5" resets the peak to what is resident now: proc_pid_clear_refs(5).
    guard Self.write("5", to: "/proc/self/clear_refs"), let now = Self.status("VmRSS:") else {
      return nil
    }
    before = now
  }

  /// Bytes from the beginning to the peak.
  var growth: Int? { Self.status("VmHWM:").map { max(0, $0 - before) } }

  #if os(Linux)
    private static func write(_ text: String, to path: String) -> Bool {
      guard let file = fopen(path, "w") else { return false }
      let written = fputs(text, file)
      return fclose(file) == 0 && written >= 0
    }

    /// The bytes of a line `VmRSS:   1234 kB`.
    private static func status(_ key: String) -> Int? {
      guard let file = fopen("/proc/self/status", "r") else { return nil }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), file) != nil {
        let text = String(
          decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard text.hasPrefix(key) else { continue }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[2] == "kB", let value = Int(words[1]) else { return nil }
        return value.multipliedReportingOverflow(by: 1024).partialValue
      }
      return nil
    }
  #else
    private static func write(_ text: String, to path: String) -> Bool { false }
    private static func status(_ key: String) -> Int? { nil }
  #endif
}
