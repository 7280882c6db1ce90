import CDNNL
import StriateCore
import StriateIR
import StriateRuntime

extension Lowering {
  /// A convolution of 8-bit numbers on the library's integer kernels, everything after the sums fused.
  ///
  /// Constant filters are laid out now. A residual is added in place where nothing else still reads it.
  mutating func lowerQuantizedConvolution(_ op: QuantizedConvolution, _ node: Node) throws {
    let y = graph.type(node.outputs[0])
    guard y.shape.count > 0 else { return try lowerEmpty(node.outputs[0]) }
    if let reason = reason(against: op, node) { return try interpret(node, because: reason) }
    let types = ConvolutionTypes(shown: op, node, in: graph)
    let after = try arithmetic(of: op, node)
    let attributes = try Attributes(after, groups: op.convolution.groups)
    let bias = try after.bias == nil ? nil : Layout.plain(TensorType(.float32, [y.shape[1]]))
    let chosen: ChosenConvolution
    do {
      chosen = try types.choose { view in
        let window = view.window
        let (x, w, y) = try (view.x, view.w, view.y)
        let descriptor = try PrimitiveDescriptor("a convolution of \(x.type) with \(w.type)") {
          dn_convolution_forward_primitive_desc_create(
            &$0, engine, Int32(DN_FORWARD_INFERENCE), Int32(DN_CONVOLUTION_DIRECT), x.descriptor,
            w.descriptor, bias?.descriptor, y.descriptor, window.stride, window.dilation,
            window.low, window.high, attributes.pointer)
        }
        return try ChosenConvolution(
          descriptor, view, x: Int(DN_QUERY_SRC), w: Int(DN_QUERY_WEIGHTS), y: Int(DN_QUERY_DST))
      }
    } catch let error as CPUError where error.code == .callFailed {
      return try interpret(node, because: "no integer kernel takes it: \(error.message)")
    }
    let x = try read(node.inputs[0], as: chosen.x.library)
    var reads = [
      (Int(DN_ARG_SRC), x),
      (Int(DN_ARG_WEIGHTS), try packed(node.inputs[1], as: chosen.w)),
      (Int(DN_ARG_SCALES_OF | DN_ARG_WEIGHTS), try numbers(after.scales)),
    ]
    if let bias, let vector = after.bias {
      let buffer: BufferID
      if let constant = vector.constant {
        buffer = plan.buffer(.constant(constant))
      } else {
        buffer = try plain(vector.id).buffer
      }
      reads.append((Int(DN_ARG_BIAS), Placed(buffer: buffer, layout: bias)))
    }
    if let scale = after.resultScale {
      reads.append((Int(DN_ARG_SCALES_OF | DN_ARG_DST), try numbers([scale])))
    }
    for (zero, operand) in [(after.inputZero, DN_ARG_SRC), (after.resultZero, DN_ARG_DST)]
    where zero != 0 {
      reads.append((Int(DN_ARG_ZERO_POINTS_OF | operand), try numbers([zero])))
    }
    let target = chosen.y.library
    let kept = try target.seen(as: Layout.extents(y.shape))
    let place: Placed
    if op.residual != nil {
      place = try summed(op, node, as: kept, avoiding: x.buffer)
    } else {
      place = define(node.outputs[0], kept)
    }
    let name =
      "int8 " + (op.isLinear ? "matmul" : "convolution") + (op.hasBias ? " + bias" : "")
      + (op.residual == nil ? "" : " + residual") + (op.relu ? " + relu" : "")
    try add(
      name, chosen.descriptor, reads: reads,
      writes: [(Int(DN_ARG_DST), Placed(buffer: place.buffer, layout: target))], for: node)
    if op.residual != nil { plan.steps[plan.steps.count - 1].reads.append(place.buffer) }
  }

  /// Why no integer kernel takes it.
  private func reason(against op: QuantizedConvolution, _ node: Node) -> String? {
    let x = graph.type(node.inputs[0]).shape
    if x.rank > 5 { return "no kernel for \(node.op.name) of \(x.rank) axes" }
    if x.count == 0 { return "no kernel for \(node.op.name) without elements" }
    if !DNNLibrary.hasExactByteProducts {
      return "without VNNI instructions products of 8-bit numbers saturate in 16 bits"
    }
    return nil
  }

