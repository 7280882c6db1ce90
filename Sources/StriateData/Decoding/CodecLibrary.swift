import CCodecs

/// A library that is opened at run time, as `striate doctor` shows it.
public struct CodecLibrary: Sendable, Hashable {
  /// Its name: `zlib`, `libpng`, `TurboJPEG`.
  public var name: String
  /// The file it was loaded from; nil where it was not found.
  public var path: String?
  /// Its own version; nil where it was not found.
  public var version: String?
  /// Why it was not found; nil where it was.
  public var reason: String?
  /// The command that gets it.
  public var install: String

  /// zlib, for gzip.
  public static var zlib: CodecLibrary {
    CodecLibrary("zlib", codecs_find_zlib(), linux: "apt-get install zlib1g", macOS: "zlib")
  }

  /// libpng, for PNG images.
  public static var libpng: CodecLibrary {
    CodecLibrary(
      "libpng", codecs_find_libpng(), linux: "apt-get install libpng16-16", macOS: "libpng")
  }

  /// TurboJPEG, for JPEG images.
  public static var turboJPEG: CodecLibrary {
    CodecLibrary(
      "TurboJPEG", codecs_find_turbojpeg(),
      linux: "apt-get install libturbojpeg0 (Ubuntu: libturbojpeg)",
      macOS: "jpeg-turbo")
  }

  /// All libraries of this module.
  public static var all: [CodecLibrary] { [.zlib, .libpng, .turboJPEG] }

  private init(_ name: String, _ found: codecs_library, linux: String, macOS: String) {
    self.name = name
    path = found.path.map { String(cString: $0) }
    version = found.version.map { String(cString: $0) }
    reason = found.error.map { String(cString: $0) }
    #if os(macOS)
      install = "brew install \(macOS)"
    #else
      install = linux
    #endif
  }

  /// - Throws: `DataError` where the library was not found.
  func require() throws(DataError) {
    guard let reason else { return }
    throw DataError(.notFound, "\(name) was not found: \(reason); get it with: \(install)")
  }
}
