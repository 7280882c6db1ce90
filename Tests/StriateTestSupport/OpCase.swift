import StriateCore
import StriateIR

/// One small computation under test: what it is fed and what it builds.
public struct OpCase: Sendable, CustomStringConvertible {
  /// The name in test listings: `convolution 2-d stride 2`.
  public let name: String
  /// What it is fed, in the graph as `x0` and so on.
  public let inputs: [CaseInput]
  /// Whether it is linear in each floating-point input, so that central differences are nearly exact.
  public let isMultilinear: Bool
  /// Whether gradients are compared; false where an op has none.
  public let isDifferentiable: Bool
  /// Builds the results from the inputs.
  public let build: @Sendable (GraphBuilder, [Tensor]) -> [Tensor]

  /// A computation under test.
  public init(
    _ name: String, _ inputs: [CaseInput], isMultilinear: Bool = false,
    isDifferentiable: Bool = true, _ build: @escaping @Sendable (GraphBuilder, [Tensor]) -> [Tensor]
  ) {
    self.name = name
    self.inputs = inputs
    self.isMultilinear = isMultilinear
    self.isDifferentiable = isDifferentiable
    self.build = build
  }

  /// A computation with one result under test.
  public init(
    _ name: String, _ inputs: CaseInput..., isMultilinear: Bool = false,
    isDifferentiable: Bool = true, one: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.init(
      name, inputs, isMultilinear: isMultilinear, isDifferentiable: isDifferentiable
    ) { _, x in [one(x)] }
  }

  /// The name.
  public var description: String { name }

  /// The positions of the inputs that get a gradient.
  public var differentiated: [Int] {
    guard isDifferentiable else { return [] }
    return inputs.indices.filter { inputs[$0].type.dtype.isFloatingPoint }
  }

  /// The computation's gradients as a computation: inputs and one cotangent a result → gradients.
  ///
  /// - Throws: `TraceError` where the computation cannot be built.
  public func derivative() throws -> OpCase {
    let forward = try forwardGraph()
    let cotangents = forward.outputs.map { CaseInput(forward.type($0.value), .normal) }
    let (count, differentiated, build) = (inputs.count, differentiated, build)
    return OpCase("gradient of \(name)", inputs + cotangents, isMultilinear: isMultilinear) {
      builder, all in
      let x = Array(all[..<count])
      let seeds = zip(build(builder, x), all[count...]).filter { $0.0.dtype.isFloatingPoint }
      return builder.gradients(
        of: seeds.map { (tensor: $0.0, cotangent: $0.1) }, in: differentiated.map { x[$0] })
    }
  }

  /// The graph `x0, x1, … → y0, y1, …`.
  ///
  /// - Throws: `TraceError` where the computation cannot be built.
  public func forwardGraph() throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .training))
    let x = inputs.enumerated().map { builder.input("x\($0.offset)", $0.element.type) }
    for (index, y) in build(builder, x).enumerated() { builder.output("y\(index)", y) }
    return try builder.finish()
  }

  /// The graph `x0, …, dy0, … → y0, …, dx0, …`, a cotangent for every floating-point result.
  ///
  /// - Throws: `TraceError` where the computation cannot be built.
  public func gradientGraph() throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .training))
    let x = inputs.enumerated().map { builder.input("x\($0.offset)", $0.element.type) }
    var seeds: [(tensor: Tensor, cotangent: Tensor)] = []
    for (index, y) in build(builder, x).enumerated() {
      builder.output("y\(index)", y)
      if y.dtype.isFloatingPoint, !y.isPoisoned, !differentiated.isEmpty {
        seeds.append((y, builder.input("dy\(index)", y.type)))
      }
    }
    let gradients = builder.gradients(of: seeds, in: differentiated.map { x[$0] })
    for (position, gradient) in zip(differentiated, gradients) {
      builder.output("dx\(position)", gradient)
    }
    return try builder.finish()
  }

  /// Values for a graph's inputs, the same for the same seed, each exact in single precision.
  public func feeds(for graph: Graph, seed: UInt64 = 1) -> [String: HostTensor] {
    var feeds: [String: HostTensor] = [:]
    for port in graph.inputs {
      let type = graph.type(port.value)
      if port.name == "random.key" {
        feeds[port.name] = HostTensor([Int64(bitPattern: seed), 3])
        continue
      }
      let known = inputs.indices.first { "x\($0)" == port.name }.map { inputs[$0] }
      feeds[port.name] = (known ?? CaseInput(type, .normal)).values(seed: seed, port.name)
    }
    return feeds
  }
}

