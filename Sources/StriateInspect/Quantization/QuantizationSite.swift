import StriateCore
import StriateIR

/// A convolution or fully connected layer of a traced network, with what can run in its integer kernel.
struct QuantizationSite {
  /// Arithmetic with one number a channel: a bias, or batch norm's scale and shift.
  enum Step {
    case add(ValueID)
    case multiply(ValueID)
  }

  /// The layer: the filter's name without `.weight`.
  var name: String
  /// The filter's name.
  var weight: String
  /// The nodes that the kernel stands for, in the graph's order.
  var nodes: [Int]
  /// The convolution; without a window for a fully connected layer.
  var convolution: Convolution
  var input: ValueID
  var steps: [Step] = []
  /// What is added before the activation.
  var residual: ValueID?
  var relu = false
  /// The bound of a clipped ReLU.
  var bound: Double?
  var output: ValueID

  /// What the site is made of, so that a file made for another reading of the network is refused.
  var pattern: String {
    let affine = steps.map { step in
      switch step {
      case .add: "add"
      case .multiply: "multiply"
      }
    }
    let kind = convolution.window.kernel.isEmpty ? "linear" : "convolution"
    return
      ([kind] + affine + (residual == nil ? [] : ["residual"]) + (relu ? ["relu"] : [])
      + (bound == nil ? [] : ["bound"])).joined(separator: " ")
  }
}

/// The layers of an inference graph that can compute in integers, in the graph's order.
///
/// A filter must be a resident tensor that one node reads. What follows it is taken as far as each value is
/// read once: numbers a channel, one residual, ReLU, ReLU with a bound.
struct QuantizationSites {
  let graph: Graph
  let consumers: [[Int]]
  let producers: [Int?]
  /// Whether a value is made of resident tensors and numbers alone.
  let isConstant: [Bool]
  private(set) var sites: [QuantizationSite] = []

  private var taken: Set<Int> = []
  private let results: Set<ValueID>

  init(_ graph: Graph) {
    self.graph = graph
    consumers = graph.consumers
    producers = graph.producers
    results = Set(graph.results)
    var constant = [Bool](repeating: false, count: graph.types.count)
    for state in graph.states { constant[state.value.index] = true }
    for node in graph.nodes {
      let isMade = node.inputs.allSatisfy { constant[$0.index] }
      for output in node.outputs { constant[output.index] = isMade }
    }
    isConstant = constant
    for position in graph.nodes.indices {
      if let site = site(at: position), !sites.contains(where: { $0.name == site.name }) {
        sites.append(site)
        taken.formUnion(site.nodes)
      }
    }
  }

  /// The node that makes a value.
  func maker(_ id: ValueID) -> Node? { producers[id.index].map { graph.nodes[$0] } }

  // MARK: Matching

  private func site(at position: Int) -> QuantizationSite? {
    let node = graph.nodes[position]
    guard let convolution = convolution(node), graph.type(node.outputs[0]).dtype == .float32,
      let state = graph.states.first(where: { $0.value == node.inputs[1] }),
      consumers[state.value.index] == [position], !results.contains(state.value),
      !isConstant[node.inputs[0].index]
    else { return nil }
    let terms = graph.type(state.value).shape.dims.dropFirst().reduce(1, *)
    guard terms <= QuantizedConvolution.termLimit, graph.type(node.inputs[0]).shape.rank <= 5 else {
      return nil
    }
    let name = state.name.hasSuffix(".weight") ? String(state.name.dropLast(7)) : state.name
    var site = QuantizationSite(
      name: name, weight: state.name, nodes: [position], convolution: convolution,
      input: node.inputs[0], output: node.outputs[0])
    while let next = follower(site.output), extend(&site, by: next) {
      site.nodes.append(next)
      site.output = graph.nodes[next].outputs[0]
    }
    return site
  }

  private func convolution(_ node: Node) -> Convolution? {
    switch node.op {
    case .convolution(let op): return op
    case .matmul(let op):
      guard !op.transposesLeft, op.transposesRight, graph.type(node.inputs[0]).shape.rank == 2
      else { return nil }
      return Convolution(Window(kernel: []))
    default: return nil
    }
  }

  /// The one node that reads a value which is no result.
  private func follower(_ id: ValueID) -> Int? {
    guard consumers[id.index].count == 1, !results.contains(id) else { return nil }
    let next = consumers[id.index][0]
    let reads = graph.nodes[next].inputs.filter { $0 == id }.count
    return reads == 1 && !taken.contains(next) ? next : nil
  }

  /// Whether the kernel can do this node too.
  private func extend(_ site: inout QuantizationSite, by position: Int) -> Bool {
    let node = graph.nodes[position]
    switch node.op {
    case .unary(let op):
      guard op.kind == .relu, !site.relu else { return false }
      site.relu = true
      return true
    case .binary(let op):
      guard let other = node.inputs.first(where: { $0 != site.output }),
        graph.type(node.outputs[0]) == graph.type(site.output)
      else { return false }
      if site.relu {
        guard op.kind == .minimum, site.bound == nil, case .fill(let fill)? = maker(other)?.op,
          fill.value > 0
        else { return false }
        site.bound = fill.value
        return true
      }
      if site.residual == nil, let vector = channelVector(other) {
        switch op.kind {
        case .add: site.steps.append(.add(vector))
        case .multiply: site.steps.append(.multiply(vector))
        default: return false
        }
        return true
      }
      guard op.kind == .add, site.residual == nil, !isConstant[other.index],
        graph.type(other) == graph.type(site.output)
      else { return false }
      site.residual = other
      return true
    default: return false
    }
  }

  /// The constant vector `[C]`, of whatever rank, that a value repeats along axis 1.
  private func channelVector(_ id: ValueID) -> ValueID? {
    guard isConstant[id.index], let broadcast = maker(id), case .broadcast(let op) = broadcast.op
    else { return nil }
    let source = graph.type(broadcast.inputs[0]).shape
    let lead = op.shape.rank - source.rank
    guard op.shape.rank >= 2, lead == 0 || lead == 1, source[1 - lead] == op.shape[1],
      source.count == op.shape[1]
    else { return nil }
    return broadcast.inputs[0]
  }
}
