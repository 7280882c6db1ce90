import StriateCore
import StriateIR

/// The kernels that a convolution or one of its gradients may get.
enum ConvolutionWay: String, CaseIterable, Sendable {
  /// oneDNN's.
  case library
  /// Winograd's minimal filtering with tiles of 4×4 or 2×2 results.
  case winograd4, winograd2
  /// Ours for thin channels.
  case thin

  /// Results of a tile a side; nil for other kernels.
  var tile: Int? {
    switch self {
    case .winograd4: 4
    case .winograd2: 2
    case .library, .thin: nil
    }
  }

  /// The kernels that a report names so.
  init(implementation: String) {
    self =
      implementation.hasPrefix("striate:winograd4")
      ? .winograd4
      : implementation.hasPrefix("striate:winograd2")
        ? .winograd2 : implementation == "striate:thin" ? .thin : .library
  }
}

/// What decides which of them is the fastest, beside the machine.
struct ConvolutionKey: Hashable, Sendable {
  let direction: ConvolutionDirection
  let types: ConvolutionTypes
  /// Whether the filter is the same at every run.
  let isFilterFixed: Bool

  /// The key in words, for a file.
  var text: String {
    let rule = types.rule
    let window = rule.window
    func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: "x") }
    return "\(direction.rawValue) x \(list(types.x.shape.dims)) w \(list(types.w.shape.dims))"
      + " stride \(list(window.stride)) pad \(list(window.padLow))+\(list(window.padHigh))"
      + " dilation \(list(window.dilation)) groups \(rule.groups)" + (isFilterFixed ? " fixed" : "")
  }

  /// The keys of a graph's convolutions, each once, in the order of its nodes.
  static func all(in graph: Graph) -> [ConvolutionKey] {
    let fixed = FixedValues(graph)
    var seen: Set<ConvolutionKey> = []
    return graph.nodes.compactMap { node in
      let types = node.inputs.map(graph.type)
      let result = graph.type(node.outputs[0])
      let key: ConvolutionKey
      switch node.op {
      case .convolution(let op):
        key = ConvolutionKey(
          direction: .forward, types: ConvolutionTypes(op, x: types[0], w: types[1], y: result),
          isFilterFixed: fixed.isFixed(node.inputs[1]))
      case .convolutionBackwardInput(let op):
        key = ConvolutionKey(
          direction: .inputGradient,
          types: ConvolutionTypes(op.convolution, x: result, w: types[1], y: types[0]),
          isFilterFixed: fixed.isFixed(node.inputs[1]))
      case .convolutionBackwardFilter(let op):
        key = ConvolutionKey(
          direction: .filterGradient,
          types: ConvolutionTypes(op.convolution, x: types[0], w: result, y: types[1]),
          isFilterFixed: false)
      default: return nil
      }
      let isTaken =
        key.types.rule.groups == 1
        && [key.types.x, key.types.w, key.types.y].allSatisfy {
          $0.dtype == .float32 && $0.shape.count > 0
        }
      return isTaken && seen.insert(key).inserted ? key : nil
    }
  }

  /// A program of this convolution alone.
  func graph() throws -> Graph {
    let builder = GraphBuilder()
    let filter =
      isFilterFixed ? builder.state("w", types.w) : builder.input("w", types.w)
    let result: Tensor
    switch direction {
    case .forward:
      result = builder.one(.convolution(types.rule), builder.input("x", types.x), filter)
    case .inputGradient:
      let op = ConvolutionBackwardInput(
        types.rule, spatial: Array(types.x.shape.dims.dropFirst(2)))
      result = builder.one(.convolutionBackwardInput(op), builder.input("dy", types.y), filter)
    case .filterGradient:
      let op = ConvolutionBackwardFilter(types.rule)
      result = builder.one(
        .convolutionBackwardFilter(op), builder.input("x", types.x), builder.input("dy", types.y))
    }
    builder.output("result", result)
    return try builder.finish()
  }
}
