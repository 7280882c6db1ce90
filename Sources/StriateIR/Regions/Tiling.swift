import StriateCore

/// How parts of an image can be answered apart so that their answers are those of the whole image.
///
/// A tile of the image is cut out so large that what is wanted of its answer depends on nothing outside, and so placed
/// that every operation's windows lie in it where they lie in the whole image: its first pixel is a multiple of the
/// product of strides. At the image's own border tiles end with it, so that padding is the same.
public struct Tiling: Sendable {
  private let whole: Graph
  private let (input, output): (ValueID, ValueID)
  private let image: Region
  /// The pixels, along each axis, of which the first pixel of a tile must be a multiple.
  public let alignment: [Int]

  /// The tiles of a graph from one input `[N, C, …]` to one output.
  ///
  /// - Parameter whole: the graph of the whole image; it need not be compiled.
  /// - Throws: `GlobalOperation` that makes answers of tiles others than the whole image's.
  public init(_ whole: Graph, input: ValueID, output: ValueID) throws(GlobalOperation) {
    self.whole = whole
    (self.input, self.output) = (input, output)
    image = Region(whole: whole.type(input).shape)
    alignment = try whole.alignment(from: input, to: output)
  }

  /// The positions of the whole answer.
  public var answer: Region { Region(whole: whole.type(output).shape) }

  /// The part of the image that a region of the answer needs: what it depends on, widened to where tiles may begin.
  ///
  /// - Throws: `GlobalOperation` where it depends on all.
  public func tile(for region: Region) throws(GlobalOperation) -> Region {
    let wanted = try whole.regions(wantedFor: region, of: output, from: input)
    let read = wanted[input.index] ?? Region(image.axes.map { _ in 0..<0 })
    // Where a value is wanted up to its border the tile goes up to the image's, or it would be padded inside.
    var (low, high) = (image.axes.map { _ in false }, image.axes.map { _ in false })
    for (index, region) in wanted.enumerated() {
      guard let region, !region.isEmpty else { continue }
      let extents = whole.types[index].shape.dims.dropFirst(2)
      for (axis, extent) in extents.enumerated() {
        if region.axes[axis].lowerBound == 0 { low[axis] = true }
        if region.axes[axis].upperBound == extent { high[axis] = true }
      }
    }
    return Region(
      image.axes.indices.map { axis in
        let (all, part, step) = (image.axes[axis], read.axes[axis], alignment[axis])
        let start = low[axis] ? 0 : part.lowerBound / step * step
        let end =
          high[axis] ? all.upperBound : (part.upperBound + step - 1) / step * step
        return start..<max(min(end, all.upperBound), start)
      })
  }

  /// Where a region of the whole answer lies in the answer of a tile.
  ///
  /// - Parameters:
  ///   - tile: the part of the image.
  ///   - part: the graph of that part, from the same network.
  /// - Throws: `GlobalOperation` that would give the region other values there.
  public func place(
    _ region: Region, of tile: Region, in part: Graph, input: ValueID, output: ValueID
  ) throws(GlobalOperation) -> Region {
    let wanted = try whole.regions(wantedFor: region, of: self.output, from: self.input)
    let offsets = try Placement(
      whole, from: self.input, part, from: input, at: tile.axes.map(\.lowerBound)
    ).offsets(wanted)
    guard let offset = offsets[self.output.index] else {
      throw GlobalOperation(op: "answer", path: "", reason: "it does not depend on the image")
    }
    let placed = region.moved(by: offset.map { -$0 })
    guard Region(whole: part.type(output).shape).contains(placed) else {
      throw GlobalOperation(
        op: "answer", path: "", reason: "\(region) does not lie in the tile's \(part.type(output))")
    }
    return placed
  }
}

extension Graph {
  /// The least pixels, along each axis, that are a whole number of positions of every value on the way.
  fileprivate func alignment(
    from input: ValueID, to output: ValueID
  ) throws(GlobalOperation) -> [Int] {
    var leads = [Bool](repeating: false, count: types.count)
    leads[output.index] = true
    for node in nodes.reversed() where node.outputs.contains(where: { leads[$0.index] }) {
      for value in node.inputs { leads[value.index] = true }
    }
    let extents = Array(type(input).shape.dims.dropFirst(2))
    let producers = producers
    func maker(_ value: ValueID) -> Node? { producers[value.index].map { nodes[$0] } }
    let depends = dependents(of: input)
    // Pixels a position, as a fraction.
    var density = [[(over: Int, under: Int)]?](repeating: nil, count: types.count)
    density[input.index] = extents.map { _ in (1, 1) }
    var result = extents.map { _ in 1 }
    for node in nodes where node.outputs.contains(where: { leads[$0.index] }) {
      guard let operand = node.inputs.firstIndex(where: { density[$0.index] != nil }),
        let own = density[node.inputs[operand].index]
      else { continue }
      let axes = try reads(node, operand: operand, depends: depends, maker: maker)
      let grown = zip(axes, own).map { axis, own -> (over: Int, under: Int) in
        var (over, under) = own
        switch axis {
        case .same: break
        case .window(let stride, _, _): over = over.multipliedSaturated(stride)
        case .adjoint(let stride, _, _): under = under.multipliedSaturated(stride)
        case .table(let table):
          over = over.multipliedSaturated(table.input)
          under = under.multipliedSaturated(table.output)
        }
        let common = greatestCommonDivisor(over, under)
        return (over / common, under / common)
      }
      for (axis, each) in grown.enumerated() {
        let common = result[axis] / greatestCommonDivisor(result[axis], each.over)
        result[axis] = common.multipliedSaturated(each.over)
        // A resampling that fits the image's extent and no part of it.
        if case .table = axes[axis], result[axis] > extents[axis], each.over > own[axis].over {
          throw GlobalOperation(
            op: node.op.name, path: node.path,
            reason:
              "its positions go by the image's extent \(extents[axis]), which is no multiple of "
              + "\(own[axis].over)")
        }
      }
      for output in node.outputs { density[output.index] = grown }
    }
    return result
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (a, b)
  while b != 0 { (a, b) = (b, a % b) }
  return max(a, 1)
}
