import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime

/// The teacher of the Neocognitrons of 1983 and 1988: which plane learns which pattern, and which are joined.
///
/// Fukushima chose by hand; what he chose was not printed. This teacher takes from the training pictures, of each class,
/// the one most like the class's mean; for the planes that S4 has beyond one a class, further pictures of the classes
/// that are least like theirs. A plane of S2 or S3 is taught what, of all places in these pictures at which much is seen,
/// is least like what the planes before it answer; planes that learned the most alike are joined. A plane of S4 is taught
/// a whole picture. Beyond the chosen pictures' parts nothing is stored, and nothing is optimised.
struct NeocognitronTeacher {
  /// At most so many training pictures are looked at.
  static let most = 5000

  private let network: TaughtNeocognitron
  private let naming: Naming
  private let device: Device
  private let samples: any Dataset
  private let classes: Int

  /// A teacher with training pictures.
  init(_ network: TaughtNeocognitron, samples: any Dataset, on device: Device) {
    self.network = network
    self.samples = samples
    self.device = device
    naming = Naming(network)
    classes = network.join4.type.shape[0]
  }

  /// Teaches all stages.
  ///
  /// - Returns: all weights under their names.
  /// - Throws: `DataError` where a picture cannot be read, or the device's error.
  func weights() throws -> NamedTensors {
    let state = device.backend.makeState()
    var weights = try naming.initialWeights(seed: 0)
    try state.write(weights)
    let chosen = try examples()
    for (stage, cells, join) in [
      (2, network.s2, network.join2), (3, network.s3, network.join3),
    ] {
      let views = try chosen.map { try seen($0.picture, before: stage, state) }
      guard let type = views.first?.type else { break }
      let learning = try StageLearning(
        cells, path: "s\(stage).a", rule: .addIfSilent, seen: type, naming: naming, on: device)
      try learning.teach(views, state)
      let made = try joins(state.read(["s\(stage).a"])["s\(stage).a"], join.type.shape)
      weights["join\(stage)"] = made
      try state.write(["join\(stage)": made])
    }
    let views = try chosen.map { try seen($0.picture, before: 4, state) }
    if let type = views.first?.type {
      let learning = try StageLearning(
        network.s4, path: "s4.a", rule: .addIfSilent, seen: type, naming: naming, on: device)
      for (plane, picture) in views.enumerated() {
        try learning.teach(picture, to: plane, at: type.shape[2] * type.shape[3] / 2, state)
      }
    }
    var owners = [Float](repeating: 0, count: network.join4.type.shape.count)
    for (plane, example) in chosen.enumerated() {
      owners[example.label * network.s4.plan.planes + plane] = 1
    }
    let learned = try state.read(["s2.a", "s3.a", "s4.a"])
    for (name, value) in learned { weights[name] = value }
    weights["join4"] = try HostTensor(owners, shape: network.join4.type.shape)
    return weights
  }

  private struct Example {
    var label: Int
    var picture: HostTensor
  }

