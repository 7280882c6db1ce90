import StriateCore
import StriateIR

/// Which values of a network are written in 8 bits, and which of them in one and the same way.
///
/// Pooling by maxima, reshaping, slicing, padding with zeros and joining move numbers and make none, so that
/// what they read and what they make share one scale and stay integers.
struct ActivationClasses {
  let plan: QuantizationSites
  /// The layers that become integers.
  let sites: [QuantizationSite]
  private var parents: [Int]
  private var demanded: Set<Int> = []

  /// - Parameter kept: names of layers that stay in floating point.
  init(_ plan: QuantizationSites, keeping kept: Set<String> = []) {
    self.plan = plan
    sites = plan.sites.filter { !kept.contains($0.name) }
    parents = Array(plan.graph.types.indices)
    for node in plan.graph.nodes where Self.moves(node) {
      for input in node.inputs { join(input, node.outputs[0]) }
    }
    for site in sites {
      demanded.insert(root(site.input))
      if let residual = site.residual {
        demanded.insert(root(residual))
        demanded.insert(root(site.output))
      }
    }
  }

  /// Whether an op moves numbers without changing them, 0 being the only one that it adds.
  static func moves(_ node: Node) -> Bool {
    switch node.op {
    case .maxPool, .reshape, .slice, .transpose, .concat: true
    case .pad(let op): op.value == 0
    default: false
    }
  }

  /// The number of a value's class.
  func root(_ id: ValueID) -> Int {
    var index = id.index
    while parents[index] != index { index = parents[index] }
    return index
  }

  private mutating func join(_ a: ValueID, _ b: ValueID) {
    let (x, y) = (root(a), root(b))
    parents[max(x, y)] = min(x, y)
  }

  /// Whether a value is written in 8 bits by the layer that makes it.
  func isWritten(_ id: ValueID) -> Bool { demanded.contains(root(id)) }

  /// The values whose numbers decide the scale of each class that is needed.
  var sources: [(root: Int, values: [ValueID])] {
    let absorbed = Set(sites.flatMap { $0.nodes.dropLast() })
    var found: [Int: [ValueID]] = [:]
    for index in plan.graph.types.indices {
      let id = ValueID(index)
      guard demanded.contains(root(id)), !plan.isConstant[index],
        plan.graph.type(id).dtype == .float32
      else { continue }
      if let position = plan.producers[index] {
        if absorbed.contains(position) || Self.moves(plan.graph.nodes[position]) { continue }
      }
      found[root(id), default: []].append(id)
    }
    return found.sorted { $0.key < $1.key }.map { (root: $0.key, values: $0.value) }
  }

  /// Whether no input can make a value negative.
  func isNonNegative(_ id: ValueID) -> Bool {
    guard let node = plan.maker(id) else { return false }
    switch node.op {
    case .unary(let op):
      return [.relu, .abs, .square, .sqrt, .exp, .sigmoid].contains(op.kind)
    case .binary(let op):
      switch op.kind {
      case .minimum, .add, .multiply: return node.inputs.allSatisfy(isNonNegative)
      case .maximum: return node.inputs.contains(where: isNonNegative)
      default: return false
      }
    case .reduce(let op):
      return [.sum, .mean, .max].contains(op.kind) && isNonNegative(node.inputs[0])
    case .averagePool: return isNonNegative(node.inputs[0])
    case .softmax(let op): return !op.isLog
    case .fill(let op): return op.value >= 0
    default: return Self.moves(node) && node.inputs.allSatisfy(isNonNegative)
    }
  }
}
