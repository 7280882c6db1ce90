import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerStandardize(_ op: Standardize, _ node: Node) throws {
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    let x = try plain(node.inputs[0])
    let results = try node.outputs.map { define($0, try .plain(graph.type($0))) }
    let rows = graph.type(node.outputs[1]).shape.count
    let count = graph.type(node.inputs[0]).shape.count
    add(
      node.op.name, sk_run_standardize, work: 3 * count, reads: [x.buffer],
      writes: results.map(\.buffer), for: node
    ) { address in
      KernelContext(
        sk_standardize(
          x: address(x.buffer).assumingMemoryBound(to: Float.self),
          y: address(results[0].buffer).assumingMemoryBound(to: Float.self),
          mean: address(results[1].buffer).assumingMemoryBound(to: Float.self),
          rstd: address(results[2].buffer).assumingMemoryBound(to: Float.self), rows: Int64(rows),
          extent: Int64(count / max(rows, 1)), epsilon: Float(op.epsilon), affine: sk_affine(),
          z: nil))
    }
  }

  mutating func lowerStandardizeBackward(_ node: Node) throws {
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    let operands = try node.inputs.map { try plain($0).buffer }
    let dx = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let rows = graph.type(node.inputs[1]).shape.count
    let count = graph.type(node.outputs[0]).shape.count
    add(
      node.op.name, sk_run_standardize_backward, work: 2 * count, reads: operands,
      writes: [dx.buffer], for: node
    ) { address in
      KernelContext(
        sk_standardize_backward(
          y: address(operands[0]).assumingMemoryBound(to: Float.self),
          rstd: address(operands[1]).assumingMemoryBound(to: Float.self),
          dy: address(operands[2]).assumingMemoryBound(to: Float.self),
          dx: address(dx.buffer).assumingMemoryBound(to: Float.self), rows: Int64(rows),
          extent: Int64(count / max(rows, 1))))
    }
  }

  /// Standardised rows with what follows them in one kernel; the rows themselves are kept only for a reader.
  mutating func lowerScaledRows(_ rows: ScaledRows, _ nodes: [Node]) throws {
    guard let last = nodes.last else { return }
    for node in nodes {
      guard case .standardize(let op) = node.op else { continue }
      let x = try plain(node.inputs[0]).buffer
      let scale = try plain(rows.scale.vector).buffer
      let shift = try rows.shift.map { try plain($0).buffer }
      let y = rows.keepsRows ? try plainResult(node.outputs[0]) : nil
      let (mean, rstd) = (try plainResult(node.outputs[1]), try plainResult(node.outputs[2]))
      let z = try plainResult(last.outputs[0])
      let (total, count) = (
        graph.type(node.inputs[0]).shape.count, graph.type(node.outputs[1]).shape.count
      )
      let name =
        node.op.name + " + scale" + (shift == nil ? "" : " + shift") + (rows.relu ? " + relu" : "")
      add(
        name, sk_run_standardize, work: 3 * total, reads: [x, scale] + [shift].compactMap { $0 },
        writes: [mean, rstd, z] + [y].compactMap { $0 }, for: node
      ) { address in
        func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
          address(id).assumingMemoryBound(to: Float.self)
        }
        return KernelContext(
          sk_standardize(
            x: floats(x), y: y.map(floats), mean: floats(mean), rstd: floats(rstd),
            rows: Int64(count), extent: Int64(total / max(count, 1)), epsilon: Float(op.epsilon),
            affine: sk_affine(
              scale: floats(scale), shift: shift.map { UnsafePointer(floats($0)) },
              inner: Int64(rows.scale.inner), count: Int64(rows.scale.count),
              relu: rows.relu ? 1 : 0), z: floats(z)))
      }
    }
  }

  /// The gradients of scaled rows, of the scale and of the shift: one pass over the rows, then a sum of parts.
  mutating func lowerScaledRowsBackward(_ rows: ScaledRowsGradient, _ nodes: [Node]) throws {
    for node in nodes {
      guard case .standardizeBackward = node.op else { continue }
      let y = try plain(node.inputs[0]).buffer
      let rstd = try plain(node.inputs[1]).buffer
      let dy = try plain(rows.dy).buffer
      let scale = try plain(rows.scale.vector).buffer
      let dx = try plainResult(node.outputs[0])
      let dscale = try rows.scaleGradient.map { try plainResult($0) }
      let dshift = try rows.shiftGradient.map { try plainResult($0) }
      let total = graph.type(node.outputs[0]).shape.count
      let count = graph.type(node.inputs[1]).shape.count
      let vector = rows.scale
      let turns = total / max(vector.inner * vector.count, 1)
      let parts = vector.inner == 1 ? max(thread.threads, 1) : turns
      let sums = arena(2 * 4 * parts * vector.count)
      let make: (Resolver) -> KernelContext = { address in
        func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
          address(id).assumingMemoryBound(to: Float.self)
        }
        return KernelContext(
          sk_affine_backward(
            rows: sk_standardize_backward(
              y: floats(y), rstd: floats(rstd), dy: floats(dy), dx: floats(dx), rows: Int64(count),
              extent: Int64(total / max(count, 1))), scale: floats(scale), scales: floats(sums),
            shifts: floats(sums) + parts * vector.count, dscale: dscale.map(floats),
            dshift: dshift.map(floats), inner: Int64(vector.inner), count: Int64(vector.count),
            parts: Int64(parts)))
      }
      add(
        node.op.name + " + scale gradient", sk_run_affine_backward, work: 2 * total,
        reads: [y, rstd, dy, scale], writes: [dx, sums], for: node, make)
      let results = [dscale, dshift].compactMap { $0 }
      if !results.isEmpty {
        add(
          "scale and shift gradient", sk_run_affine_sums, work: parts * vector.count,
          reads: [sums], writes: results, for: node, make)
      }
    }
  }

  /// New memory for a value in rows.
  private mutating func plainResult(_ id: ValueID) throws -> BufferID {
    define(id, try .plain(graph.type(id))).buffer
  }
}
