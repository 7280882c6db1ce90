import StriateCore

/// The dictionary at the head of an NPY file, a Python literal.
struct NPYHeader {
  var descr: String
  var fortranOrder: Bool
  var shape: Shape

  /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, members in any order.
  init(parsing text: [UInt8], offset: Int) throws(FormatError) {
    var scanner = Scanner(bytes: text, base: offset)
    var descr: String?
    var order: Bool?
    var shape: Shape?
    try scanner.expect("{")
    while !scanner.take("}") {
      let key = try scanner.text()
      try scanner.expect(":")
      switch key {
      case "descr" where descr == nil:
        // Of records it is a list.
        if let list = try scanner.list() {
          descr = list
        } else {
          descr = try scanner.text()
        }
      case "fortran_order" where order == nil: order = try scanner.truth()
      case "shape" where shape == nil: shape = try scanner.tuple()
      default: throw scanner.fault("an unknown or repeated key '\(key)'")
      }
      if !scanner.take(",") {
        try scanner.expect("}")
        break
      }
    }
    guard scanner.isAtEnd else { throw scanner.fault("something after the dictionary") }
    guard let descr, let order, let shape else {
      throw scanner.fault("one of descr, fortran_order and shape is missing")
    }
    self.descr = descr
    fortranOrder = order
    self.shape = shape
  }
}

/// NumPy's letter for a kind of number, with its bytes and their order: `<f4`.
struct NPYElement {
  let stored: StoredElement
  let isBigEndian: Bool

  /// Nil for what is no number: texts (`<U5`), objects of Python (`|O`), times.
  init?(_ descr: String) {
    let order = descr.first
    guard order == "<" || order == ">" || order == "|" || order == "=" else { return nil }
    let kinds: [String: StoredElement] = [
      "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32,
      "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool,
      "c8": .complex64, "c16": .complex128,
    ]
    guard let stored = kinds[String(descr.dropFirst())] else { return nil }
    (self.stored, isBigEndian) = (stored, order == ">")
  }
}

/// Reads the few Python literals that a header has.
private struct Scanner {
  let bytes: [UInt8]
  let base: Int
  var position = 0

  init(bytes: [UInt8], base: Int) {
    self.bytes = bytes
    self.base = base
  }

  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return position == bytes.count
    }
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(FormatError) {
    guard take(character) else { throw fault("expected '\(character)'") }
  }

  mutating func text() throws(FormatError) -> String {
    let quote = take("'") ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    if quote == UInt8(ascii: "\"") { try expect("\"") }
    guard let end = bytes[position...].firstIndex(of: quote) else {
      throw fault("a text without end")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// A list as it is written; nil where there is none.
  mutating func list() throws(FormatError) -> String? {
    guard take("[") else { return nil }
    let start = position
    var depth = 1
    while position < bytes.count, depth > 0 {
      if bytes[position] == UInt8(ascii: "[") { depth += 1 }
      if bytes[position] == UInt8(ascii: "]") { depth -= 1 }
      position += 1
    }
    guard depth == 0 else { throw fault("a list without end") }
    return "[" + String(decoding: bytes[start..<position], as: UTF8.self)
  }

  mutating func truth() throws(FormatError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw fault("expected True or False")
  }

  mutating func tuple() throws(FormatError) -> Shape {
    try expect("(")
    var dims: [Int] = []
    while !take(")") {
      dims.append(try size())
      if !take(",") {
        try expect(")")
        break
      }
    }
    return Shape(dims)
  }

  private mutating func size() throws(FormatError) -> Int {
    skipSpace()
    let digits = bytes[position...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard let size = Int(String(decoding: digits, as: UTF8.self)) else {
      throw fault("expected an extent from 0 on that fits 63 bits")
    }
    position += digits.count
    return size
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] == 32 || bytes[position] == 10 { position += 1 }
  }

  func fault(_ message: String) -> FormatError {
    FormatError(
      .malformed, "the NPY header is damaged: \(message)", offset: base + position)
  }
}
