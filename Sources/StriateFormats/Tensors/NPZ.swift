import StriateCore

/// NumPy's archives of arrays, as `numpy.savez` and `savez_compressed` write them: a ZIP file with an NPY file a tensor.
public enum NPZ {
  /// Reads a file; names are those of the arrays.
  ///
  /// - Throws: `FormatError` where the file cannot be read or is damaged.
  public static func read(_ path: String) throws -> NamedTensors {
    do {
      let source = try ByteSource(path: path)
      return try read(ZipArchive(source), source)
    } catch let error as FormatError {
      throw error.at(path: path)
    }
  }

  /// Whether a file is a ZIP file that holds nothing but NPY files.
  static func isAtStart(of source: ByteSource) -> Bool {
    guard ZipArchive.isAtStart(of: source), let archive = try? ZipArchive(source) else {
      return false
    }
    return !archive.entries.isEmpty && archive.entries.keys.allSatisfy { $0.hasSuffix(".npy") }
  }

  private static func read(_ archive: ZipArchive, _ source: ByteSource) throws -> NamedTensors {
    var tensors = NamedTensors()
    // In the order of the file, which is that of the arguments of savez.
    for (name, entry) in archive.entries.sorted(by: { $0.value.offset < $1.value.offset }) {
      do {
        tensors[String(name.dropLast(4))] = try NPY.decode(
          ZipArchive.content(of: entry, named: name, in: source))
      } catch let error as FormatError {
        var placed = error
        placed.message = "the array \(name): \(error.message)"
        throw placed
      }
    }
    return tensors
  }
}