  // MARK: Operands

  /// A value as the library sees it, perhaps with axes of extent 1 that the program does not know.
  private mutating func read(_ id: ValueID, as layout: Layout) throws -> Placed {
    let kept = try layout.seen(as: Layout.extents(graph.type(id).shape))
    return Placed(buffer: try placed(id, as: kept).buffer, layout: layout)
  }

  /// The filters as a kernel wants them: constant ones are laid out once, now; others at every run.
  private mutating func packed(_ id: ValueID, as seen: SeenLayout) throws -> Placed {
    let layout = seen.library
    guard case .constant(let op)? = grouping.node(id)?.op else {
      let rows = try plain(id)
      let target = Placed(buffer: arena(layout.byteCount), layout: layout)
      try reorder(rows, to: target, path: grouping.node(id)?.path ?? "")
      return target
    }
    let source = CPUState.Entry(try .plain(op.value.type))
    op.value.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        source.memory.copyMemory(from: base, byteCount: bytes.count)
      }
    }
    let target = CPUState.Entry(layout)
    try thread.reorder(from: source, to: target)
    let bytes = HostTensor(type: TensorType(.uint8, [layout.byteCount])) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: target.memory, count: $0.count))
    }
    return Placed(buffer: plan.buffer(.constant(bytes)), layout: layout)
  }

  /// Numbers that are part of the program.
  private mutating func numbers<T: Scalar>(_ values: [T]) throws -> Placed {
    let vector = HostTensor(values)
    return Placed(buffer: plan.buffer(.constant(vector)), layout: try .plain(vector.type))
  }

  /// The result's memory with the residual in it: the residual's own where nothing else reads that.
  private mutating func summed(
    _ op: QuantizedConvolution, _ node: Node, as layout: Layout, avoiding input: BufferID
  ) throws -> Placed {
    let id = node.inputs[op.residualPosition]
    let source = try placed(id, as: layout.holding(graph.type(id)))
    let group = grouping.producers[node.outputs[0].index].map { grouping.groupOf[$0] } ?? -1
    var result = Placed(buffer: source.buffer, layout: layout)
    if !isOwned(source, id) || source.buffer == input || !isLastReader(id, group: group) {
      result = Placed(buffer: arena(layout.byteCount), layout: layout)
      move(source, to: result.buffer, "residual")
    }
    places[node.outputs[0]] = [result]
    return result
  }

  /// Whether a value's memory is in the arena and no other value's.
  private func isOwned(_ place: Placed, _ id: ValueID) -> Bool {
    guard case .arena = plan.homes[place.buffer.index], let node = grouping.node(id) else {
      return false
    }
    switch node.op {
    case .reshape, .broadcast, .constant, .fill: return false
    default:
      return !places.contains { $0.key != id && $0.value.contains { $0.buffer == place.buffer } }
    }
  }

  // MARK: Arithmetic

  /// What a kernel does to the integer sums.
  ///
  /// The result's scale is divided out of the filters' scales and a constant bias, so that one multiplication
  /// and one addition are left (Jacob et al., 2018, eq. 5).
  private func arithmetic(of op: QuantizedConvolution, _ node: Node) throws -> IntegerArithmetic {
    var constant: HostTensor?
    if op.hasBias, case .constant(let bias)? = grouping.node(node.inputs[2])?.op {
      constant = bias.value
    }
    let folds = op.output != nil && (!op.hasBias || constant != nil)
    let divisor = folds ? op.output?.scale[0] ?? 1 : 1
    var after = IntegerArithmetic(
      scales: op.filter.scale.map { Float($0 * op.input.scale[0] / divisor) })
    if op.hasBias {
      let folded = constant.map {
        HostTensor($0.scalars(as: Double.self).map { Float($0 / divisor) })
      }
      after.bias = (node.inputs[2], folds ? folded : constant)
    }
    if let output = op.output {
      if !folds { after.resultScale = Float(output.scale[0]) }
      after.resultZero = Int32(truncatingIfNeeded: output.zeroPoint[0])
      let zero = output.zeroPoint[0]
      if output.range != output.fullRange {
        let bounds = (output.range.lowerBound - zero, output.range.upperBound - zero)
        let step = folds ? 1 : Float(output.scale[0])
        after.clip = (Float(bounds.0) * step, Float(bounds.1) * step)
      }
      after.relu = op.relu && !(output.dtype == .uint8 && zero == 0)
    } else {
      after.relu = op.relu
    }
    after.inputZero = Int32(truncatingIfNeeded: op.input.zeroPoint[0])
    if let residual = op.residual {
      after.sum = (
        Float(residual.scale[0] / divisor), Int32(truncatingIfNeeded: residual.zeroPoint[0]),
        Layout.code(residual.dtype) ?? 0
      )
    }
    return after
  }
}

