import StriateCore

extension Safetensors {
  /// Reads a file; half-precision tensors (F16, BF16) become f32.
  ///
  /// Nothing that the header claims is believed: memory is only taken for bytes that the file has.
  ///
  /// - Throws: `FormatError` where the file cannot be read or contradicts the format.
  public static func read(_ path: String) throws -> Content {
    do {
      return try read(try ByteSource(path: path))
    } catch let error as FormatError {
      throw error.at(path: path)
    }
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `FormatError` where they contradict the format.
  public static func decode(_ bytes: [UInt8]) throws -> Content {
    try read(ByteSource(bytes: bytes))
  }

  private static func read(_ source: ByteSource) throws -> Content {
    let index = try index(of: source)
    let file = WeightsFile(index, .safetensors)
    var tensors = NamedTensors()
    for name in index.names { tensors[name] = try file.read(name) }
    return Content(tensors: tensors, metadata: index.metadata)
  }

  /// What the header says, checked against the file; no numbers are read.
  static func index(of source: ByteSource) throws -> WeightsIndex {
    guard source.count >= 8 else {
      throw FormatError(
        .truncated, "a safetensors file has at least 8 bytes, this one \(source.count)")
    }
    let length = try source.integer(at: 0, bytes: 8)
    guard length <= UInt64(headerLimit) else {
      throw FormatError(
        .malformed,
        "this is no file of weights that is known here: as safetensors its header would have \(length) bytes, at most "
          + "\(headerLimit) are allowed", offset: 0)
    }
    let start = 8 + Int(length)
    guard start <= source.count else {
      throw FormatError(
        .truncated, "the header should end at byte \(start), the file ends at \(source.count)",
        offset: 0)
    }
    let header = try parse(try source.bytes(at: 8, count: Int(length)))
    var index = WeightsIndex()
    index.metadata = try metadata(header["__metadata__"])
    var entries: [Entry] = []
    for (name, value) in header where name != "__metadata__" {
      entries.append(try entry(name, value))
    }
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    try checkTiling(entries, byteCount: source.count - start)
    for entry in entries { index.add(tensor(entry, source, at: start), entry.name) }
    return index
  }

  private static func parse(_ bytes: [UInt8]) throws -> JSONObject {
    do throws(FormatError) {
      guard let header = try JSON(parsing: bytes, depth: 8).object else {
        throw fault("the header is not a JSON object", 8)
      }
      return header
    } catch {
      throw fault("the header is damaged: \(error.message)", 8 + (error.location.offset ?? 0))
    }
  }

  private static func metadata(_ value: JSON?) throws -> [String: String] {
    guard let value, !value.isNull else { return [:] }
    var texts: [String: String] = [:]
    guard let members = value.object else { throw fault("__metadata__ is not an object", 8) }
    for (name, value) in members {
      guard let text = value.string else {
        throw fault("the metadata \"\(name)\" is not a text", 8)
      }
      texts[name] = text
    }
    return texts
  }

  private static func entry(_ name: String, _ value: JSON) throws -> Entry {
    guard let code = value["dtype"]?.string, let dims = value["shape"]?.array,
      let offsets = value["data_offsets"]?.array, offsets.count == 2
    else {
      throw fault("tensor \"\(name)\" lacks dtype, shape or its two data_offsets", 8)
    }
    let element = elements[code]
    let shape = Shape(try dims.map { try size($0, "extent", name) })
    let begin = try size(offsets[0], "offset", name)
    let end = try size(offsets[1], "offset", name)
    let (bits, overflow) = shape.count.multipliedReportingOverflow(by: element?.bits ?? 0)
    guard !overflow, begin <= end, element == nil || (bits % 8 == 0 && end - begin == bits / 8)
    else {
      throw fault(
        "tensor \"\(name)\" of \(code)\(shape) does not take the bytes \(begin)..<\(end)", 8)
    }
    return Entry(name: name, element: element, code: code, shape: shape, begin: begin, end: end)
  }

  private static func size(_ value: JSON, _ what: String, _ name: String) throws -> Int {
    guard case .int(let number) = value, number >= 0, let size = Int(exactly: number) else {
      throw fault("tensor \"\(name)\" has \(what) \(value), expected a whole number from 0 on", 8)
    }
    return size
  }

  /// Checks that the tensors' bytes follow each other without gap or overlap to the end of the file.
  private static func checkTiling(_ entries: [Entry], byteCount: Int) throws {
    var expected = 0
    for entry in entries {
      guard entry.begin == expected else {
        let kind = entry.begin < expected ? "overlaps the tensor before it" : "leaves a gap"
        throw fault(
          "tensor \"\(entry.name)\" begins at \(entry.begin) instead of \(expected): it \(kind)", 8)
      }
      expected = entry.end
    }
    guard expected <= byteCount else {
      throw FormatError(
        .truncated, "the tensors take \(expected) bytes, the file has \(byteCount) for them")
    }
    guard expected == byteCount else {
      throw fault("\(byteCount - expected) bytes follow the last tensor", nil)
    }
  }

  private static func tensor(
    _ entry: Entry, _ source: ByteSource, at start: Int
  ) -> StoredTensor {
    guard let element = entry.element, element.dtype != nil else {
      return StoredTensor(
        refused: "has element type \(entry.code), which no tensor here holds", shape: entry.shape)
    }
    return StoredTensor(element, entry.shape, key: "\(entry.begin)") {
      StoredTensor.Storage(
        source: source, offset: start + entry.begin, count: entry.end - entry.begin)
    }
  }

  private static func fault(_ message: String, _ offset: Int?) -> FormatError {
    FormatError(.malformed, message, offset: offset)
  }
}
