import StriateCore

/// Images as text for a terminal.
public enum TerminalImage {
  /// The image in the best way that a terminal has: its own graphics, else rows of text.
  ///
  /// - Parameter columns: the widest the image may be; larger images shrink, smaller ones keep their size.
  /// - Throws: `DataError` where the image would be too large, or a PNG file is needed and libpng is not
  ///   there.
  public static func show(
    _ image: Image, columns: Int, style: TerminalStyle
  ) throws(DataError) -> String {
    let cells = max(min(columns, style.columns), 1)
    switch style.images {
    case .none: return ""
    case .kitty: return TerminalGraphics.kitty(try image.within(pixels: cells * 10), columns: cells)
    case .iterm: return try TerminalGraphics.iterm(image.within(pixels: cells * 10), columns: cells)
    case .sixel: return TerminalGraphics.sixel(try image.within(pixels: cells * 10))
    case .blocks: return try render(image, columns: cells, colors: style.colors)
    }
  }

  /// The image in rows of text, in 24-bit colour or none.
  ///
  /// - Parameters:
  ///   - columns: the widest the text may be; larger images shrink, smaller ones keep their size.
  ///   - color: false where the terminal has none, or `NO_COLOR` is set.
  /// - Throws: `DataError` where the image would be too large.
  public static func render(
    _ image: Image, columns: Int = 80, color: Bool = true
  ) throws(DataError) -> String {
    try render(image, columns: columns, colors: color ? .direct : .none)
  }

  /// The image in rows of text.
  ///
  /// In colour each character is two pixels, one above the other, drawn with the upper half block, in 24-bit
  /// colour or in the nearest of xterm's 256. With fewer colours a character is the mean of the two, from a
  /// ramp of ten.
  ///
  /// - Throws: `DataError` where the image would be too large.
  public static func render(
    _ image: Image, columns: Int, colors: TerminalStyle.Colors
  ) throws(DataError) -> String {
    let width = min(image.width, max(columns, 1))
    let height = max(image.height * width / image.width, 1)
    let fitted = try image.resized(width: width, height: height)
    return stride(from: 0, to: height, by: 2).map { y in
      colors >= .indexed
        ? colored(fitted, row: y, isDirect: colors == .direct) : ramped(fitted.grey(), row: y)
    }.joined(separator: "\n")
  }

  private static func colored(_ image: Image, row: Int, isDirect: Bool) -> String {
    func code(_ color: RGB) -> String {
      isDirect ? "2;\(color.red);\(color.green);\(color.blue)" : "5;\(color.xterm)"
    }
    var text = ""
    var before: (RGB, RGB?)?
    for x in 0..<image.width {
      let upper = image.color(x, row)
      let lower = row + 1 < image.height ? image.color(x, row + 1) : nil
      // Colours stay in force, so only changes are written.
      if before?.0 != upper || before?.1 != lower || before == nil {
        text += "\u{1B}[38;\(code(upper))\(lower.map { ";48;\(code($0))" } ?? ";49")m"
        before = (upper, lower)
      }
      text += "▀"
    }
    return text + "\u{1B}[0m"
  }

  private static func ramped(_ image: Image, row: Int) -> String {
    let ramp = Array(" .:-=+*#%@")
    return String(
      (0..<image.width).map { x in
        let upper = Int(image.color(x, row).red)
        let lower = row + 1 < image.height ? Int(image.color(x, row + 1).red) : upper
        return ramp[(upper + lower) * (ramp.count - 1) / 510]
      })
  }
}

extension RGB {
  /// The nearest of xterm's 240 fixed colours: a cube of six values a channel, and 24 greys.
  var xterm: Int {
    func level(_ value: UInt8) -> Int { value < 48 ? 0 : value < 115 ? 1 : (Int(value) - 35) / 40 }
    func distance(_ a: Int, _ b: Int, _ c: Int) -> Int {
      let (x, y, z) = (Int(red) - a, Int(green) - b, Int(blue) - c)
      return x * x + y * y + z * z
    }
    let steps = [0, 95, 135, 175, 215, 255]
    let (r, g, b) = (level(red), level(green), level(blue))
    let mean = (Int(red) + Int(green) + Int(blue)) / 3
    let shade = min(max((mean - 3) / 10, 0), 23)
    let grey = 8 + 10 * shade
    return distance(grey, grey, grey) < distance(steps[r], steps[g], steps[b])
      ? 232 + shade : 16 + 36 * r + 6 * g + b
  }
}

extension Image {
  /// This image, shrunk where it is wider than so many pixels.
  func within(pixels: Int) throws(DataError) -> Image {
    guard width > pixels else { return self }
    return try resized(width: pixels, height: max(height * pixels / width, 1))
  }
}
