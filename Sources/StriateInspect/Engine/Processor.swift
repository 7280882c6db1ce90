#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The processor that the program runs on.
public enum Processor {
  /// The processor as it calls itself.
  public static let name: String = {
    #if canImport(Darwin)
      var bytes = [UInt8](repeating: 0, count: 256)
      var count = bytes.count
      guard sysctlbyname("machdep.cpu.brand_string", &bytes, &count, nil, 0) == 0 else {
        return unnamed
      }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    #else
      var bytes = [UInt8](repeating: 0, count: 4096)
      let file = open("/proc/cpuinfo", O_RDONLY)
      guard file >= 0 else { return unnamed }
      defer { close(file) }
      let count = max(0, read(file, &bytes, bytes.count))
      let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
      let line = lines.first { $0.hasPrefix("model name") }
      let name = line?.split(separator: ":", maxSplits: 1).last
      return name.map { String($0.drop { $0.isWhitespace }) } ?? unnamed
    #endif
  }()

  private static let unnamed = "a processor without a name"
}
