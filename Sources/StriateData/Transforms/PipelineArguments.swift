import StriateCore

/// A name with its arguments in text.
struct TransformCall {
  struct Argument {
    var name: String?
    var value: String
    var at: Int
  }
  var name: String
  var at: Int
  var arguments: [Argument] = []
}

/// Reads `name,name(value,name=value)` from left to right.
struct CallParser {
  let text: String
  private let characters: [Character]
  private var at = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  /// An error at a character, counted from 1.
  func fault(_ at: Int, _ message: String) -> DataError {
    DataError(.invalidRequest, "'\(text)' at character \(at + 1): \(message)")
  }

  mutating func calls() throws(DataError) -> [TransformCall] {
    var calls: [TransformCall] = []
    repeat { calls.append(try call()) } while take(",")
    if at < characters.count {
      throw fault(at, "expected a comma between transforms, found '\(characters[at])'")
    }
    return calls
  }

  private mutating func call() throws(DataError) -> TransformCall {
    let (name, start) = word()
    guard !name.isEmpty else { throw fault(start, "expected the name of a transform\(found)") }
    var call = TransformCall(name: name, at: start)
    guard take("(") else { return call }
    if take(")") { return call }
    repeat {
      let (first, start) = word()
      guard !first.isEmpty else {
        throw fault(start, "expected an argument of '\(name)'\(found)")
      }
      guard take("=") else {
        call.arguments.append(.init(name: nil, value: first, at: start))
        continue
      }
      let (value, place) = word()
      guard !value.isEmpty else { throw fault(place, "expected a value of '\(first)'\(found)") }
      call.arguments.append(.init(name: first, value: value, at: start))
    } while take(",")
    guard take(")") else {
      throw fault(at, "expected ')' after the arguments of '\(name)'\(found)")
    }
    return call
  }

  private var found: String {
    at < characters.count ? ", found '\(characters[at])'" : ", found the end"
  }

  private mutating func word() -> (String, Int) {
    skip()
    let start = at
    while at < characters.count, !"(),=".contains(characters[at]), !characters[at].isWhitespace {
      at += 1
    }
    return (String(characters[start..<at]), start)
  }

  private mutating func take(_ character: Character) -> Bool {
    skip()
    guard at < characters.count, characters[at] == character else { return false }
    at += 1
    return true
  }

  private mutating func skip() {
    while at < characters.count, characters[at].isWhitespace { at += 1 }
  }
}

/// The arguments of a call under their names.
struct Arguments {
  let call: TransformCall
  private let parser: CallParser
  private var given: [String: TransformCall.Argument] = [:]

  init(
    _ call: TransformCall, _ names: [String], in parser: CallParser
  ) throws(DataError) {
    self.call = call
    self.parser = parser
    for (place, argument) in call.arguments.enumerated() {
      let takes = "'\(call.name)' takes \(names.joined(separator: ", "))"
      let name: String
      if let own = argument.name {
        guard names.contains(own) else {
          throw parser.fault(argument.at, "\(takes), not '\(own)'")
        }
        name = own
      } else {
        guard names.indices.contains(place) else {
          throw parser.fault(argument.at, "\(takes); '\(argument.value)' is one too many")
        }
        name = names[place]
      }
      guard given.updateValue(argument, forKey: name) == nil else {
        throw parser.fault(argument.at, "\(name) of '\(call.name)' is given twice")
      }
    }
  }

  /// An error at an argument, or at the call where it is not given.
  func fault(_ name: String, _ message: String) -> DataError {
    parser.fault(given[name]?.at ?? call.at, "\(message) in '\(call.name)'")
  }

  func number(
    _ name: String, _ limits: ClosedRange<Double>, _ usual: Double?
  ) throws(DataError) -> Double {
    guard let argument = given[name] else { return try required(name, usual) }
    guard let value = Double(argument.value), limits.contains(value) else {
      throw fault(
        name,
        "\(name) must be a number from \(plain(limits.lowerBound)) to "
          + "\(plain(limits.upperBound)), found '\(argument.value)'")
    }
    return value
  }

  func integer(
    _ name: String, _ limits: ClosedRange<Int>, _ usual: Int?
  ) throws(DataError) -> Int {
    guard let argument = given[name] else { return try required(name, usual) }
    guard let value = Int(argument.value), limits.contains(value) else {
      throw fault(
        name,
        "\(name) must be a whole number from \(limits.lowerBound) to \(limits.upperBound), "
          + "found '\(argument.value)'")
    }
    return value
  }

  /// `a..b`, the first not above the second.
  func range(
    _ name: String, _ limits: ClosedRange<Double>, _ usual: ClosedRange<Double>?
  ) throws(DataError) -> ClosedRange<Double> {
    guard let argument = given[name] else { return try required(name, usual) }
    guard let range = parsed(argument.value), limits.contains(range.lowerBound),
      limits.contains(range.upperBound)
    else {
      throw fault(
        name,
        "\(name) must be a range such as \(plain(usual ?? limits)), within "
          + "\(plain(limits)), found '\(argument.value)'")
    }
    return range
  }

  /// `a` for a range from -a to a, or `a..b`.
  func spread(
    _ name: String, _ limit: Double, _ usual: ClosedRange<Double>?
  ) throws(DataError) -> ClosedRange<Double> {
    guard let argument = given[name] else { return try required(name, usual) }
    if let value = Double(argument.value), value >= 0, value <= limit { return -value...value }
    return try range(name, -limit...limit, 0...limit)
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ usual: Choice
  ) throws(DataError) -> Choice where Choice.RawValue == String {
    guard let argument = given[name] else { return usual }
    guard let value = Choice(rawValue: argument.value) else {
      let known = Choice.allCases.map(\.rawValue)
      throw fault(
        name, "there is no \(name) '\(argument.value)'; known: \(known.joined(separator: ", "))")
    }
    return value
  }

  /// `224` or `320x240`, width first.
  func size(_ name: String) throws(DataError) -> (size: ImageSize, isPair: Bool)? {
    guard let argument = given[name] else { return nil }
    let parts = argument.value.split(separator: "x", omittingEmptySubsequences: false)
    let sides = parts.compactMap { Int($0) }.filter { (1...65536).contains($0) }
    guard sides.count == parts.count, sides.count == 1 || sides.count == 2 else {
      throw fault(
        name, "\(name) must be pixels such as 224 or 320x240, found '\(argument.value)'")
    }
    return (ImageSize(width: sides[0], height: sides[sides.count - 1]), sides.count == 2)
  }

  private func parsed(_ text: String) -> ClosedRange<Double>? {
    let dots = text.indices.first { text[$0...].hasPrefix("..") }
    guard let dots, let low = Double(text[..<dots]),
      let high = Double(text[text.index(dots, offsetBy: 2)...]), low <= high
    else { return nil }
    return low...high
  }

  private func required<T>(_ name: String, _ usual: T?) throws(DataError) -> T {
    guard let usual else { throw fault(name, "\(name) is missing") }
    return usual
  }
}
