import StriateCore

extension Safetensors {
  /// Writes tensors to a file, atomically; the same tensors and texts always give the same bytes.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public static func write(
    _ tensors: NamedTensors, metadata: [String: String] = [:], to path: String
  ) throws {
    let order = sorted(tensors)
    let header = try header(order, metadata: metadata)
    try AtomicFile.write(to: path) { file in
      try file.append(header)
      for (_, tensor) in order { try tensor.withUnsafeBytes { try file.append($0) } }
    }
  }

  /// The bytes of a file.
  ///
  /// - Throws: `FormatError` where a name cannot be written.
  public static func encode(
    _ tensors: NamedTensors, metadata: [String: String] = [:]
  ) throws -> [UInt8] {
    let order = sorted(tensors)
    var bytes = try header(order, metadata: metadata)
    for (_, tensor) in order { tensor.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  private static func sorted(_ tensors: NamedTensors) -> [(name: String, value: HostTensor)] {
    tensors.sorted { a, b in
      let x = a.value.dtype.safetensors.rank
      let y = b.value.dtype.safetensors.rank
      return x != y ? x < y : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
  }

  private static func header(
    _ tensors: [(name: String, value: HostTensor)], metadata: [String: String]
  ) throws -> [UInt8] {
    var members = JSONObject()
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members["__metadata__"] = .object(JSONObject(texts.map { ($0.key, JSON($0.value)) }))
    }
    var offset = 0
    for (name, tensor) in tensors {
      guard name != "__metadata__" else {
        throw FormatError(
          .unsupported, "a tensor is named __metadata__, which the format keeps for its texts")
      }
      let end = offset + tensor.type.byteCount
      members[name] = [
        "dtype": JSON(tensor.dtype.safetensors.code),
        "shape": .array(tensor.shape.dims.map { JSON($0) }),
        "data_offsets": [JSON(offset), JSON(end)],
      ]
      offset = end
    }
    var text = Array(JSON.object(members).text().utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    let length = UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text
  }
}
