import StriateCore
import StriateIR

/// A decision of a run that single precision may take either way: an element within rounding of a kink or a jump.
public struct Kink: Sendable, CustomStringConvertible {
  /// The run, counted from 1.
  public let run: Int
  /// The node that decides.
  public let node: Int
  /// Its op.
  public let op: String
  /// The operand that decides, and its element.
  public let value: ValueID
  public let element: Int
  /// How far the element is from the point where the decision changes, in Double; negative where it lies above.
  public let distance: Double
  /// The rounding error of the operand that was measured: of any element, single precision against double.
  public let rounding: Double

  /// `run 2: relu at %31[7], 3.1e-09 from its kink, rounding 2.4e-08`.
  public var description: String {
    "run \(run): \(op) at node \(node), \(value)[\(element)], \(abs(distance)) from its kink, "
      + "rounding \(rounding)"
  }
}

/// The values of one run in double precision, and how far single precision is from them.
struct RunValues {
  var exact: [ValueID: [Double]] = [:]
  var single: [ValueID: [Double]] = [:]

  /// The largest error of any element in single precision, and no less than half a unit in the last place of the
  /// largest element: sums are added in other orders by other programs.
  func rounding(_ id: ValueID) -> Double {
    guard let x = exact[id], let y = single[id] else { return 0 }
    let largest = x.reduce(0) { max($0, abs($1)) }
    return zip(x, y).reduce(largest * 0x1p-24) { max($0, abs($1.0 - $1.1)) }
  }
}

/// The decisions of a run that lie within so many rounding errors of their kinks, the nearest first.
func kinks(_ graph: Graph, _ values: RunValues, run: Int, within factor: Double) -> [Kink] {
  var found: [Kink] = []
  for (position, node) in graph.nodes.enumerated() {
    guard let id = node.inputs.first, let x = values.exact[id], let single = values.single[id]
    else { continue }
    func add(_ element: Int, _ distance: Double, _ rounding: Double) {
      found.append(
        Kink(
          run: run, node: position, op: node.op.name, value: id, element: element,
          distance: distance, rounding: rounding))
    }
    let rounding = values.rounding(id)
    /// Elements whose distance is zero in both precisions are so by construction, not by rounding.
    func consider(_ distance: (Double) -> Double) {
      for (element, value) in x.enumerated() {
        let far = distance(value)
        guard abs(far) <= factor * rounding, far != 0 || distance(single[element]) != 0 else {
          continue
        }
        add(element, far, rounding)
      }
    }
    func consider(against other: ValueID) {
      guard let y = values.exact[other], let z = values.single[other] else { return }
      let rounding = rounding + values.rounding(other)
      for element in x.indices {
        let far = y[element] - x[element]
        guard abs(far) <= factor * rounding, far != 0 || z[element] != single[element] else {
          continue
        }
        add(element, far, rounding)
      }
    }
    /// Within each group the elements that come near the greatest; or, of a sorting, near their neighbours.
    func consider(_ groups: [[Int]], sign: Double, neighbours: Bool = false) {
      for group in groups {
        let order = group.sorted { sign * x[$0] > sign * x[$1] }
        for place in order.indices.dropFirst() {
          let before = order[neighbours ? place - 1 : 0]
          let far = x[before] - x[order[place]]
          guard abs(far) <= 2 * factor * rounding else {
            if neighbours { continue } else { break }
          }
          guard far != 0 || single[before] != single[order[place]] else { continue }
          add(order[place], far, 2 * rounding)
        }
      }
    }
    let shape = graph.type(id).shape
    switch node.op {
    case .unary(let op):
      switch op.kind {
      case .abs, .sign, .relu: consider { -$0 }
      case .floor, .ceil: consider { $0.rounded() - $0 }
      case .round: consider { $0.rounded(.down) + 0.5 - $0 }
      default: break
      }
    case .binary(let op):
      switch op.kind {
      case .maximum, .minimum: consider(against: node.inputs[1])
      case .gate: consider { -$0 }
      default: break
      }
    case .compare: consider(against: node.inputs[1])
    case .reduce(let op) where op.kind == .max || op.kind == .min:
      consider(groups(shape, along: op.axes), sign: op.kind == .max ? 1 : -1)
    case .argMax(let op): consider(groups(shape, along: [op.axis]), sign: op.isLeast ? -1 : 1)
    case .topK(let op):
      consider(groups(shape, along: [op.axis]), sign: op.isLeast ? -1 : 1, neighbours: true)
    case .maxPool(let op): consider(windows(op.window, shape), sign: 1)
    case .maxPoolBackward(let op): consider(windows(op.window, shape), sign: 1)
    default: break
    }
  }
  return found.sorted { abs($0.distance) * $1.rounding < abs($1.distance) * $0.rounding }
}

/// The elements that a reduction over these axes puts together.
private func groups(_ shape: Shape, along axes: [Int]) -> [[Int]] {
  var groups: [Int: [Int]] = [:]
  let axes = Set(axes.map { $0 < 0 ? $0 + shape.rank : $0 })
  for element in 0..<shape.count {
    var (rest, key) = (element, 0)
    for (axis, stride) in shape.strides.enumerated() {
      if !axes.contains(axis) { key += rest / stride * stride }
      rest %= stride
    }
    groups[key, default: []].append(element)
  }
  return Array(groups.values)
}

/// The elements under each window of a pooling over two axes.
private func windows(_ window: Window, _ shape: Shape) -> [[Int]] {
  guard shape.rank == 4 else { return [] }
  let (h, w) = (shape[2], shape[3])
  func starts(_ axis: Int, _ extent: Int) -> [[Int]] {
    let room = extent + window.padLow[axis] + window.padHigh[axis] - window.reach(axis)
    return stride(from: 0, through: room, by: window.stride[axis]).map { start in
      (0..<window.kernel[axis]).map { start - window.padLow[axis] + $0 * window.dilation[axis] }
        .filter { (0..<extent).contains($0) }
    }
  }
  let (rows, columns) = (starts(0, h), starts(1, w))
  return (0..<shape[0] * shape[1]).flatMap { plane in
    rows.flatMap { rows in
      columns.map { columns in
        rows.flatMap { row in columns.map { (plane * h + row) * w + $0 } }
      }
    }
  }
}
