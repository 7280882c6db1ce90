extension JSON: CustomStringConvertible {
  /// The text on one line, without spaces.
  public var description: String { text() }

  /// The text; the same value always gives the same.
  ///
  /// - Parameter pretty: a line a member, indented by two spaces; arrays of plain values stay on one line.
  public func text(pretty: Bool = false) -> String {
    var writer = JSONWriter(pretty: pretty)
    writer.write(self, indent: 0)
    return writer.text
  }
}

/// Appends values to a text.
private struct JSONWriter {
  var text = ""
  let pretty: Bool

  init(pretty: Bool) { self.pretty = pretty }

  mutating func write(_ value: JSON, indent: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    // The shortest digits that give the same number again.
    case .double(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): quote(value)
    case .array(let values): write(values, indent: indent)
    case .object(let members): write(members, indent: indent)
    }
  }

  private mutating func write(_ values: [JSON], indent: Int) {
    let broken = pretty && values.contains { $0.array != nil || $0.object != nil }
    text += "["
    for (index, value) in values.enumerated() {
      if index > 0 { text += pretty && !broken ? ", " : "," }
      if broken { newline(indent + 1) }
      write(value, indent: indent + 1)
    }
    if broken { newline(indent) }
    text += "]"
  }

  private mutating func write(_ members: JSONObject, indent: Int) {
    text += "{"
    var first = true
    for (name, value) in members {
      if !first { text += "," }
      first = false
      if pretty { newline(indent + 1) }
      quote(name)
      text += pretty ? ": " : ":"
      write(value, indent: indent + 1)
    }
    if pretty, !first { newline(indent) }
    text += "}"
  }

  private mutating func newline(_ indent: Int) {
    text += "\n" + String(repeating: "  ", count: indent)
  }

  private mutating func quote(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        text += scalar.value < 16 ? "\\u000" : "\\u00"
        text += String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