  /// The pictures that are taught, as many as S4 has planes.
  private func examples() throws -> [Example] {
    let width = TaughtNeocognitron.side * TaughtNeocognitron.side
    var pictures = [[(sample: Int, values: [Double])]](repeating: [], count: classes)
    for (sample, label, values) in try retinas() where (0..<classes).contains(label) {
      pictures[label].append((sample, values))
    }
    var chosen: [(label: Int, sample: Int)] = []
    /// The likeness of each picture to the most like one that was chosen of its class.
    var known = pictures.map { [Double](repeating: 0, count: $0.count) }
    func choose(_ label: Int, among places: [Int]) {
      let mean = (0..<width).map { pixel in
        places.reduce(0) { $0 + pictures[label][$1].values[pixel] }
      }
      let taken = Set(chosen.map(\.sample))
      let best = places.filter { !taken.contains(pictures[label][$0].sample) }.max {
        cosine(pictures[label][$0].values, mean) < cosine(pictures[label][$1].values, mean)
      }
      guard let best else { return }
      chosen.append((label, pictures[label][best].sample))
      for place in pictures[label].indices {
        known[label][place] = max(
          known[label][place], cosine(pictures[label][place].values, pictures[label][best].values))
      }
    }
    for label in 0..<classes { choose(label, among: Array(pictures[label].indices)) }
    while chosen.count < network.s4.plan.planes {
      func mean(_ label: Int) -> Double {
        known[label].reduce(0, +) / Double(max(known[label].count, 1))
      }
      let before = chosen.count
      let candidates = (0..<classes).filter { !pictures[$0].isEmpty }
      guard let label = candidates.min(by: { mean($0) < mean($1) }) else { break }
      let order = pictures[label].indices.sorted { known[label][$0] < known[label][$1] }
      choose(label, among: Array(order.prefix(max(order.count / 2, 1))))
      if chosen.count == before { break }
    }
    let shape = Shape([1] + samples.inputShape.dims)
    return try chosen.map { label, sample in
      Example(
        label: label, picture: try samples.labelled(sample).input.reshaped(shape))
    }
  }

  /// The training pictures as U0 has them.
  private func retinas() throws -> [(sample: Int, label: Int, values: [Double])] {
    var programs: [TensorType: Program] = [:]
    var found: [(Int, Int, [Double])] = []
    let loader = try Loader(samples, batchSize: 100)
    let batches = loader.batches(epoch: 0)
    let width = TaughtNeocognitron.side * TaughtNeocognitron.side
    while found.count < Self.most, let batch = try batches.next() {
      let type = batch.inputs.type
      let program =
        try programs[type]
        ?? Program(on: device, options: TraceOptions(mode: .inference), naming: naming) { builder in
          builder.output("retina", network.retina(builder.input("input", type)))
        }
      programs[type] = program
      let values =
        try program.run(["input": batch.inputs], state: program.state())["retina"]?
        .scalars(as: Float.self) ?? []
      for (row, label) in batch.labels.scalars(as: Int32.self).enumerated() {
        found.append(
          (
            batch.indices[row], Int(label),
            values[(row * width)..<((row + 1) * width)].map { Double($0) }
          ))
      }
    }
    return found
  }

  private func seen(
    _ picture: HostTensor, before stage: Int, _ state: any ResidentState
  ) throws -> HostTensor {
    let program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      builder.output("seen", network.before(stage, builder.input("input", picture.type)))
    }
    return try program.run(["input": picture], state: state)["seen"]
      ?? HostTensor(zeros: TensorType(.float32, [0]))
  }

  /// Which S-planes are joined to each C-plane: the two groups most alike on average become one until there are as many
  /// as C-planes.
  private func joins(_ weights: HostTensor?, _ shape: Shape) throws -> HostTensor {
    let values = (weights?.scalars(as: Float.self) ?? []).map { Double($0) }
    let width = values.count / max(shape[1], 1)
    let rows = (0..<shape[1]).map { Array(values[($0 * width)..<(($0 + 1) * width)]) }
    let likeness = rows.map { a in rows.map { cosine(a, $0) } }
    var groups = rows.indices.map { [$0] }
    while groups.count > shape[0] {
      var best = (value: -Double.infinity, first: 0, second: 1)
      for first in groups.indices {
        for second in groups.indices where second > first {
          let pairs = groups[first].flatMap { a in groups[second].map { likeness[a][$0] } }
          let value = pairs.reduce(0, +) / Double(pairs.count)
          if value > best.value { best = (value, first, second) }
        }
      }
      groups[best.first] += groups.remove(at: best.second)
    }
    var join = [Float](repeating: 0, count: shape.count)
    for (group, members) in groups.enumerated() {
      for member in members { join[group * shape[1] + member] = 1 }
    }
    return try HostTensor(join, shape: shape)
  }

  private func cosine(_ a: [Double], _ b: [Double]) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += x * y
      first += x * x
      second += y * y
    }
    return product / max((first * second).squareRoot(), 1e-12)
  }
}
