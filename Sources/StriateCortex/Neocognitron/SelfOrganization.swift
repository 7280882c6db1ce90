import StriateCore
import StriateIR
import StriateNN
import StriateRuntime

/// Learning without a teacher: planes learn from the cells that answer most.
///
/// Of every presented picture each representative strengthens its plane's weights, `Δa = q·c(v)·uC(k′, n̂ + v)` and
/// `Δb = (q/2)·vC(n̂)` (Fukushima, 1980, equations 7 and 8). Answers and reinforcements are compiled programs; which cells
/// are representatives is sought between them.
public final class SelfOrganization {
  /// The network.
  public let network: Neocognitron1980
  /// The shape of one picture.
  public let input: Shape
  private let device: Device
  private let naming: Naming
  private let state: any ResidentState
  private var stages: [Int: Stage] = [:]
  private var answers: [Int: Program] = [:]

  private struct Stage {
    var respond: Program
    var reinforce: Program
    var extent: Shape
  }

  /// A network that has learned nothing.
  ///
  /// - Throws: The device's error.
  public init(_ network: Neocognitron1980, input: Shape = [1, 16, 16], on device: Device) throws {
    self.network = network
    self.input = input
    self.device = device
    naming = Naming(network)
    state = device.backend.makeState()
    var weights = try naming.initialWeights(seed: 0)
    for (index, stage) in network.stages.enumerated() {
      weights["stages.\(index).a"] = try stage.firstWeights()
    }
    try state.write(weights)
  }

  /// The weights as they now are.
  public func weights() throws -> NamedTensors {
    try state.read(naming.parameters.map(\.path))
  }

  /// Shows a picture to one stage, whose planes learn from it.
  ///
  /// - Returns: the cells that they learned from.
  /// - Throws: The device's error.
  @discardableResult
  public func present(_ picture: HostTensor, to index: Int) throws -> [SeedCells.Cell] {
    let stage = try compiled(index)
    let (planes, rows, columns) = (stage.extent[1], stage.extent[2], stage.extent[3])
    let s = try stage.respond.run(["input": picture], state: state)["s"]
    let cells = SeedCells.find(
      s?.scalars(as: Float.self) ?? [], planes: planes, rows: rows, columns: columns,
      window: network.stages[index].plan.column)
    guard !cells.isEmpty else { return [] }
    var winners = [Float](repeating: 0, count: stage.extent.count)
    for cell in cells {
      winners[(cell.plane * rows + cell.row) * columns + cell.column] = 1
    }
    _ = try stage.reinforce.run(
      ["input": picture, "winners": HostTensor(winners, shape: stage.extent)], state: state)
    return cells
  }

  /// What the last C-cells answer to pictures `[N, C, H, W]`: `[N, planes]`.
  ///
  /// - Throws: The device's error.
  public func answer(_ pictures: HostTensor) throws -> HostTensor {
    let count = pictures.shape[0]
    let program =
      try answers[count]
      ?? Program(on: device, options: TraceOptions(mode: .inference), naming: naming) { builder in
        builder.output("c", network(builder.input("input", pictures.type)))
      }
    answers[count] = program
    return try program.run(["input": pictures], state: state)["c"]
      ?? HostTensor(zeros: TensorType(.float32, [count, 0]))
  }

  private func compiled(_ index: Int) throws -> Stage {
    if let known = stages[index] { return known }
    let type = TensorType(.float32, Shape([1] + input.dims))
    let stage = network.stages[index]
    func before(_ builder: GraphBuilder) -> Tensor {
      network.stages[..<index].reduce(builder.input("input", type)) { x, stage in stage(x) }
    }
    var extent = Shape.scalar
    let respond = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      let s = stage.respond(before(builder))
      extent = s.shape
      builder.output("s", s)
    }
    let reinforce = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      let x = before(builder)
      let winners = builder.input("winners", TensorType(.float32, extent))
      let (a, b) = (builder.read(stage.a), builder.read(stage.b))
      // What lies in the windows of the winners is the gradient of their excitation.
      let windows = builder.gradients(of: (stage.excitation(x) * winners).sum(), in: [a])
      let learned = stage.inhibition(x) * winners
      builder.update("stages.\(index).a", a + windows[0] * stage.c(x) * stage.plan.q)
      builder.update(
        "stages.\(index).b", b + learned.sum(over: [0, 2, 3]) * (stage.plan.q / 2))
    }
    let made = Stage(respond: respond, reinforce: reinforce, extent: extent)
    stages[index] = made
    return made
  }
}

extension NeocognitronStage {
  /// How much first weights prefer an orientation, and planes of like number.
  private static let preference = 0.05

  /// Weak weights that weakly prefer another orientation in every plane, and planes before them of like number.
  ///
  /// The paper has them a function of v, k/K and |k′/K′ − k/K| and leaves it open which. A twentieth more along the
  /// preferred orientation is enough for planes to begin with different things, and little enough for what is learned to
  /// decide; with a half, more planes come to answer the same digit.
  func firstWeights() throws -> HostTensor {
    let side = plan.window
    let middle = Double(side - 1) / 2
    var values: [Float] = []
    for plane in 0..<plan.planes {
      let share = Double(plane) / Double(plan.planes)
      for former in 0..<inputs {
        let distance = abs(Double(former) / Double(inputs) - share)
        for row in 0..<side {
          for column in 0..<side {
            let (x, y) = (Double(column) - middle, middle - Double(row))
            let angle = x == 0 && y == 0 ? 0 : Angle.of(x: x, y: y)
            let orientation = 1 + Self.preference * Angle.cos(2 * (angle - .pi * share))
            let kinship = inputs == 1 ? 1 : 1 + Self.preference * Angle.cos(2 * .pi * distance)
            values.append(Float(1e-4 * orientation * kinship))
          }
        }
      }
    }
    return try HostTensor(values, shape: a.type.shape)
  }
}
