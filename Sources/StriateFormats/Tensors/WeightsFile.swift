import StriateCore

/// Files of weights, whatever their format: it is told by how they begin, not by their name.
public enum WeightsFile {
  /// Tensors and texts of a safetensors file, or of one that `torch.save` or `numpy.savez` wrote, which have no texts.
  ///
  /// - Throws: `FormatError` where the file cannot be read or is damaged.
  public static func read(_ path: String) throws -> Safetensors.Content {
    let source: ByteSource
    do {
      source = try ByteSource(path: path)
    } catch {
      throw error.at(path: path)
    }
    if NPZ.isAtStart(of: source) {
      return Safetensors.Content(tensors: try NPZ.read(path), metadata: [:])
    }
    guard PyTorchFile.isAtStart(of: source) else { return try Safetensors.read(path) }
    return Safetensors.Content(tensors: try PyTorchFile.read(path), metadata: [:])
  }
}