/// A tensor that a case is fed: its type and how its values are drawn.
public struct CaseInput: Sendable {
  /// How values are drawn.
  public enum Values: Sendable, Hashable {
    /// Around 0 with a variance near 1.
    case normal
    /// Uniform in a range.
    case uniform(ClosedRange<Double>)
    /// Of either sign, at least this far from 0: for functions with a kink or a pole there.
    case awayFromZero(Double)
    /// All different by a wide margin, in random order: for maxima.
    case distinct
    /// Whole numbers from 0 up to but without this one.
    case whole(Int)
    /// Away from 0, but 0 at these places.
    case zeros([Int])
  }

  /// The tensor's type.
  public let type: TensorType
  /// How its values are drawn.
  public let values: Values

  /// A tensor that a case is fed.
  public init(_ type: TensorType, _ values: Values) {
    self.type = type
    self.values = values
  }

  /// A single-precision tensor around 0.
  public static func normal(_ shape: Shape) -> CaseInput {
    CaseInput(TensorType(.float32, shape), .normal)
  }
  /// A single-precision tensor in a range.
  public static func uniform(_ shape: Shape, _ range: ClosedRange<Double>) -> CaseInput {
    CaseInput(TensorType(.float32, shape), .uniform(range))
  }
  /// A single-precision tensor away from 0.
  public static func awayFromZero(_ shape: Shape, by margin: Double = 0.2) -> CaseInput {
    CaseInput(TensorType(.float32, shape), .awayFromZero(margin))
  }
  /// A single-precision tensor of different values.
  public static func distinct(_ shape: Shape) -> CaseInput {
    CaseInput(TensorType(.float32, shape), .distinct)
  }
  /// A single-precision tensor away from 0 but for these places.
  public static func zeros(_ shape: Shape, at places: [Int]) -> CaseInput {
    CaseInput(TensorType(.float32, shape), .zeros(places))
  }
  /// Indices `i32` from 0 up to but without this one.
  public static func indices(_ shape: Shape, below end: Int) -> CaseInput {
    CaseInput(TensorType(.int32, shape), .whole(end))
  }
  /// Class numbers.
  public static func labels(_ count: Int, classes: Int) -> CaseInput {
    CaseInput(TensorType(.int32, [count]), .whole(classes))
  }

  /// The values of a seed and a name.
  public func values(seed: UInt64, _ name: String) -> HostTensor {
    var random = RandomStream(seed: seed, "case", name)
    let count = type.shape.count
    func uniform(_ range: ClosedRange<Double>) -> Double {
      Double.random(in: range, using: &random)
    }
    var numbers: [Double]
    switch values {
    case .normal:
      numbers = (0..<count).map { _ in (0..<3).reduce(0.0) { s, _ in s + uniform(-1...1) } }
    case .uniform(let range): numbers = (0..<count).map { _ in uniform(range) }
    case .awayFromZero(let margin):
      numbers = (0..<count).map { _ in
        let size = uniform(margin...(margin + 1.5))
        return uniform(-1...1) < 0 ? -size : size
      }
    case .distinct:
      numbers = (0..<count).map { (Double($0) - Double(count) / 2 + 0.25) * 4 / Double(count) }
      numbers.shuffle(using: &random)
    case .zeros(let places):
      numbers = (0..<count).map { places.contains($0) ? 0 : uniform(0.4...1.6) }
    case .whole(let end):
      numbers = (0..<count).map { _ in Double(Int.random(in: 0..<max(end, 1), using: &random)) }
    }
    let single = HostTensor(numbers.map { Float($0) }).converted(to: type.dtype)
    return (try? single.reshaped(type.shape)) ?? HostTensor(zeros: type)
  }
}
