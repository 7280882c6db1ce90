import StriateCore
import StriateIR
import StriateNN

/// A convolution whose maps see only some of the maps before them, as a table says.
///
/// `[N, C, H, W]` → `[N, maps, H − k + 1, W − k + 1]`. Maps that see equally many are computed together, as groups over
/// copies of what they see, so that nothing is multiplied that is not connected. Keys: `0.weight` `[maps, seen, k, k]` of
/// the first number of maps seen that the table names, and so on.
public struct TableConvolution: Layer, TransparentContainer {
  /// Which maps each map sees.
  public let table: [[Int]]
  private let parts: [Conv2D]
  /// The places in the table of each part's maps.
  private let places: [[Int]]
  private let inputs: Int

  /// A convolution by a table.
  ///
  /// - Parameters:
  ///   - inputs: the maps before it.
  ///   - weights: how the filters of maps that see so many inputs, each through k·k weights, start.
  public init(
    _ table: [[Int]], inputs: Int, kernel: Int, weights: (_ fan: Int) -> Initializer
  ) {
    self.table = table
    self.inputs = inputs
    var sizes: [Int] = []
    for row in table where !sizes.contains(row.count) { sizes.append(row.count) }
    places = sizes.map { size in table.indices.filter { table[$0].count == size } }
    parts = zip(sizes, places).map { size, places in
      let start = weights(size * kernel * kernel)
      return Conv2D(
        in: size * places.count, out: places.count, kernel: Pair(kernel), groups: places.count,
        weights: start, biases: start)
    }
  }

  /// The convolutions under their numbers.
  public var namedChildren: [(name: String, child: any Sendable)] {
    parts.enumerated().map { ("\($0.offset)", $0.element) }
  }

  /// Connections of a map of so many places: a weight each and the bias.
  public func connections(places: Int, kernel: Int) -> Int {
    table.reduce(0) { $0 + ($1.count * kernel * kernel + 1) * places }
  }

  /// Maps `[N, C, H, W]` to `[N, maps, H − k + 1, W − k + 1]`.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 4, x.shape[1] == inputs, table.joined().allSatisfy((0..<inputs).contains)
    else {
      return x.builder.refuse(
        "table convolution", "sees \(inputs) maps [N, \(inputs), H, W], found \(x.type)",
        operands: [x])
    }
    let maps = (0..<inputs).map { x.slice(axis: 1, from: $0, to: $0 + 1) }
    var answers = [Tensor?](repeating: nil, count: table.count)
    for (part, places) in zip(parts, places) {
      guard let seen = concat(places.flatMap { table[$0].map { maps[$0] } }, axis: 1) else {
        continue
      }
      let y = part(seen)
      for (index, place) in places.enumerated() {
        answers[place] = y.slice(axis: 1, from: index, to: index + 1)
      }
    }
    return concat(answers.compactMap { $0 }, axis: 1) ?? x
  }
}

/// Subsampling that learns: the sum of 2×2 places, times a coefficient, plus a bias, a pair of them for each map.
///
/// LeCun et al., 1998, section II.B. `[N, C, H, W]` → `[N, C, H/2, W/2]`.
public struct Subsampling: Layer {
  /// What sums are multiplied by, `[C]`.
  public let weight: Parameter
  /// What is added, `[C]`.
  public let bias: Parameter
  let pool = AvgPool2D(2)

  /// Subsampling of so many maps.
  public init(_ maps: Int) {
    // Four inputs feed each unit through one weight.
    weight = Parameter([maps], initializer: .uniform(-2.4 / 4, 2.4 / 4))
    bias = Parameter([maps], initializer: .uniform(-2.4 / 4, 2.4 / 4))
  }

  /// Maps `[N, C, H, W]` to `[N, C, H/2, W/2]`.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let extent: Shape = [1, weight.type.shape[0], 1, 1]
    let coefficient = x.builder.read(weight).reshaped(extent)
    return pool(x) * 4 * coefficient + x.builder.read(bias).reshaped(extent)
  }
}

/// LeCun's squashing function, `1.7159·tanh(2x/3)`, with which 1 stays 1 and −1 stays −1.
func squash(_ x: Tensor) -> Tensor { tanh(x * (2.0 / 3)) * 1.7159 }
