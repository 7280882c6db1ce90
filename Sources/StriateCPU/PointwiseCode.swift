import CKernels
import StriateCore
import StriateIR

/// The program of a pointwise kernel: which register holds what, and the instructions in order.
struct PointwiseCode {
  static let registerLimit = Int(SK_MAX_REGISTERS)
  static let operandLimit = Int(SK_MAX_OPERANDS)

  /// The values that come from memory, and their registers.
  private(set) var inputs: [(value: ValueID, register: Int)] = []
  /// The instructions.
  private(set) var instructions: [sk_instruction] = []
  /// The register of every value.
  private(set) var registers: [ValueID: Int] = [:]
  private(set) var registerCount = 0

  /// Code for nodes in order.
  init(_ nodes: [Node], in graph: Graph, results: Set<ValueID>) {
    var lastUse: [ValueID: Int] = [:]
    for (position, node) in nodes.enumerated() {
      for input in node.inputs { lastUse[input] = position }
    }
    var free: [Int] = []
    func take(_ count: inout Int) -> Int {
      if let register = free.popLast() { return register }
      count += 1
      return count - 1
    }
    // Inputs keep their registers: scalars are loaded once, and dense ones are read where they lie.
    let made = Set(nodes.flatMap(\.outputs))
    for node in nodes {
      for input in node.inputs where !made.contains(input) && registers[input] == nil {
        let register = take(&registerCount)
        registers[input] = register
        inputs.append((input, register))
      }
    }
    for (position, node) in nodes.enumerated() {
      guard let opcode = PointwiseCode.instruction(for: node, in: graph) else { continue }
      let operands = node.inputs.map { UInt8(registers[$0] ?? 0) }
      let result = take(&registerCount)
      registers[node.outputs[0]] = result
      instructions.append(
        sk_instruction(
          op: UInt8(opcode.rawValue), result: UInt8(result), a: operands[0],
          b: operands.count > 1 ? operands[1] : operands[0],
          c: operands.count > 2 ? operands[2] : operands[0]))
      for input in Set(node.inputs)
      where made.contains(input) && lastUse[input] == position && !results.contains(input) {
        if let register = registers[input] { free.append(register) }
      }
    }
  }

  /// An instruction's number.
  struct Opcode {
    let rawValue: Int
    init(_ value: Int) { rawValue = value }
  }

  /// The instruction that computes a node, or nil where no pointwise kernel does.
  static func instruction(for node: Node, in graph: Graph) -> Opcode? {
    let types = node.inputs.map { graph.type($0).dtype }
    let result = graph.type(node.outputs[0]).dtype
    switch node.op {
    case .unary(let op): return types[0] == .float32 ? code(op.kind) : nil
    case .binary(let op):
      switch types[0] {
      case .float32: return code(op.kind)
      case .int32: return integerCode(op.kind)
      default: return nil
      }
    case .compare(let op):
      switch types[0] {
      case .float32, .bool, .uint8: return code(op.kind)
      case .int32: return integerCode(op.kind)
      default: return nil
      }
    case .select:
      return [.float32, .int32, .bool, .uint8].contains(types[1]) ? Opcode(SK_SELECT) : nil
    case .convert:
      switch (types[0], result) {
      case (.int32, .float32): return Opcode(SK_FROM_INTEGER)
      case (.int32, .bool): return Opcode(SK_INTEGER_NOT_ZERO)
      case (.float32, .int32), (.bool, .int32), (.uint8, .int32): return Opcode(SK_TO_INTEGER)
      case (.float32, .uint8): return Opcode(SK_TO_BYTE)
      case (.bool, .float32), (.bool, .uint8), (.float32, .bool), (.uint8, .bool):
        return Opcode(SK_NOT_ZERO)
      case (.uint8, .float32): return Opcode(SK_ABS)  // bytes are not negative
      default: return nil
      }
    default: return nil
    }
  }

  private static func code(_ kind: Unary.Kind) -> Opcode {
    switch kind {
    case .negate: Opcode(SK_NEGATE)
    case .abs: Opcode(SK_ABS)
    case .sign: Opcode(SK_SIGN)
    case .exp: Opcode(SK_EXP)
    case .log: Opcode(SK_LOG)
    case .sqrt: Opcode(SK_SQRT)
    case .rsqrt: Opcode(SK_RSQRT)
    case .reciprocal: Opcode(SK_RECIPROCAL)
    case .square: Opcode(SK_SQUARE)
    case .tanh: Opcode(SK_TANH)
    case .sigmoid: Opcode(SK_SIGMOID)
    case .relu: Opcode(SK_RELU)
    case .floor: Opcode(SK_FLOOR)
    case .ceil: Opcode(SK_CEIL)
    case .round: Opcode(SK_ROUND)
    case .erf: Opcode(SK_ERF)
    case .sin: Opcode(SK_SIN)
    case .cos: Opcode(SK_COS)
    case .log1p: Opcode(SK_LOG1P)
    case .expm1: Opcode(SK_EXPM1)
    }
  }

  private static func code(_ kind: Binary.Kind) -> Opcode {
    switch kind {
    case .add: Opcode(SK_ADD)
    case .subtract: Opcode(SK_SUBTRACT)
    case .multiply: Opcode(SK_MULTIPLY)
    case .divide: Opcode(SK_DIVIDE)
    case .maximum: Opcode(SK_MAXIMUM)
    case .minimum: Opcode(SK_MINIMUM)
    case .power: Opcode(SK_POWER)
    case .gate: Opcode(SK_GATE)
    case .remainder: Opcode(SK_REMAINDER)
    }
  }

  private static func integerCode(_ kind: Binary.Kind) -> Opcode {
    switch kind {
    case .add: Opcode(SK_INTEGER_ADD)
    case .subtract: Opcode(SK_INTEGER_SUBTRACT)
    case .multiply: Opcode(SK_INTEGER_MULTIPLY)
    case .divide: Opcode(SK_INTEGER_DIVIDE)
    case .maximum: Opcode(SK_INTEGER_MAXIMUM)
    case .minimum: Opcode(SK_INTEGER_MINIMUM)
    case .power: Opcode(SK_INTEGER_POWER)
    case .gate: Opcode(SK_INTEGER_GATE)
    case .remainder: Opcode(SK_INTEGER_REMAINDER)
    }
  }

  private static func code(_ kind: Compare.Kind) -> Opcode {
    switch kind {
    case .less: Opcode(SK_LESS)
    case .equal: Opcode(SK_EQUAL)
    case .greater: Opcode(SK_GREATER)
    }
  }

  private static func integerCode(_ kind: Compare.Kind) -> Opcode {
    switch kind {
    case .less: Opcode(SK_INTEGER_LESS)
    case .equal: Opcode(SK_INTEGER_EQUAL)
    case .greater: Opcode(SK_INTEGER_GREATER)
    }
  }
}
