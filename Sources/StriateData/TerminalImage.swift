import StriateCore

/// Images as text for a terminal.
public enum TerminalImage {
  /// The image in rows of text.
  ///
  /// In colour each character is two pixels, one above the other, drawn with the upper half block in
  /// 24-bit colour. Without colour a character is the mean of the two, from a ramp of ten.
  ///
  /// - Parameters:
  ///   - columns: the widest the text may be; larger images shrink, smaller ones keep their size.
  ///   - color: false where the terminal has none, or `NO_COLOR` is set.
  /// - Throws: `DataError` where the image would be too large.
  public static func render(
    _ image: Image, columns: Int = 80, color: Bool = true
  ) throws(DataError) -> String {
    let width = min(image.width, max(columns, 1))
    let height = max(image.height * width / image.width, 1)
    let fitted = try image.resized(width: width, height: height)
    return stride(from: 0, to: height, by: 2).map { y in
      color ? colored(fitted, row: y) : ramped(fitted.grey(), row: y)
    }.joined(separator: "\n")
  }

  private static func colored(_ image: Image, row: Int) -> String {
    var text = ""
    var before: (RGB, RGB?)?
    for x in 0..<image.width {
      let upper = image.color(x, row)
      let lower = row + 1 < image.height ? image.color(x, row + 1) : nil
      // Colours stay in force, so only changes are written.
      if before?.0 != upper || before?.1 != lower || before == nil {
        text += "\u{1B}[38;2;\(upper.red);\(upper.green);\(upper.blue)"
        text += lower.map { ";48;2;\($0.red);\($0.green);\($0.blue)m" } ?? ";49m"
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
