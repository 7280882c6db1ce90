import StriateCore
import StriateFormats
import StriateIR
import StriateRuntime
import Testing

/// One line of smooth.json: the gradients of a network of zoo.json or segmentation.json at weights and images that
/// keep every activation away from the points without a derivative.
///
/// Where an activation lies so near a kink that rounding decides its side, gradients differ by far more than rounding,
/// and a comparison in single precision proves little. Here none does.
struct SmoothGolden: Sendable, CustomStringConvertible {
  let description: String
  let input: Shape
  /// The draw of images that stays farthest from all kinks.
  let draw: Int
  /// The smallest distance of an activation to a kink of its function.
  let activationGap: Double
  /// The smallest difference of the two greatest values of a window of pooling; nil without pooling.
  let poolGap: Double?
  let loss: Double
  /// How far PyTorch's own single precision is off by the worst of its ways, a number a gradient in the order of
  /// the sorted keys.
  let single: [Double]

  /// What the norm of a gradient counts for at least, as a part of the norm of all: small ones are differences of
  /// large numbers.
  static let floor = 1e-3

  /// Every network; empty where the table cannot be read, which a test refuses.
  static let all: [SmoothGolden] =
    ((try? JSON(path: "\(Golden.folder)/smooth.json"))?.array ?? []).map { SmoothGolden($0) }

  private init(_ line: JSON) {
    description = line["name"]?.string ?? ""
    input = Shape(line["input"]?.array?.compactMap(\.int) ?? [])
    draw = line["draw"]?.int ?? -1
    activationGap = line["activation_gap"]?.double ?? 0
    poolGap = line["pool_gap"]?.double
    loss = line["loss"]?.double ?? .nan
    single = line["single"]?.array?.compactMap(\.double) ?? []
  }

  /// The graph that gives `loss` and `gradients.<key>`, and the names of its parameters.
  func training() throws -> (graph: Graph, naming: Naming) {
    if var zoo = ZooGolden.all.first(where: { $0.description == description }) {
      zoo.input = input
      let model = try #require(zoo.network)
      let naming = Naming(model)
      return (try zoo.training(model, naming), naming)
    }
    var line = try #require(SegmentationGolden.all.first { $0.description == description })
    line.input = input
    let model = try #require(line.network)
    let naming = Naming(model)
    return (try line.training(model, naming), naming)
  }

  /// The images and the ground truth that both sides are given.
  func feeds(_ graph: Graph) throws -> [String: HostTensor] {
    var feeds: [String: HostTensor]
    if var zoo = ZooGolden.all.first(where: { $0.description == description }) {
      zoo.input = input
      feeds = zoo.feeds
    } else {
      let line = try #require(SegmentationGolden.all.first { $0.description == description })
      feeds = line.feeds(
        graph.inputs.first { $0.name == "labels" }.map { graph.type($0.value).shape })
    }
    feeds["input"] = ZooFormula.values("input \(draw)", input, scale: 1.75)
    return feeds
  }

  /// The zoo's weights, but for batch norms, whose scales are small beside their shifts, the shifts' sign being
  /// the channel's; as in Tools/goldens/smooth.py.
  func weights(of naming: Naming) -> NamedTensors {
    let normalized = Set(
      naming.parameters.compactMap {
        $0.path.hasSuffix(".running_mean") ? String($0.path.dropLast(13)) : nil
      })
    let signs = ZooFormula.Bits("channel")
    var result = NamedTensors()
    for (path, value) in ZooFormula.weights(of: naming) {
      let parts = path.split(separator: ".")
      guard normalized.contains(parts.dropLast().joined(separator: ".")) else {
        result[path] = value
        continue
      }
      let shape = value.type.shape
      switch parts.last {
      case "weight": result[path] = ZooFormula.values(path, shape, scale: 0.02, mean: 0.14)
      case "bias":
        let shifts = ZooFormula.values(path, shape, scale: 0.25, mean: 1).scalars(as: Float.self)
        result[path] = HostTensor(
          shifts.enumerated().map { signs[$0.offset] >> 31 == 1 ? $0.element : -$0.element })
      default: result[path] = value
      }
    }
    return result
  }

  /// The error of every gradient against PyTorch's float64, told by digests, in the order of the sorted keys.
  func errors(
    of answer: [String: HostTensor], to golden: Golden
  ) throws -> [(name: String, error: Double)] {
    let keys = answer.keys.filter { $0.hasPrefix("gradients.") }.sorted()
    let rows = try golden[description].scalars(as: Double.self)
    try #require(rows.count == 9 * keys.count && single.count == keys.count)
    let all = keys.indices.reduce(0) { $0 + rows[9 * $1] * rows[9 * $1] }.squareRoot()
    return try keys.enumerated().map { place, name in
      let row = rows[(9 * place)..<(9 * place + 9)]
      let digest = ZooFormula.digest(
        String(name.dropFirst("gradients.".count)), try #require(answer[name]))
      let square = zip(digest, row).dropFirst().reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let error = max((square / 8).squareRoot(), abs(digest[0] - rows[9 * place]))
      return (name, error / max(rows[9 * place], Self.floor * all))
    }
  }
}