/// What a kernel does to the integer sums: see `QuantizedConvolution` for the formula.
private struct IntegerArithmetic {
  /// The factor of each filter's sums.
  var scales: [Float]
  /// The bias: a value, or numbers that are part of the program.
  var bias: (id: ValueID, constant: HostTensor?)?
  /// The result's scale where the factors do not hold it.
  var resultScale: Float?
  var inputZero: Int32 = 0
  var resultZero: Int32 = 0
  /// The residual's factor, its zero point, and the code of its element type.
  var sum: (scale: Float, zero: Int32, type: Int32)?
  var relu = false
  /// The bounds of a result that does not use all integers, before the zero point.
  var clip: (low: Float, high: Float)?
}

extension Attributes {
  /// The attributes of an integer kernel.
  fileprivate convenience init(
    _ after: IntegerArithmetic, groups: Int
  ) throws(CPUError) {
    try self.init()
    let mask: Int32 = groups > 1 ? 3 : 1
    try check(
      dn_primitive_attr_set_scales_mask(pointer, Int32(DN_ARG_WEIGHTS), mask), "filter scales")
    if after.resultScale != nil {
      try check(dn_primitive_attr_set_scales_mask(pointer, Int32(DN_ARG_DST), 0), "a scale")
    }
    for (zero, operand) in [(after.inputZero, DN_ARG_SRC), (after.resultZero, DN_ARG_DST)]
    where zero != 0 {
      try check(
        dn_primitive_attr_set_zero_points_mask(pointer, Int32(operand), 0), "a zero point")
    }
    var operations: dn_post_ops?
    try check(dn_post_ops_create(&operations), "post-operations")
    defer { dn_post_ops_destroy(operations) }
    if let sum = after.sum {
      try check(
        dn_post_ops_append_sum(operations, sum.scale, sum.zero, sum.type), "a sum after a kernel")
    }
    if after.relu {
      try check(
        dn_post_ops_append_eltwise(operations, Int32(DN_ELTWISE_RELU), 0, 0),
        "an activation after a kernel")
    }
    if let clip = after.clip {
      try check(
        dn_post_ops_append_eltwise(operations, Int32(DN_ELTWISE_CLIP), clip.low, clip.high),
        "bounds after a kernel")
    }
    try check(dn_primitive_attr_set_post_ops(pointer, operations), "post-operations")
  }
}

extension ConvolutionTypes {
  /// What the library is shown: fully connected layers as convolutions of images of one element.
  fileprivate init(shown op: QuantizedConvolution, _ node: Node, in graph: Graph) {
    func shown(_ id: ValueID) -> TensorType {
      let type = graph.type(id)
      return op.isLinear ? TensorType(type.dtype, Shape(type.shape.dims + [1, 1])) : type
    }
    var rule = op.convolution
    if op.isLinear { rule.window = Window(kernel: [1, 1]) }
    self.init(
      rule, x: shown(node.inputs[0]), w: shown(node.inputs[1]), y: shown(node.outputs[0]))
  }
}

extension DNNLibrary {
  /// Whether the processor sums products of 8-bit numbers in 32 bits; before VNNI pairs saturate in 16.
  package static var hasExactByteProducts: Bool {
    #if arch(x86_64)
      // AVX2-VNNI's and AVX-512-VNNI's own bits among the instruction sets.
      return dn_get_effective_cpu_isa() & 0x48 != 0
    #else
      return true
    #endif
  }
}
