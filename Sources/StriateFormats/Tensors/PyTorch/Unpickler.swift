import StriateCore

/// Reads pickles of protocols 0 to 5: plain values and tensors; what else there is becomes an object that is not built.
///
/// A pickle is a program for a small stack machine that may call any function of Python by name. Here nothing is ever
/// called.
struct Unpickler {
  private let source: ByteSource
  /// The next byte.
  private(set) var position: Int
  private let end: Int
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// What keeps the value's lists, dictionaries and objects: to be held as long as the value is used.
  let arena: PickleArena
  /// The storages that were met, under their keys.
  private(set) var storages: [String: PickledStorage] = [:]
  /// The values of persistent names, in files that have a table of them; nil where such names describe storages.
  private let table: [Int: PickleValue]?

  /// Items on the stack, and tuples within each other, more than which no file of weights has.
  private static let (mostItems, deepestTuple) = (1 << 22, 64)

  /// A pickle within a stretch of bytes.
  init(
    _ source: ByteSource, from position: Int = 0, to end: Int? = nil,
    table: [Int: PickleValue]? = nil, arena: PickleArena = PickleArena()
  ) {
    self.source = source
    self.position = position
    self.end = end ?? source.count
    self.table = table
    self.arena = arena
  }

  /// The value that the program leaves.
  ///
  /// - Throws: `FormatError` where the pickle is cut off or contradicts itself.
  mutating func value() throws -> PickleValue {
    while true {
      let start = position
      let code = try byte()
      if code == UInt8(ascii: ".") {
        guard let top = stack.last, stack.count == 1 else {
          throw fault("the pickle leaves \(stack.count) values instead of one", start)
        }
        return top
      }
      try execute(code, at: start)
      guard stack.count < Self.mostItems else { throw fault("the pickle is too deep", start) }
    }
  }

  private mutating func execute(_ code: UInt8, at start: Int) throws {
    switch code {
    case 0x80: _ = try byte()  // PROTO
    case 0x95: _ = try integer(8)  // FRAME
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop(start)
    case UInt8(ascii: "1"): _ = try popMark(start)
    case UInt8(ascii: "2"): stack.append(try top(start))
    case UInt8(ascii: "q"), UInt8(ascii: "r"):
      let place = try integer(code == UInt8(ascii: "q") ? 1 : 4)
      memo[place] = try top(start)
    case UInt8(ascii: "p"):
      let place = Int(try line())
      guard let place else { throw fault("a value is kept under no number", start) }
      memo[place] = try top(start)
    case 0x94: memo[memo.count] = try top(start)
    case UInt8(ascii: "h"), UInt8(ascii: "j"):
      let place = try integer(code == UInt8(ascii: "h") ? 1 : 4)
      stack.append(try recalled(place, start))
    case UInt8(ascii: "g"): stack.append(try recalled(Int(try line()) ?? -1, start))
    default:
      if let value = try plain(code, start) {
        stack.append(value)
      } else {
        try fill(code, start)
      }
    }
  }

  // MARK: Values

  /// The value of an opcode that takes nothing from the stack; nil for others.
  private mutating func plain(_ code: UInt8, _ start: Int) throws -> PickleValue? {
    switch code {
    case UInt8(ascii: "N"): return PickleValue.none
    case 0x88, 0x89: return .bool(code == 0x88)
    case UInt8(ascii: "K"): return .int(try integer(1))
    case UInt8(ascii: "M"): return .int(try integer(2))
    case UInt8(ascii: "J"): return .int(Int(Int32(truncatingIfNeeded: try integer(4))))
    case UInt8(ascii: "I"), UInt8(ascii: "L"):
      let line = try line()
      if code == UInt8(ascii: "I"), line == "00" || line == "01" { return .bool(line == "01") }
      return Int(line.hasSuffix("L") ? String(line.dropLast()) : line).map { .int($0) } ?? .long([])
    case 0x8A, 0x8B: return long(try bytes(try integer(code == 0x8A ? 1 : 4)))
    case UInt8(ascii: "G"):
      let bits = try bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return .float(Double(bitPattern: bits))
    case UInt8(ascii: "F"): return .float(Double(try line()) ?? .nan)
    case UInt8(ascii: "X"), UInt8(ascii: "T"): return try text(lengthBytes: 4)
    case 0x8C, UInt8(ascii: "U"): return try text(lengthBytes: 1)
    case 0x8D: return try text(lengthBytes: 8)
    case UInt8(ascii: "V"): return .text(try line())
    case UInt8(ascii: "S"): return .text(String(try line().dropFirst().dropLast()))
    case UInt8(ascii: "C"), UInt8(ascii: "B"), 0x8E, 0x96:
      let sizes: [UInt8: Int] = [UInt8(ascii: "C"): 1, UInt8(ascii: "B"): 4]
      try skip(try integer(sizes[code] ?? 8))
      return .bytes
    case UInt8(ascii: ")"): return .tuple([], depth: 0)
    case UInt8(ascii: "]"), 0x8F: return arena.list()
    case UInt8(ascii: "}"): return .dictionary(arena.dictionary())
    case UInt8(ascii: "c"):
      let module = try line()
      return .global("\(module).\(try line())")
    case 0x82, 0x83, 0x84:
      let number = try integer(code == 0x82 ? 1 : code == 0x83 ? 2 : 4)
      return .global("copyreg.extension \(number)")
    default: return nil
    }
  }

