import CKernels
import StriateCore
import StriateIR

extension Lowering {
  /// Arithmetic that no pointwise kernel takes: counters in 64 bits, and rare element types.
  mutating func lowerElementwise(_ node: Node) throws {
    guard let code = integerCode(node) else {
      let types = (node.inputs + node.outputs).map { "\(graph.type($0).dtype)" }
      return try interpret(
        node, because: "no kernel for \(node.op.name) of \(types.joined(separator: ", "))")
    }
    let operands = try node.inputs.map { try plain($0) }
    let (a, b) = (operands[operands.count - 2], operands[operands.count - 1])
    let condition = operands.count == 3 ? operands[0].buffer : nil
    let count = a.layout.type.shape.count
    let group = grouping.groupOf[grouping.producers[node.outputs[0].index] ?? 0]
    let result =
      placeInState(node.outputs[0], a.layout, group: group) ?? define(node.outputs[0], a.layout)
    add(
      node.op.name, sk_run_integer, work: count, reads: operands.map(\.buffer),
      writes: [result.buffer], for: node
    ) { address in
      KernelContext(
        sk_integer(
          a: address(a.buffer).assumingMemoryBound(to: Int64.self),
          b: address(b.buffer).assumingMemoryBound(to: Int64.self),
          condition: condition.map {
            UnsafePointer(address($0).assumingMemoryBound(to: UInt8.self))
          },
          target: address(result.buffer).assumingMemoryBound(to: Int64.self), count: Int64(count),
          op: Int32(code)))
    }
  }

  /// The instruction for a node on 64-bit integers.
  private func integerCode(_ node: Node) -> Int? {
    guard graph.type(node.outputs[0]).dtype == .int64 else { return nil }
    switch node.op {
    case .binary(let op):
      return [Binary.Kind.add: SK_ADD, .subtract: SK_SUBTRACT, .multiply: SK_MULTIPLY][op.kind]
    case .select: return SK_SELECT
    default: return nil
    }
  }

  /// A chain of arithmetic as one kernel over memory in one layout.
  ///
  /// - Parameter kept: what another kernel of the same group reads.
  mutating func lowerPointwise(_ nodes: [Node], keeping kept: Set<ValueID> = []) throws {
    guard let first = nodes.first else { return }
    let group = grouping.groupOf[grouping.producers[first.outputs[0].index] ?? 0]
    let results = nodes.flatMap(\.outputs).filter { id in
      graph.results.contains(id) || kept.contains(id)
        || grouping.consumers[id.index].contains { grouping.groupOf[$0] != group }
    }
    let code = PointwiseCode(nodes, in: graph, results: Set(results))
    let shape = graph.type(first.outputs[0]).shape

    var roles: [ValueID: OperandRole] = [:]
    for (value, _) in code.inputs { roles[value] = role(of: value, in: shape) }
    let layout = try pointwiseLayout(nodes, code, roles, results, shape)
    let pattern = layout.channels

    var inputs: [PointwiseOperand] = []
    for (value, register) in code.inputs {
      let dtype = graph.type(value).dtype
      switch roles[value] ?? .dense {
      case .scalar(let source):
        inputs.append(
          PointwiseOperand(
            buffer: try scalar(source), dtype: dtype, register: register, follow: SK_SCALAR))
      case .channel(let source) where pattern != nil:
        inputs.append(
          PointwiseOperand(
            buffer: try plain(source).buffer, dtype: dtype, register: register, follow: SK_CHANNEL,
            pattern: pattern))
      case .run(let source, let run) where layout.isPlain:
        inputs.append(
          PointwiseOperand(
            buffer: try plain(source).buffer, dtype: dtype, register: register, follow: SK_CHANNEL,
            pattern: run))
      default:
        let place = try placed(value, as: retyped(layout, graph.type(value)))
        inputs.append(
          PointwiseOperand(
            buffer: place.buffer, dtype: dtype, register: register, follow: SK_DENSE))
      }
    }
    var outputs: [PointwiseOperand] = []
    for id in results {
      let own = try retyped(layout, graph.type(id))
      let place = placeInState(id, own, group: group) ?? define(id, own)
      outputs.append(
        PointwiseOperand(
          buffer: place.buffer, dtype: graph.type(id).dtype, register: code.registers[id] ?? 0,
          follow: SK_DENSE))
    }
    let count = layout.isPlain ? shape.count : layout.byteCount / 4
    let name =
      nodes.count == 1 ? first.op.name : "pointwise \(nodes.map(\.op.name).joined(separator: "+"))"
    add(
      name, sk_run_pointwise, work: count, reads: inputs.map(\.buffer),
      writes: outputs.map(\.buffer),
      for: nodes.last
    ) { address in
      PointwiseKernel(code, inputs, outputs, count: count, address).context
    }
  }

