import CCodecs
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
    guard source.count >= 8 else {
      throw FormatError(
        .truncated, "a safetensors file has at least 8 bytes, this one \(source.count)")
    }
    let length = try source.integer(at: 0, bytes: 8)
    guard length <= UInt64(headerLimit) else {
      throw fault("the header's length is given as \(length), at most \(headerLimit) is allowed", 0)
    }
    let start = 8 + Int(length)
    guard start <= source.count else {
      throw FormatError(
        .truncated, "the header should end at byte \(start), the file ends at \(source.count)",
        offset: 0)
    }
    let header = try parse(try source.bytes(at: 8, count: Int(length)))
    let metadata = try metadata(header["__metadata__"])
    var entries: [Entry] = []
    for (name, value) in header where name != "__metadata__" {
      entries.append(try entry(name, value))
    }
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    try checkTiling(entries, byteCount: source.count - start)
    var tensors = NamedTensors()
    for entry in entries { tensors[entry.name] = try tensor(entry, source, at: start) }
    return Content(tensors: tensors, metadata: metadata)
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
    guard let value else { return [:] }
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
    guard let element = Element(code: code) else {
      throw FormatError(
        .unsupported,
        "tensor \"\(name)\" has element type \(code); read are F64, F32, F16, BF16, I64, I32, U8, BOOL",
        offset: 8)
    }
    let shape = Shape(try dims.map { try size($0, "extent", name) })
    let begin = try size(offsets[0], "offset", name)
    let end = try size(offsets[1], "offset", name)
    let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: element.size)
    guard !overflow, begin <= end, end - begin == bytes else {
      throw fault(
        "tensor \"\(name)\" of \(code)\(shape) does not take the bytes \(begin)..<\(end)", 8)
    }
    return Entry(name: name, element: element, shape: shape, begin: begin, end: end)
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

  private static func tensor(_ entry: Entry, _ source: ByteSource, at start: Int) throws
    -> HostTensor
  {
    let type = TensorType(entry.element.dtype, entry.shape)
    guard type.byteCount < Int.max else {
      throw fault("tensor \"\(entry.name)\" of \(type) is too large", 8)
    }
    switch entry.element {
    case .plain(let dtype):
      return try HostTensor(type: type) { buffer in
        try source.read(at: start + entry.begin, into: buffer)
        if dtype == .bool {
          codecs_normalize_bool(buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count)
        }
      }
    case .float16, .bfloat16:
      let bytes = try source.bytes(at: start + entry.begin, count: entry.end - entry.begin)
      return HostTensor(type: type) { buffer in
        bytes.withUnsafeBytes { halves in
          let from = halves.bindMemory(to: UInt16.self).baseAddress
          let to = buffer.bindMemory(to: Float.self).baseAddress
          if entry.element == .float16 {
            codecs_widen_f16(from, to, halves.count / 2)
          } else {
            codecs_widen_bf16(from, to, halves.count / 2)
          }
        }
      }
    }
  }

  private static func fault(_ message: String, _ offset: Int?) -> FormatError {
    FormatError(.malformed, message, offset: offset)
  }
}
