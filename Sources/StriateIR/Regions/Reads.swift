import StriateCore

/// What a position of an op's result reads of an operand along one spatial axis.
///
/// This is the receptive-field arithmetic of every op, one axis at a time; a filter, a scale or another operand that
/// has no positions is not asked for.
enum AxisReads {
  /// The same position.
  case same
  /// Position `o` reads from `o·stride − before` on, `reach` of them.
  case window(stride: Int, before: Int, reach: Int)
  /// Position `o` reads each `p` with `p·stride − before ≤ o < p·stride − before + reach`: the adjoint of a window.
  case adjoint(stride: Int, before: Int, reach: Int)
  /// The positions that a table says.
  case table(ResizeTable)

  /// The positions that some of the result read, within an extent.
  func reads(_ wanted: Range<Int>, extent: Int) -> Range<Int> {
    guard !wanted.isEmpty else { return 0..<0 }
    let (first, last) = (wanted.lowerBound, wanted.upperBound - 1)
    let (low, high): (Int, Int)
    switch self {
    case .same: (low, high) = (first, last)
    case .window(let stride, let before, let reach):
      (low, high) = (first * stride - before, last * stride - before + reach - 1)
    case .adjoint(let stride, let before, let reach):
      low = (first + before - reach + 1).dividedRoundingUp(by: stride)
      high = (last + before).dividedRoundingDown(by: stride)
    case .table(let table):
      guard last < table.output else { return 0..<extent }
      // Starts and ends rise with the position.
      (low, high) = (table.starts[first], table.starts[last] + table.count(last) - 1)
    }
    let start = min(max(low, 0), extent)
    return start..<max(min(high + 1, extent), start)
  }

  /// Where the result's first position lies in a whole of which the operand's first lies at an offset; nil where no
  /// position of the whole's result is the first one's.
  func place(_ offset: Int, before own: AxisReads, growth: (input: Int, output: Int)) -> Int? {
    switch (self, own) {
    case (.same, _): return offset
    case (.window(let stride, let whole, let reach), .window(let step, let part, let span))
    where step == stride && span == reach:
      // o·stride − whole in the whole is o'·stride − part + offset in the part.
      let distance = offset + whole - part
      return distance % stride == 0 ? distance / stride : nil
    case (.adjoint(let stride, let whole, let reach), .adjoint(let step, let part, let span))
    where step == stride && span == reach:
      return offset * stride + part - whole
    case (.table, _):
      let distance = offset.multipliedSaturated(growth.output)
      return growth.input > 0 && distance % growth.input == 0 ? distance / growth.input : nil
    default: return nil
    }
  }
}

extension Int {
  func dividedRoundingDown(by divisor: Int) -> Int {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }

  func dividedRoundingUp(by divisor: Int) -> Int { -(-self).dividedRoundingDown(by: divisor) }
}

extension Graph {
  /// What each spatial axis of a node's result reads of an operand that depends on the image.
  ///
  /// - Parameters:
  ///   - depends: which values depend on the image.
  ///   - maker: the node that makes a value.
  /// - Throws: `GlobalOperation` where one position reads everything, or cannot be told.
  func reads(
    _ node: Node, operand: Int, depends: [Bool], maker: (ValueID) -> Node?
  ) throws(GlobalOperation) -> [AxisReads] {
    let x = type(node.inputs[operand]).shape
    let y = type(node.outputs[0]).shape
    let axes = 0..<max(y.rank - 2, 0)
    func global(_ reason: String) -> GlobalOperation {
      GlobalOperation(op: node.op.name, path: node.path, reason: reason)
    }
    func windows(_ window: Window) -> [AxisReads] {
      axes.map {
        .window(
          stride: window.stride[$0], before: window.padLow[$0], reach: window.reach($0))
      }
    }
    func adjoints(_ window: Window) -> [AxisReads] {
      axes.map {
        .adjoint(
          stride: window.stride[$0], before: window.padLow[$0], reach: window.reach($0))
      }
    }
    /// A pooling; one window over everything is a mean or a maximum of the whole image.
    func pooled(_ window: Window) throws(GlobalOperation) -> [AxisReads] {
      for axis in axes where x[axis + 2] > 1 && y[axis + 2] == 1 {
        if window.reach(axis) >= x[axis + 2] { throw global("its window is the whole image") }
      }
      return windows(window)
    }
    guard x.rank >= 3, x.rank == y.rank else { throw global("it rearranges \(x) as \(y)") }
    switch node.op {
    case .unary, .binary, .compare, .select, .convert, .quantize, .dequantize, .straightThrough,
      .broadcast, .concat:
      if case .concat(let rule) = node.op, rule.axis >= 2 {
        throw global("it joins tensors along the image")
      }
      guard x.dims.dropFirst(2) == y.dims.dropFirst(2) else {
        throw global("it spreads what it reads over all positions")
      }
      guard node.inputs.allSatisfy({ depends[$0.index] || isUniform($0, axes.count, maker) }) else {
        throw global("it takes numbers that differ from position to position")
      }
      return axes.map { _ in .same }
    case .softmax(let rule) where rule.axis == 1: return axes.map { _ in .same }
    case .localResponse: return axes.map { _ in .same }
    case .argMax(let rule) where rule.axis == 1: return axes.map { _ in .same }
    case .reduce(let rule) where rule.axes.allSatisfy({ $0 < 2 }): return axes.map { _ in .same }
    case .convolution(let rule) where operand == 0: return windows(rule.window)
    case .convolutionBackwardInput(let rule) where operand == 0:
      return adjoints(rule.convolution.window)
    case .maxPool(let rule): return try pooled(rule.window)
    case .averagePool(let rule): return try pooled(rule.window)
    case .maxPoolWithIndices(let rule):
      guard case .sliding(let window) = rule.windows else {
        throw global("its windows go by the image's extents")
      }
      return windows(window)
    case .maxUnpool:
      // Where indices point is known from the pooling that made them.
      guard let pool = maker(node.inputs[1]), case .maxPoolWithIndices(let rule) = pool.op,
        case .sliding(let window) = rule.windows,
        type(pool.inputs[0]).shape.dims.dropFirst(2) == y.dims.dropFirst(2)
      else { throw global("its indices may point anywhere") }
      return adjoints(window)
    case .resize(let rule):
      guard !rule.alignsCorners else {
        throw global("with aligned corners its positions go by the image's extents")
      }
      guard rule.mode != .average else {
        throw global("its windows go by the image's extents")
      }
      return rule.tables(Array(x.dims.dropFirst(2))).map { .table($0) }
    case .slice(let rule):
      return axes.map {
        .window(stride: rule.step[$0 + 2], before: -rule.start[$0 + 2], reach: 1)
      }
    case .pad(let rule):
      return axes.map {
        .adjoint(stride: rule.interior[$0 + 2] + 1, before: -rule.low[$0 + 2], reach: 1)
      }
    default: throw global("one position of its result may read all of its input")
    }
  }

  /// Whether a value is the same at every position of the last so many axes.
  private func isUniform(_ value: ValueID, _ axes: Int, _ maker: (ValueID) -> Node?) -> Bool {
    if type(value).shape.dims.suffix(axes).allSatisfy({ $0 == 1 }) { return true }
    guard let node = maker(value) else { return false }
    switch node.op {
    case .fill: return true
    case .unary, .binary, .compare, .select, .convert, .broadcast:
      return node.inputs.allSatisfy { isUniform($0, axes, maker) }
    default: return false
    }
  }
}