  /// Runs an opcode that puts values together.
  private mutating func fill(_ code: UInt8, _ start: Int) throws {
    switch code {
    case 0x85, 0x86, 0x87: try tuple(Int(code) - 0x84, start)
    case UInt8(ascii: "t"): try tuple(try popMark(start), start)
    case UInt8(ascii: "l"), 0x91: stack.append(arena.list(try popMark(start)))
    case UInt8(ascii: "d"):
      let pairs = try popMark(start)
      stack.append(.dictionary(arena.dictionary()))
      try set(pairs, start)
    // What is taken from the stack is taken before the methods, which change no stack, look at it.
    case UInt8(ascii: "a"):
      let value = try pop(start)
      try append([value], start)
    case UInt8(ascii: "e"), 0x90:
      let values = try popMark(start)
      try append(values, start)
    case UInt8(ascii: "s"):
      let value = try pop(start)
      let key = try pop(start)
      try set([key, value], start)
    case UInt8(ascii: "u"):
      let pairs = try popMark(start)
      try set(pairs, start)
    case 0x93:
      let name = try pop(start)
      let module = try pop(start)
      guard let name = name.text, let module = module.text else {
        throw fault("a name is no text", start)
      }
      stack.append(.global("\(module).\(name)"))
    case UInt8(ascii: "Q"): stack.append(try persistent(try pop(start), start))
    case UInt8(ascii: "P"): stack.append(try persistent(.text(try line()), start))
    case UInt8(ascii: "R"), 0x81, 0x92:
      if code == 0x92 { _ = try pop(start) }
      let arguments = try pop(start)
      let function = try pop(start)
      stack.append(try made(by: function, arguments, start))
    case UInt8(ascii: "i"):
      let module = try line()
      let name = try line()
      let arguments = try popMark(start)
      stack.append(try made(by: .global("\(module).\(name)"), .tuple(arguments, depth: 0), start))
    case UInt8(ascii: "o"):
      let parts = try popMark(start)
      guard let first = parts.first else { throw fault("an object has no class", start) }
      stack.append(try made(by: first, .tuple(Array(parts.dropFirst()), depth: 0), start))
    case UInt8(ascii: "b"): try setState(try pop(start), start)
    default:
      throw FormatError(
        .unsupported,
        "the pickle has the opcode \(PickleOpcode.name(code)), which no file of weights needs",
        offset: start)
    }
  }

  /// The attributes of the value on top: versions of layers beside a dictionary, what an object holds.
  private mutating func setState(_ state: PickleValue, _ start: Int) throws {
    switch try top(start) {
    case .dictionary, .list: break
    case .object(let object): object.held.append(state)
    case .tensor:
      stack[stack.count - 1] = .tensor(.refused("is given a state, which is not read here"))
    case let other: throw fault("attributes of \(other.kind) are set", start)
    }
  }

  /// What a name calls; nothing is.
  private func made(
    by function: PickleValue, _ arguments: PickleValue, _ start: Int
  ) throws -> PickleValue {
    let name: String
    switch function {
    case .global(let global): name = global
    case .object(let object): name = object.name
    default: throw fault("\(function.kind) is called", start)
    }
    guard let values = arguments.tuple else {
      throw fault("\(name) is called with \(arguments.kind)", start)
    }
    switch name {
    case "collections.OrderedDict", "collections.defaultdict", "collections.Counter",
      "builtins.dict", "__builtin__.dict":
      return .dictionary(dictionary(of: values))
    case "torch.Size" where values.count == 1 && values[0].tuple != nil: return values[0]
    case "builtins.set", "builtins.frozenset", "builtins.list", "__builtin__.set":
      if case .list? = values.first { return values[0] }
      return arena.list()
    default:
      if let tensor = TensorRebuilding.tensor(name, values) { return .tensor(tensor) }
      return arena.object(name, values)
    }
  }

  /// A dictionary of what its class is called with: nothing, another one, or pairs.
  private func dictionary(of values: [PickleValue]) -> PickleDictionary {
    let made = arena.dictionary()
    switch values.last {
    case .dictionary(let other)?:
      for name in other.names { made.set(.text(name), other.values[name] ?? .none) }
    case .list(let pairs)?:
      for pair in pairs.values {
        if let two = pair.tuple, two.count == 2 { made.set(two[0], two[1]) }
        if case .list(let two) = pair, two.values.count == 2 {
          made.set(two.values[0], two.values[1])
        }
      }
    default: break
    }
    return made
  }

