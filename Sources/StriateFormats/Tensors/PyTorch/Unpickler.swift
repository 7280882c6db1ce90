import StriateCore

/// Reads pickles of protocols 2 to 5 as far as files of weights need them: plain values, tensors, nothing else.
///
/// A pickle is a program for a small stack machine that may call any function of Python by name. Here names that are
/// not of tensors are refused, and nothing is ever called.
struct Unpickler {
  private let source: ByteSource
  /// The next byte.
  private(set) var position: Int
  private let end: Int
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// What keeps the value's lists and dictionaries: to be held as long as the value is used.
  let arena = PickleArena()

  /// Items on the stack, and tuples within each other, more than which no file of weights has.
  private static let (mostItems, deepestTuple) = (1 << 22, 64)

  /// A pickle within a stretch of bytes.
  init(_ source: ByteSource, from position: Int = 0, to end: Int? = nil) {
    self.source = source
    self.position = position
    self.end = end ?? source.count
  }

  /// The value that the program leaves.
  ///
  /// - Throws: `FormatError` where the pickle is cut off, contradicts itself or names what is no tensor.
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
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88, 0x89: stack.append(.bool(code == 0x88))
    case UInt8(ascii: "K"): stack.append(.int(try integer(1)))
    case UInt8(ascii: "M"): stack.append(.int(try integer(2)))
    case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try integer(4)))))
    case 0x8A, 0x8B:
      let count = try integer(code == 0x8A ? 1 : 4)
      stack.append(long(try bytes(count)))
    case UInt8(ascii: "G"):
      let bits = try bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.float(Double(bitPattern: bits)))
    case UInt8(ascii: "X"), UInt8(ascii: "T"): try text(lengthBytes: 4)
    case 0x8C, UInt8(ascii: "U"): try text(lengthBytes: 1)
    case 0x8D: try text(lengthBytes: 8)
    case UInt8(ascii: ")"): stack.append(.tuple([], depth: 0))
    case 0x85, 0x86, 0x87: try tuple(Int(code) - 0x84, start)
    case UInt8(ascii: "t"):
      let values = try popMark(start)
      try tuple(values, start)
    case UInt8(ascii: "]"): stack.append(arena.list())
    case UInt8(ascii: "l"):
      let values = try popMark(start)
      stack.append(arena.list(values))
    case UInt8(ascii: "}"): stack.append(arena.dictionary())
    case UInt8(ascii: "a"):
      let value = try pop(start)
      try append([value], start)
    case UInt8(ascii: "e"):
      let values = try popMark(start)
      try append(values, start)
    case UInt8(ascii: "s"):
      let value = try pop(start)
      let key = try pop(start)
      try set([key, value], start)
    case UInt8(ascii: "u"):
      let pairs = try popMark(start)
      try set(pairs, start)
    case UInt8(ascii: "q"), UInt8(ascii: "r"):
      let place = try integer(code == UInt8(ascii: "q") ? 1 : 4)
      memo[place] = try top(start)
    case 0x94: memo[memo.count] = try top(start)
    case UInt8(ascii: "h"), UInt8(ascii: "j"):
      let place = try integer(code == UInt8(ascii: "h") ? 1 : 4)
      stack.append(try recalled(place, start))
    case UInt8(ascii: "c"):
      let module = try line()
      let name = try line()
      stack.append(.global(try global(module, name, "GLOBAL", start)))
    case 0x93:
      let name = try pop(start)
      let module = try pop(start)
      guard let name = name.text, let module = module.text else {
        throw fault("a name is no text", start)
      }
      stack.append(.global(try global(module, name, "STACK_GLOBAL", start)))
    case UInt8(ascii: "Q"):
      let id = try pop(start)
      stack.append(.storage(try storage(id, start)))
    case UInt8(ascii: "R"):
      let arguments = try pop(start)
      let function = try pop(start)
      stack.append(try made(by: function, arguments, start))
    case UInt8(ascii: "b"):
      // The attributes of a dictionary that remembers its order: versions of layers.
      _ = try pop(start)
      guard case .dictionary = try top(start) else {
        throw fault("attributes of \(try top(start).kind) are set", start)
      }
    default:
      throw FormatError(
        .unsupported,
        "the pickle has the opcode \(PickleOpcode.name(code)), which no file of plain weights needs",
        offset: start)
    }
  }

  // MARK: Bytes

  private mutating func byte() throws -> UInt8 { try bytes(1)[0] }

  private mutating func bytes(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= end - position else {
      throw FormatError(.truncated, "the pickle ends within an instruction", offset: position)
    }
    defer { position += count }
    return try source.bytes(at: position, count: count)
  }

  private mutating func integer(_ size: Int) throws -> Int {
    let value = try bytes(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let result = Int(exactly: value) else {
      throw fault("a length of \(value) bytes", position - size)
    }
    return result
  }

  private mutating func text(lengthBytes: Int) throws {
    let count = try integer(lengthBytes)
    stack.append(.text(String(decoding: try bytes(count), as: UTF8.self)))
  }

  private mutating func line() throws -> String {
    var line: [UInt8] = []
    while line.count < 1024 {
      let next = try byte()
      if next == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(next)
    }
    throw fault("a name of more than 1,024 bytes", position)
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
    guard case .list(let list) = try top(start) else {
      throw fault("something is appended to \(try top(start).kind)", start)
    }
    list.values += values
  }

  private func set(_ pairs: [PickleValue], _ start: Int) throws {
    guard case .dictionary(let dictionary) = try top(start), pairs.count % 2 == 0 else {
      throw fault("items are set in \(try top(start).kind)", start)
    }
    for at in stride(from: 0, to: pairs.count, by: 2) { dictionary.set(pairs[at], pairs[at + 1]) }
  }

  private func recalled(_ place: Int, _ start: Int) throws -> PickleValue {
    guard let value = memo[place] else {
      throw fault("the pickle recalls value \(place), which it has not kept", start)
    }
    return value
  }

  // MARK: Tensors

  private func global(
    _ module: String, _ name: String, _ opcode: String, _ start: Int
  ) throws -> PickleGlobal {
    guard let known = PickleGlobal(rawValue: "\(module).\(name)") else {
      throw FormatError(
        .unsupported,
        "the pickle's opcode \(opcode) asks for \(module).\(name), which is no tensor and is not built; save the "
          + "state_dict alone, with tensors and plain values", offset: start)
    }
    return known
  }

  /// `('storage', type, key, location, count)`, and in old files what it is a view of.
  private func storage(_ id: PickleValue, _ start: Int) throws -> PickledStorage {
    guard let parts = id.tuple, parts.count >= 5, parts[0].text == "storage",
      case .global(let type) = parts[1], let element = type.element, let key = parts[2].text,
      let count = parts[4].int, count >= 0
    else { throw fault("a persistent value that is no storage", start) }
    return PickledStorage(key: key, element: element, count: count)
  }

  private func made(
    by function: PickleValue, _ arguments: PickleValue, _ start: Int
  ) throws -> PickleValue {
    guard case .global(let name) = function, let arguments = arguments.tuple else {
      throw fault("\(function.kind) is called", start)
    }
    switch name {
    case .orderedDict where arguments.isEmpty: return arena.dictionary()
    case .rebuildParameter:
      guard case .tensor(let tensor) = arguments.first else { break }
      return .tensor(tensor)
    case .rebuildTensor, .rebuildTensorV2:
      guard arguments.count >= 4, case .storage(let storage) = arguments[0],
        let offset = arguments[1].int, let extents = integers(arguments[2]),
        let strides = integers(arguments[3]), extents.count == strides.count
      else { break }
      return .tensor(
        PickledTensor(storage: storage, offset: offset, extents: extents, strides: strides))
    default: break
    }
    throw fault("\(name.rawValue) is called with other arguments than a tensor's", start)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard let values = value.tuple else { return nil }
    let found = values.compactMap(\.int)
    return found.count == values.count ? found : nil
  }

  private func fault(_ message: String, _ offset: Int) -> FormatError {
    FormatError(.malformed, message, offset: offset)
  }
}