  /// The memory of one number; a number of the program takes one element whatever its shape.
  private mutating func scalar(_ id: ValueID) throws -> BufferID {
    guard case .fill(let fill)? = grouping.node(id)?.op else { return try plain(id).buffer }
    let value = HostTensor(scalar: fill.value).converted(to: fill.type.dtype)
    return plan.buffer(.constant(value))
  }

  /// How an operand's elements follow the result's.
  private enum OperandRole {
    case dense
    case scalar(ValueID)
    case channel(ValueID)
    /// Elements that follow some neighbouring axes of rows and repeat along the others.
    case run(ValueID, ChannelPattern)
  }

  private func role(of id: ValueID, in shape: Shape) -> OperandRole {
    var source = id
    while let node = grouping.node(source) {
      switch node.op {
      case .broadcast, .reshape:
        guard graph.type(node.inputs[0]).shape.count == 1 else {
          if source == id, graph.type(id).dtype == .float32,
            let vector = grouping.channelVector(id)
          {
            return .channel(vector)
          }
          if source == id, graph.type(id).dtype == .float32, case .broadcast(let op) = node.op,
            let run = ChannelPattern(repeating: graph.type(node.inputs[0]).shape, in: op.shape)
          {
            return .run(node.inputs[0], run)
          }
          return .dense
        }
        source = node.inputs[0]
      case .fill(let fill):
        return fill.type.shape.count > 0 ? .scalar(source) : .dense
      default: return graph.type(source).shape.count == 1 ? .scalar(source) : .dense
      }
    }
    return graph.type(source).shape.count == 1 ? .scalar(source) : .dense
  }

  /// The layout of a pointwise kernel: that of a state it updates, else of an operand a kernel chose for.
  private mutating func pointwiseLayout(
    _ nodes: [Node], _ code: PointwiseCode, _ roles: [ValueID: OperandRole], _ results: [ValueID],
    _ shape: Shape
  ) throws -> Layout {
    let plainLayout = try Layout.plain(TensorType(.float32, shape))
    var candidates: [Layout] = []
    for state in graph.states {
      guard let update = state.update, results.contains(update) else { continue }
      if let layout = knownLayout(state.value) { candidates.append(layout) }
    }
    for (value, _) in code.inputs {
      guard case .dense = roles[value] ?? .dense else { continue }
      if let layout = knownLayout(value) { candidates.append(layout) }
    }
    let isSingle =
      results.allSatisfy { graph.type($0).dtype == .float32 }
      && code.inputs.allSatisfy {
        guard case .dense = roles[$0.value] ?? .dense else { return true }
        return graph.type($0.value).dtype == .float32
      }
    guard isSingle, let chosen = candidates.first(where: { !$0.isPlain }) else {
      return plainLayout
    }
    if case .channel? = roles.values.first(where: { if case .channel = $0 { true } else { false } }),
      chosen.channels == nil
    {
      return plainLayout
    }
    return chosen.isPadded && !keepsZeros(nodes, roles, results) ? plainLayout : chosen
  }

