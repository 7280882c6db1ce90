import StriateCore

/// Images in the graphics protocols of terminals.
enum TerminalGraphics {
  /// The graphics protocol of kitty: the pixels in base 64, in chunks of 4096 characters.
  static func kitty(_ image: Image, columns: Int) -> String {
    let content = Base64.encoded(image.rgb().pixels)
    var head = "a=T,f=24,s=\(image.width),v=\(image.height)"
    // Small images are enlarged to some columns, or nothing would be seen.
    if image.width < columns * 8 { head += ",c=\(min(columns, max(image.width / 2, 1)))" }
    var text = ""
    var rest = content[...]
    repeat {
      let chunk = rest.prefix(4096)
      rest = rest.dropFirst(4096)
      text += "\u{1B}_G\(head.isEmpty ? "" : head + ",")m=\(rest.isEmpty ? 0 : 1);\(chunk)\u{1B}\\"
      head = ""
    } while !rest.isEmpty
    return text
  }

  /// The inline images of iTerm2: a PNG file in base 64.
  ///
  /// - Throws: `DataError` where libpng is not there.
  static func iterm(_ image: Image, columns: Int) throws(DataError) -> String {
    let png = try image.rgb().png()
    let width = min(columns, max(image.width / 2, 1))
    return "\u{1B}]1337;File=inline=1;size=\(png.count);width=\(width);preserveAspectRatio=1:"
      + "\(Base64.encoded(png))\u{07}"
  }

  /// DEC's sixels in 216 colours: six rows at a time, a line a colour.
  static func sixel(_ image: Image) -> String {
    var text = "\u{1B}Pq\"1;1;\(image.width);\(image.height)"
    var known: Set<Int> = []
    for top in stride(from: 0, to: image.height, by: 6) {
      // Colour → the six bits of each column.
      var bands: [Int: [UInt8]] = [:]
      for y in top..<min(top + 6, image.height) {
        for x in 0..<image.width {
          let color = image.color(x, y)
          let index = cube(color.red) * 36 + cube(color.green) * 6 + cube(color.blue)
          bands[index, default: [UInt8](repeating: 0, count: image.width)][x] |= 1 << UInt8(y - top)
        }
      }
      let lines = bands.sorted { $0.key < $1.key }.map { index, bits -> String in
        let isNew = known.insert(index).inserted
        let (r, g, b) = (index / 36 * 20, index / 6 % 6 * 20, index % 6 * 20)
        return "#\(index)" + (isNew ? ";2;\(r);\(g);\(b)#\(index)" : "") + runs(bits)
      }
      text += lines.joined(separator: "$") + "-"
    }
    return text + "\u{1B}\\"
  }

  private static func cube(_ value: UInt8) -> Int { (Int(value) * 5 + 127) / 255 }

  /// Columns as characters, equal neighbours as a count and one.
  private static func runs(_ bits: [UInt8]) -> String {
    var text = ""
    var start = 0
    while start < bits.count {
      let end = bits[start...].firstIndex { $0 != bits[start] } ?? bits.count
      let character = String(UnicodeScalar(63 + bits[start]))
      text +=
        end - start > 3
        ? "!\(end - start)\(character)" : String(repeating: character, count: end - start)
      start = end
    }
    return text
  }
}

/// Bytes as text (RFC 4648).
package enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func encoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for place in 0..<4 {
        text.append(
          place <= part.count ? digits[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
