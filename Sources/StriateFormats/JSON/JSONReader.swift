import StriateCore

extension JSON {
  /// Reads exactly one value, strictly: no comments, no trailing commas, no repeated names.
  ///
  /// - Parameter depth: how many arrays and objects may stand in each other.
  /// - Throws: `FormatError` with the byte at which it stopped.
  public init(parsing text: String, depth: Int = 128) throws(FormatError) {
    try self.init(parsing: Array(text.utf8), depth: depth)
  }

  /// Reads exactly one value from UTF-8, strictly: no comments, no trailing commas, no repeated names.
  ///
  /// - Parameter depth: how many arrays and objects may stand in each other.
  /// - Throws: `FormatError` with the byte at which it stopped.
  public init(parsing bytes: [UInt8], depth: Int = 128) throws(FormatError) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.document(depth: depth)
  }

  /// Reads a file that holds one value.
  ///
  /// - Throws: `FormatError` with the path, and the byte at which it stopped.
  public init(path: String) throws(FormatError) {
    let source = try ByteSource(path: path)
    let bytes = try source.bytes(at: 0, count: source.count)
    var reader = JSONReader(bytes: bytes)
    do throws(FormatError) {
      self = try reader.document(depth: 128)
    } catch {
      throw error.at(path: path)
    }
  }
}

/// A recursive-descent reader.
private struct JSONReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The byte at the position; nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document(depth: Int) throws(FormatError) -> JSON {
    let value = try value(depth: depth)
    skipSpace()
    guard next == nil else { throw fault("expected the end after the value") }
    return value
  }

  private mutating func value(depth: Int) throws(FormatError) -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(FormatError) -> JSON {
    guard depth > 0 else { throw fault("arrays and objects are nested too deeply") }
    position += 1
    var members = JSONObject()
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("expected a name in quotes") }
      let start = position
      let name = try string()
      skipSpace()
      guard take(":") else { throw fault("expected ':' after the name \"\(name)\"") }
      let value = try value(depth: depth - 1)
      guard members[name] == nil else {
        position = start
        throw fault("the name \"\(name)\" stands twice in one object")
      }
      members[name] = value
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw fault("expected ',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(FormatError) -> JSON {
    guard depth > 0 else { throw fault("arrays and objects are nested too deeply") }
    position += 1
    var values: [JSON] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      values.append(try value(depth: depth - 1))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw fault("expected ',' or ']'") }
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(FormatError) -> JSON {
    guard bytes[position...].starts(with: word.utf8) else { throw fault("expected a value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(FormatError) -> JSON {
    let start = position
    _ = take("-")
    let leading = next
    let digits = skipDigits()
    guard digits > 0 else {
      position = start
      throw fault("expected a value")
    }
    guard digits == 1 || leading != UInt8(ascii: "0") else { throw fault("a leading zero") }
    var whole = true
    if take(".") {
      whole = false
      guard skipDigits() > 0 else { throw fault("expected a digit after the point") }
    }
    if take("e") || take("E") {
      whole = false
      if !take("+") { _ = take("-") }
      guard skipDigits() > 0 else { throw fault("expected a digit in the exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // "-0" is a double: an integer would lose the sign.
    if whole, text != "-0", let value = Int64(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw fault("the number \(text.prefix(40)) is out of range")
    }
    return .double(value)
  }

  /// Skips digits and says how many there were.
  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = next, UInt32(byte) == character.value else { return false }
    position += 1
    return true
  }

  private func fault(_ message: String) -> FormatError {
    let found = next.map { byte in
      byte >= 32 && byte < 127 ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
    return FormatError(
      .malformed, "this is not valid JSON: \(message), found \(found ?? "the end")",
      offset: position)
  }
}

// MARK: - Texts

extension JSONReader {
  private mutating func string() throws(FormatError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let text = String(decoding: content, as: UTF8.self)
        // Decoding repairs what is not UTF-8; a repaired text differs from its bytes.
        guard text.utf8.elementsEqual(content) else {
          position = start
          throw fault("a text that is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        content.append(contentsOf: String(try escape()).utf8)
      case 0..<32:
        position -= 1
        throw fault("a control character in a text")
      default:
        content.append(byte)
      }
    }
    throw fault("expected '\"' at the end of the text")
  }

  private mutating func escape() throws(FormatError) -> Character {
    guard let byte = next else { throw fault("expected an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try codePoint())
    default:
      position -= 1
      throw fault("an unknown escape")
    }
  }

  private mutating func codePoint() throws(FormatError) -> Unicode.Scalar {
    let high = try fourDigits()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, take("\\"), take("u") else { throw fault("half of a surrogate pair") }
    let low = try fourDigits()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    else { throw fault("half of a surrogate pair") }
    return scalar
  }

  private mutating func fourDigits() throws(FormatError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("expected four hexadecimal digits")
      }
      position += 1
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
