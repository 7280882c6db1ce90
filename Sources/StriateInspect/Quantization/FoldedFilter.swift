import StriateCore
import StriateIR
import StriateRuntime

/// A layer's filters with all numbers a channel that follow them folded in: `w'[o] = w[o]·a[o]`.
///
/// Inference batch norm is such numbers (Jacob et al., 2018, section 3.2).
struct FoldedFilter {
  /// The filters `[O, …]`, row by row.
  private(set) var weights: [Double]
  /// The bias `[O]`; nil where the layer adds nothing.
  private(set) var bias: [Double]?
  let shape: Shape

  private init(_ weight: HostTensor) {
    weights = weight.scalars(as: Double.self)
    shape = weight.shape
  }

  /// The filters of layers, computed in double precision.
  ///
  /// - Throws: `InspectError` where a filter is missing or not finite.
  static func all(
    _ sites: [QuantizationSite], in graph: Graph, weights: NamedTensors
  ) throws -> [FoldedFilter] {
    let vectors = try constants(sites.flatMap(\.vectors), of: graph, weights)
    return try sites.map { site in
      guard let weight = weights[site.weight], weight.shape.rank >= 2 else {
        throw InspectError(.missing, "the weights have no tensor \(site.weight)")
      }
      var folded = FoldedFilter(weight)
      for step in site.steps {
        switch step {
        case .add(let id): try folded.add(vectors[id])
        case .multiply(let id): try folded.multiply(vectors[id])
        }
      }
      guard folded.weights.allSatisfy(\.isFinite), folded.bias?.allSatisfy(\.isFinite) ?? true
      else {
        throw InspectError(
          .mismatch, "the filters of \(site.name) are not finite once batch norm is folded in")
      }
      return folded
    }
  }

  private mutating func add(_ vector: [Double]?) throws {
    let vector = try checked(vector)
    bias = zip(bias ?? vector.map { _ in 0 }, vector).map(+)
  }

  private mutating func multiply(_ vector: [Double]?) throws {
    let vector = try checked(vector)
    let row = weights.count / max(vector.count, 1)
    for index in weights.indices { weights[index] *= vector[index / row] }
    bias = zip(bias ?? vector.map { _ in 0 }, vector).map(*)
  }

  private func checked(_ vector: [Double]?) throws -> [Double] {
    guard let vector, vector.count == shape[0] else {
      throw InspectError(
        .mismatch, "a layer of filters \(shape) has not \(shape[0]) numbers a channel")
    }
    return vector
  }

  /// The values of constant vectors, by the interpreter in double precision.
  private static func constants(
    _ ids: [ValueID], of graph: Graph, _ weights: NamedTensors
  ) throws -> [ValueID: [Double]] {
    var part = graph
    part.outputs = Set(ids).sorted { $0.index < $1.index }.map {
      Graph.Port(name: "\($0.index)", value: $0)
    }
    part.calls = []
    part = part.applying([.eliminateDeadCode])
    // Constants read no inputs.
    part.inputs = []
    let used = Set(part.nodes.flatMap(\.inputs)).union(part.outputs.map(\.value))
    part.states = part.states.filter { used.contains($0.value) }
    let state = HostState()
    try state.write(weights)
    let values = try Interpreter<Double>(part).evaluate(inputs: [:], state: state)
    var result: [ValueID: [Double]] = [:]
    for id in ids { result[id] = values["\(id.index)"]?.scalars(as: Double.self) }
    return result
  }

  /// The filters as integers from −127 to 127, with a scale for each: the greatest of a filter is ±127.
  func quantized() throws -> (integers: HostTensor, scales: HostTensor) {
    let row = weights.count / max(shape[0], 1)
    var integers: [Int8] = []
    integers.reserveCapacity(weights.count)
    var scales: [Float] = []
    for filter in 0..<shape[0] {
      let numbers = weights[(filter * row)..<((filter + 1) * row)]
      let greatest = numbers.reduce(0) { max($0, abs($1)) }
      // A filter of zeros is written exactly by any scale.
      let scale = max(Float(greatest / 127), .leastNormalMagnitude)
      scales.append(greatest > 0 ? scale : 1)
      let divisor = Double(scales[filter])
      for number in numbers {
        let steps = (number / divisor).rounded(.toNearestOrEven)
        integers.append(Int8(min(max(steps, -127), 127)))
      }
    }
    return (try HostTensor(integers, shape: shape), HostTensor(scales))
  }
}

extension QuantizationSite {
  /// The vectors of numbers a channel.
  var vectors: [ValueID] {
    steps.map { step in
      switch step {
      case .add(let id), .multiply(let id): id
      }
    }
  }
}
