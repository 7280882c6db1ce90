import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerResize(_ op: Resize, _ node: Node) throws {
    let spatial = Array(graph.type(node.inputs[0]).shape.dims.dropFirst(2))
    try lowerResampling(node) { op.tables(spatial) }
  }

  mutating func lowerResizeBackward(_ op: ResizeBackward, _ node: Node) throws {
    try lowerResampling(node) { op.resize.tables(op.spatial).map(\.transposed) }
  }

  /// A pass for every axis that changes; first those that leave less to do for the others.
  mutating func lowerResampling(_ node: Node, _ tables: () -> [ResizeTable]) throws {
    if graph.type(node.outputs[0]).shape.count == 0 { return try lowerEmpty(node.outputs[0]) }
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    let tables = tables()
    var passes = tables.indices.filter { !tables[$0].isIdentity }
    if passes.isEmpty { passes = [tables.count - 1] }
    let shrinking = passes.filter { tables[$0].output <= tables[$0].input }
    let growing = passes.filter { tables[$0].output > tables[$0].input }
    // The last axis is the slowest one: it shrinks last and grows first.
    passes = shrinking + growing.reversed()

    var source = try plain(node.inputs[0]).buffer
    var shape = graph.type(node.inputs[0]).shape
    for (number, axis) in passes.enumerated() {
      let before = shape
      shape.dims[axis + 2] = tables[axis].output
      let layout = try Layout.plain(TensorType(.float32, shape))
      let isLast = number == passes.count - 1
      let target =
        isLast ? define(node.outputs[0], layout).buffer : arena(layout.byteCount)
      resample(tables[axis], before, axis: axis + 2, from: source, to: target, for: node)
      source = target
    }
  }

  private mutating func resample(
    _ table: ResizeTable, _ shape: Shape, axis: Int, from source: BufferID, to target: BufferID,
    for node: Node
  ) {
    let inner = shape.dims.dropFirst(axis + 1).reduce(1, *)
    let outer = shape.dims.prefix(axis).reduce(1, *)
    let packed = PackedTable(table, isPadded: inner == 1)
    let starts = plan.buffer(.constant(HostTensor(packed.starts)))
    let counts = plan.buffer(.constant(HostTensor(packed.counts)))
    let weights = plan.buffer(.constant(HostTensor(packed.weights)))
    add(
      node.op.name, sk_run_resample, work: outer * inner * table.output * 2, reads: [source],
      writes: [target], for: node
    ) { address in
      KernelContext(
        sk_resample(
          x: address(source).assumingMemoryBound(to: Float.self),
          y: address(target).assumingMemoryBound(to: Float.self),
          starts: address(starts).assumingMemoryBound(to: Int32.self),
          counts: address(counts).assumingMemoryBound(to: Int32.self),
          weights: address(weights).assumingMemoryBound(to: Float.self), outer: Int64(outer),
          input: Int64(table.input), output: Int64(table.output), inner: Int64(inner),
          taps: Int32(packed.taps)))
    }
  }
}

extension ResizeTable {
  /// Whether every output is the input at its place.
  fileprivate var isIdentity: Bool {
    input == output && starts == Array(0..<input) && weights.allSatisfy { $0 == 1 }
      && weights.count == input
  }
}

/// A table as the kernel wants it: as many weights an output for all.
private struct PackedTable {
  let taps: Int
  private(set) var starts: [Int32] = []
  private(set) var counts: [Int32] = []
  private(set) var weights: [Float] = []

  /// Padded tables start early enough that all their taps are elements of the line.
  init(_ table: ResizeTable, isPadded: Bool) {
    taps = max((0..<table.output).map(table.count).max() ?? 1, 1)
    for o in 0..<table.output {
      let (start, count) = (table.starts[o], table.count(o))
      let shift = isPadded && taps <= 4 ? max(start + taps - table.input, 0) : 0
      starts.append(Int32(start - shift))
      counts.append(Int32(count))
      let row = table.weights[table.offsets[o]..<table.offsets[o + 1]].map { Float($0) }
      weights += [Float](repeating: 0, count: shift) + row
      weights += [Float](repeating: 0, count: taps - shift - count)
    }
  }
}
