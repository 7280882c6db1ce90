/// Text measured in a terminal's columns.
package enum TerminalText {
  /// The columns that a text takes; colours take none.
  package static func width(_ text: String) -> Int {
    var width = 0
    forEachCell(text) { _, columns in width += columns }
    return width
  }

  /// As much of a text as fits, with `…` where something was left out; colours are kept.
  package static func fitted(_ text: String, columns: Int, ellipsis: String = "…") -> String {
    if width(text) <= columns { return text }
    let room = columns - width(ellipsis)
    guard room >= 0 else { return "" }
    var (result, used, isFull) = ("", 0, false)
    forEachCell(text) { part, columns in
      if columns == 0 {
        result += part
      } else if !isFull, used + columns <= room {
        result += part
        used += columns
      } else if !isFull {
        isFull = true
        result += ellipsis
      }
    }
    return result
  }

  /// A text in a field: cut where it is too long, filled with spaces where it is too short.
  package static func padded(_ text: String, columns: Int, isRight: Bool = false) -> String {
    let fitted = fitted(text, columns: columns)
    let space = String(repeating: " ", count: max(columns - width(fitted), 0))
    return isRight ? space + fitted : fitted + space
  }

  /// Words in lines of at most so many columns; a longer word has a line of its own.
  package static func wrapped(_ text: String, columns: Int, indent: Int = 0) -> [String] {
    let room = max(columns - indent, 8)
    let lead = String(repeating: " ", count: indent)
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if line.isEmpty {
          line = String(word)
        } else if width(line) + 1 + width(String(word)) <= room {
          line += " \(word)"
        } else {
          lines.append(lead + line)
          line = String(word)
        }
      }
      lines.append(line.isEmpty ? "" : lead + line)
    }
    return lines
  }

  /// Hands out characters with their columns, escape sequences as parts without any.
  private static func forEachCell(_ text: String, _ body: (String, Int) -> Void) {
    var rest = Substring(text)
    while let first = rest.first {
      if first == "\u{1B}" {
        let end =
          rest.dropFirst(2).firstIndex { $0.isLetter } ?? rest.indices.last ?? rest.startIndex
        body(String(rest[...end]), 0)
        rest = rest[rest.index(after: end)...]
      } else {
        body(String(first), columns(of: first))
        rest = rest.dropFirst()
      }
    }
  }

  /// Two columns for East Asian wide characters and emoji, one for the others, none for control characters.
  private static func columns(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first?.value else { return 0 }
    switch scalar {
    case 0..<32, 127..<160, 0x200B...0x200F: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
