import StriateCore

/// Which class each colour of a mask stands for, as a text file says.
///
/// A line is a colour, three numbers from 0 to 255, then the name: `64 128 64 Animal`. Numbers are separated by blanks,
/// tabs or commas; `#` begins a remark. Classes are numbered as their lines from 0, unless a fourth number before the
/// colour says otherwise, `255 0 0 0 Void`, in every line or in none. Two colours may be of one class, so that classes
/// are merged.
public struct ColorTable: Sendable, Hashable {
  /// A line.
  public struct Entry: Sendable, Hashable {
    /// The colour.
    public let color: RGB
    /// The class.
    public let label: Int
    /// Its name; empty where there is none.
    public let name: String

    /// A line.
    public init(_ color: RGB, label: Int, name: String = "") {
      self.color = color
      self.label = label
      self.name = name
    }
  }

  /// The lines in order.
  public let entries: [Entry]
  private let labels: [RGB: Int32]

  /// A table of these lines.
  ///
  /// - Throws: `DataError` where there is none, or a colour stands twice, or a class is out of range.
  public init(_ entries: [Entry]) throws(DataError) {
    guard !entries.isEmpty else {
      throw DataError(
        .malformed, "a colour table has at least one line such as '64 128 64 Animal', found none")
    }
    var labels: [RGB: Int32] = [:]
    for entry in entries {
      guard let label = Int32(exactly: entry.label), label >= 0 else {
        throw DataError(.malformed, "class \(entry.label) of the colour table is out of range")
      }
      guard labels.updateValue(label, forKey: entry.color) == nil else {
        throw DataError(
          .malformed, "the colour table has the colour \(entry.color) twice")
      }
    }
    self.entries = entries
    self.labels = labels
  }

  /// Reads the text of a table.
  ///
  /// - Throws: `DataError` naming the line that is none.
  public init(text: String) throws(DataError) {
    var entries: [Entry] = []
    var isNumbered: Bool?
    for (at, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let content = line.prefix { $0 != "#" }
      let words = content.split { $0.isWhitespace || $0 == "," || $0 == ";" }
      if words.isEmpty { continue }
      let numbers = words.prefix(4).prefix { Int($0) != nil }.compactMap { Int($0) }
      let numbered = numbers.count == 4
      let color = numbers.suffix(3)
      guard numbers.count >= 3, color.allSatisfy({ 0...255 ~= $0 }) else {
        throw DataError(
          .malformed,
          "line \(at + 1) of the colour table is '\(content)'; expected three numbers from 0 to 255 and a "
            + "name, such as '64 128 64 Animal'")
      }
      guard isNumbered ?? numbered == numbered else {
        throw DataError(
          .malformed,
          "line \(at + 1) of the colour table has \(numbered ? "a" : "no") class number before its "
            + "colour, the lines above have \(numbered ? "none" : "one")")
      }
      isNumbered = numbered
      let bytes = color.map { UInt8($0) }
      entries.append(
        Entry(
          RGB(bytes[0], bytes[1], bytes[2]), label: numbered ? numbers[0] : entries.count,
          name: words.dropFirst(numbers.count).joined(separator: " ")))
    }
    try self.init(entries)
  }

  /// Reads a file with a table.
  ///
  /// - Throws: `DataError` where it cannot be read, or a line is none.
  public init(file path: String) throws(DataError) {
    let bytes = try DataError.contents(of: path)
    do throws(DataError) {
      try self.init(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw error.at(path: path)
    }
  }

  /// The class of a colour; nil where the table has none.
  public subscript(color: RGB) -> Int32? { labels[color] }

  /// The colour of each class up to the last, the first one where a class has several; black where it has none.
  public var palette: [RGB] {
    var palette = [RGB](
      repeating: RGB(0, 0, 0), count: min((entries.map(\.label).max() ?? 0) + 1, 256))
    for entry in entries.reversed() where palette.indices.contains(entry.label) {
      palette[entry.label] = entry.color
    }
    return palette
  }

  /// The names of the classes that count, in the order of their numbers; their numbers where they have none.
  var names: [String] {
    var names: [String] = []
    for entry in entries where entry.label != MaskedImages.usualIgnored {
      while names.count <= entry.label { names.append("\(names.count)") }
      if !entry.name.isEmpty { names[entry.label] = entry.name }
    }
    return names
  }

  /// The same colours with classes numbered anew, those of a name, in any case of its letters, not counting.
  ///
  /// - Throws: `DataError` where nothing is left.
  func ignoring(_ name: String) throws(DataError) -> ColorTable {
    var numbers: [Int: Int] = [:]
    var renumbered: [Entry] = []
    for entry in entries {
      let isIgnored = entry.name.lowercased() == name.lowercased()
      let next = numbers.count
      let number = isIgnored ? MaskedImages.usualIgnored : numbers[entry.label] ?? next
      if !isIgnored { numbers[entry.label] = number }
      renumbered.append(Entry(entry.color, label: number, name: entry.name))
    }
    return try ColorTable(renumbered)
  }

  /// The line whose colour is nearest to one.
  func nearest(to color: RGB) -> Entry? {
    func square(_ a: UInt8, _ b: UInt8) -> Int { (Int(a) - Int(b)) * (Int(a) - Int(b)) }
    func distance(_ other: RGB) -> Int {
      square(color.red, other.red) + square(color.green, other.green)
        + square(color.blue, other.blue)
    }
    return entries.min { distance($0.color) < distance($1.color) }
  }
}