  /// Whether zeros in all dense operands give zeros, so that a layout's padding stays zero.
  ///
  /// The chain is computed for a few values of its scalars, of either sign; those in the program keep theirs.
  private func keepsZeros(
    _ nodes: [Node], _ roles: [ValueID: OperandRole], _ results: [ValueID]
  ) -> Bool {
    (0..<4).allSatisfy { trial in
      var values: [ValueID: Double] = [:]
      for (position, id) in Set(nodes.flatMap(\.inputs)).sorted(by: { $0.index < $1.index })
        .enumerated()
      {
        guard case .scalar(let source)? = roles[id] else {
          values[id] = 0
          continue
        }
        if case .fill(let fill)? = grouping.node(source)?.op {
          values[id] = fill.value
        } else if graph.type(source).dtype == .bool {
          values[id] = Double(trial % 2)
        } else {
          let size = 0.3 + 0.7 * Double((position * 7 + trial * 5) % 11)
          values[id] = (position + trial) % 2 == 0 ? size : -size
        }
      }
      for node in nodes {
        let operands = node.inputs.map { values[$0] ?? 0 }
        values[node.outputs[0]] =
          switch node.op {
          case .unary(let op): op.kind.apply(operands[0])
          case .binary(let op): op.kind.apply(operands[0], operands[1])
          case .compare(let op): op.kind.apply(operands[0], operands[1]) ? 1 : 0
          case .select: operands[0] != 0 ? operands[1] : operands[2]
          default: operands[0]
          }
      }
      return results.allSatisfy { values[$0] == 0 }
    }
  }

  /// A layout for another element type of the same extents; blocked ones exist for single precision only.
  private func retyped(_ layout: Layout, _ type: TensorType) throws -> Layout {
    layout.isPlain ? try .plain(type) : layout
  }
}

extension ChannelPattern {
  /// How a tensor repeats in a larger one, if the axes that it has are neighbours there.
  fileprivate init?(repeating source: Shape, in shape: Shape) {
    let lead = shape.rank - source.rank
    let axes = (0..<shape.rank).filter { $0 >= lead && source[$0 - lead] != 1 }
    guard lead >= 0, let first = axes.first, let last = axes.last,
      (first...last).allSatisfy({ $0 >= lead && source[$0 - lead] == shape[$0] })
    else { return nil }
    let outer = shape.dims[first...last].reduce(1, *)
    let inner = shape.dims.dropFirst(last + 1).reduce(1, *)
    guard outer > 0, inner > 0 else { return nil }
    self.init(block: 1, inner: inner, outer: outer, channels: outer)
  }
}

/// An operand of a pointwise kernel before its address is known.
struct PointwiseOperand {
  var buffer: BufferID
  var dtype: DType
  var register: Int
  var follow: Int
  var pattern: ChannelPattern?

  func bound(_ address: Resolver) -> sk_operand {
    let type =
      switch dtype {
      case .bool, .uint8: SK_U8
      case .int32: SK_I32
      default: SK_F32
      }
    return sk_operand(
      data: address(buffer), type: Int32(type), follow: Int32(follow), reg: Int32(register),
      block: Int32(pattern?.block ?? 1), inner: Int64(pattern?.inner ?? 1),
      outer: Int64(pattern?.outer ?? 1), channels: Int64(pattern?.channels ?? 1))
  }
}

/// The memory behind a pointwise kernel's operand struct.
final class PointwiseKernel {
  private let code: UnsafeMutableBufferPointer<sk_instruction>
  private let operands: UnsafeMutableBufferPointer<sk_operand>
  private let kernel: sk_pointwise

  init(
    _ code: PointwiseCode, _ inputs: [PointwiseOperand], _ outputs: [PointwiseOperand], count: Int,
    _ address: Resolver
  ) {
    self.code = .allocate(capacity: max(code.instructions.count, 1))
    _ = self.code.initialize(from: code.instructions)
    let bound = (inputs + outputs).map { $0.bound(address) }
    operands = .allocate(capacity: max(bound.count, 1))
    _ = operands.initialize(from: bound)
    kernel = sk_pointwise(
      count: Int64(count), inputs: Int32(inputs.count), outputs: Int32(outputs.count),
      instructions: Int32(code.instructions.count), registers: Int32(code.registerCount),
      input: UnsafePointer(operands.baseAddress),
      output: operands.baseAddress.map { UnsafePointer($0 + inputs.count) },
      code: UnsafePointer(self.code.baseAddress))
  }

  deinit {
    code.deallocate()
    operands.deallocate()
  }

  /// The operand struct; it keeps this object alive.
  var context: KernelContext { KernelContext(kernel, keeping: self) }
}