  /// `('storage', type, key, location, count)` and in old files what it is a view of; or a place in a table.
  private mutating func persistent(_ id: PickleValue, _ start: Int) throws -> PickleValue {
    if let table {
      let name = id.tuple?.first ?? id
      // A class beside its source stands for itself.
      if case .global = name { return name }
      guard let key = name.int ?? name.text.flatMap({ Int($0) }), let value = table[key] else {
        throw fault("a persistent value that the file does not hold", start)
      }
      return value
    }
    guard let parts = id.tuple, parts.count >= 5, parts[0].text == "storage",
      let type = parts[1].global, let key = parts[2].text, let count = parts[4].int, count >= 0
    else {
      // A module of an old file, beside its source.
      if id.tuple?.first?.text == "module", let type = id.tuple?.dropFirst().first { return type }
      throw fault("a persistent value that is no storage", start)
    }
    var storage = PickledStorage(key: key, type: type, count: count)
    if storages[key] == nil || storages[key]?.size == nil { storages[key] = storage }
    if parts.count > 5, let view = parts[5].tuple, view.count == 3, let first = view[1].int {
      storage.start = first
    }
    return .storage(storage)
  }

  // MARK: Bytes

  private mutating func byte() throws -> UInt8 { try bytes(1)[0] }

  private mutating func bytes(_ count: Int) throws -> [UInt8] {
    let start = position
    try skip(count)
    return try source.bytes(at: start, count: count)
  }

  private mutating func skip(_ count: Int) throws {
    guard count >= 0, count <= end - position else {
      throw FormatError(.truncated, "the pickle ends within an instruction", offset: position)
    }
    position += count
  }

  private mutating func integer(_ size: Int) throws -> Int {
    let value = try bytes(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let result = Int(exactly: value) else {
      throw fault("a length of \(value) bytes", position - size)
    }
    return result
  }

  private mutating func text(lengthBytes: Int) throws -> PickleValue {
    let count = try integer(lengthBytes)
    return .text(String(decoding: try bytes(count), as: UTF8.self))
  }

  /// The rest of a line.
  private mutating func line() throws -> String {
    var line: [UInt8] = []
    while line.count < 1 << 20 {
      let next = try byte()
      if next == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(next)
    }
    throw fault("a line of more than a million bytes", position)
  }

  private func long(_ bytes: [UInt8]) -> PickleValue {
    guard bytes.count <= 8 else { return .long(bytes) }
    let isNegative = (bytes.last ?? 0) >= 0x80
    var value: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .int(Int(Int64(bitPattern: value)))
  }

  // MARK: Stack

  private func top(_ start: Int) throws -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw fault("the pickle takes a value that is not there", start)
    }
    return value
  }

  private mutating func pop(_ start: Int) throws -> PickleValue {
    let value = try top(start)
    stack.removeLast()
    return value
  }

  private mutating func popMark(_ start: Int) throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw fault("the pickle lacks a mark", start) }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func tuple(_ count: Int, _ start: Int) throws {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop(start)) }
    try tuple(values.reversed(), start)
  }

  private mutating func tuple(_ values: [PickleValue], _ start: Int) throws {
    let depth = values.reduce(0) { depth, value in
      if case .tuple(_, let inner) = value { max(depth, inner + 1) } else { depth }
    }
    guard depth < Self.deepestTuple else { throw fault("tuples are nested too deeply", start) }
    stack.append(.tuple(values, depth: depth))
  }

  private func append(_ values: [PickleValue], _ start: Int) throws {
    switch try top(start) {
    case .list(let list): list.values += values
    case .object(let object): object.held += values
    case let other: throw fault("something is appended to \(other.kind)", start)
    }
  }

  private func set(_ pairs: [PickleValue], _ start: Int) throws {
    guard pairs.count % 2 == 0 else { throw fault("a key has no value", start) }
    switch try top(start) {
    case .dictionary(let dictionary):
      for at in stride(from: 0, to: pairs.count, by: 2) { dictionary.set(pairs[at], pairs[at + 1]) }
    case .object(let object): object.held += pairs
    case let other: throw fault("items are set in \(other.kind)", start)
    }
  }

  private func recalled(_ place: Int, _ start: Int) throws -> PickleValue {
    guard let value = memo[place] else {
      throw fault("the pickle recalls value \(place), which it has not kept", start)
    }
    return value
  }

  private func fault(_ message: String, _ offset: Int) -> FormatError {
    FormatError(.malformed, message, offset: offset)
  }
}
