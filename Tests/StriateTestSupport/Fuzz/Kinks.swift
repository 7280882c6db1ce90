import StriateCore
import StriateIR

/// A decision that a device took otherwise than double precision: at a kink or a jump of the computation.
public struct Kink: Sendable, CustomStringConvertible {
  /// The run, counted from 1.
  public let run: Int
  /// The node that decides, in the compiled graph.
  public let node: Int
  /// Its op.
  public let op: String
  /// Where in the tensor it decides.
  public let element: Int
  /// How far double precision is from deciding otherwise, over the size of the numbers that are compared.
  public let distance: Double

  /// `run 2: greater at node 251, element 6874: 4.3e-07 from the other branch`.
  public var description: String {
    "run \(run): \(op) at node \(node), element \(element): \(distance) from the other branch"
  }
}

/// Makes a run in double precision decide as a device did, and measures how near each such point was.
struct Branches {
  let graph: Graph
  /// The device's values of this run.
  let taken: [ValueID: [Double]]
  let run: Int
  private let producers: [Int?]
  private let consumers: [[Int]]
  private(set) var kinks: [Kink] = []
  private var seen: [ValueID: [Double]] = [:]

  init(_ graph: Graph, taken: [ValueID: [Double]], run: Int) {
    (self.graph, self.taken, self.run) = (graph, taken, run)
    (producers, consumers) = (graph.producers, graph.consumers)
  }

  /// Takes a value of the run in double precision as it stands, and moves the elements that decide.
  mutating func force(_ id: ValueID, _ x: inout [Double]) {
    if let device = taken[id], device.count == x.count {
      if let maker = producers[id.index] { forceResult(of: maker, id, &x, device) }
      for reader in consumers[id.index] { forceOperand(of: reader, id, &x, device) }
    }
    seen[id] = x
  }

  // MARK: Decisions that a result shows

  private mutating func forceResult(
    of position: Int, _ id: ValueID, _ x: inout [Double], _ device: [Double]
  ) {
    let node = graph.nodes[position]
    let jumps: Bool =
      switch node.op {
      case .unary(let op): [.sign, .floor, .ceil, .round].contains(op.kind)
      default: !graph.type(id).dtype.isFloatingPoint
      }
    guard jumps else { return }
    for element in x.indices where x[element] != device[element] {
      note(position, element, distance(node, id, element, from: x[element], to: device[element]))
      x[element] = device[element]
    }
  }

  /// How far the operands are from giving the other result; infinite where nothing says so.
  private func distance(
    _ node: Node, _ id: ValueID, _ element: Int, from old: Double, to new: Double
  ) -> Double {
    guard let first = node.inputs.first, let x = seen[first] else { return .infinity }
    let shape = graph.type(first).shape
    switch node.op {
    case .unary(let op):
      let value = x[element]
      let far =
        switch op.kind {
        case .sign: abs(value)
        case .round: abs(value - value.rounded(.down) - 0.5)
        default: abs(value - value.rounded())
        }
      return share(far, of: scale(x))
    case .compare:
      guard let y = seen[node.inputs[1]], y.count == x.count else { return .infinity }
      return share(x[element] - y[element], of: max(scale(x), scale(y)))
    case .argMax(let op):
      return gap(x, shape, op.axis, element, 1, Int(old), Int(new))
    case .topK(let op) where id == node.outputs.last:
      return gap(x, shape, op.axis, element, op.k, Int(old), Int(new))
    case .maxPoolWithIndices:
      // Places within a plane of the image.
      let (plane, pooled) = (shape[2] * shape[3], graph.type(id).shape)
      let start = element / (pooled[2] * pooled[3]) * plane
      return share(x[start + Int(old)] - x[start + Int(new)], of: scale(x))
    case .convert where graph.type(first).dtype.isFloatingPoint:
      return share(x[element] - x[element].rounded(), of: scale(x))
    case .gather, .gatherAlong, .reshape, .transpose, .slice, .broadcast, .select, .convert,
      .concat,
      .reverse, .binary, .reduce:
      // What an earlier decision gave is passed on; the decision itself has been measured.
      return 0
    default: return .infinity
    }
  }

  /// How far two elements along an axis are from changing places.
  private func gap(
    _ x: [Double], _ shape: Shape, _ axis: Int, _ element: Int, _ count: Int, _ a: Int, _ b: Int
  ) -> Double {
    let axis = axis < 0 ? axis + shape.rank : axis
    let inner = shape.dims.dropFirst(axis + 1).reduce(1, *)
    let (outer, within) = (element / (inner * count), element % inner)
    func place(_ index: Int) -> Int { (outer * shape[axis] + index) * inner + within }
    guard x.indices.contains(place(a)), x.indices.contains(place(b)) else { return .infinity }
    return share(x[place(a)] - x[place(b)], of: scale(x))
  }

  // MARK: Decisions that an operand shows

  private mutating func forceOperand(
    of position: Int, _ id: ValueID, _ x: inout [Double], _ device: [Double]
  ) {
    let node = graph.nodes[position]
    guard node.inputs.first == id else { return }
    switch node.op {
    case .unary(let op) where op.kind == .relu || op.kind == .abs: forceSigns(position, &x, device)
    case .binary(let op) where op.kind == .gate: forceSigns(position, &x, device)
    case .maxPoolBackward(let op):
      let size = scale(x)
      for window in windows(op.window, graph.type(id).shape) {
        forceMaxima(position, window, &x, device, size)
      }
    default: break
    }
  }

  private mutating func forceSigns(_ position: Int, _ x: inout [Double], _ device: [Double]) {
    var size: Double?
    for element in x.indices where (x[element] > 0) != (device[element] > 0) {
      let known = size ?? scale(x)
      size = known
      note(position, element, share(x[element], of: known))
      x[element] = device[element]
    }
  }

  /// Makes the window's first greatest element that of the device.
  private mutating func forceMaxima(
    _ position: Int, _ window: [Int], _ x: inout [Double], _ device: [Double], _ size: Double
  ) {
    func first(_ values: [Double]) -> Int? {
      window.reduce(nil) { best, place in
        best.map { values[place] > values[$0] } ?? true ? place : best
      }
    }
    guard let own = first(x), let other = first(device), own != other else { return }
    note(position, other, share(x[own] - x[other], of: size))
    x[other] = x[own].nextUp
  }

  // MARK: Helpers

  private mutating func note(_ node: Int, _ element: Int, _ distance: Double) {
    kinks.append(
      Kink(
        run: run, node: node, op: graph.nodes[node].op.name, element: element, distance: distance))
  }

  /// A difference over the size of the numbers; what is below single precision's normal numbers is none.
  private func share(_ difference: Double, of size: Double) -> Double {
    abs(difference) < 0x1p-126 ? 0 : abs(difference) / size
  }

  /// The root of the mean square.
  private func scale(_ x: [Double]) -> Double {
    let sum = x.reduce(0) { $0 + $1 * $1 }
    return sum > 0 ? (sum / Double(x.count)).squareRoot() : 1
  }
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
