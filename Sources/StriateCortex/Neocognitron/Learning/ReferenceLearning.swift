import StriateCore
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime

/// The programs by which the last stage's reference vectors answer and are reinforced, a picture at a time, with a
/// teacher.
///
/// Where the most similar vector is of the right class it learns the picture; where it is not, the picture becomes a new
/// vector of its class, as long as that has room, and then the class's own most similar one learns it (Fukushima, 2003,
/// section 3.3; the bound on vectors is not the paper's).
final class ReferenceLearning {
  /// What is kept of the sums at the beginning of each further pass, so that vectors follow what they now stand for.
  static let kept = 0.1

  private let cells: ReferenceCells
  private let respond: Program
  private let reinforce: Program
  private let forget: Program

  init(_ cells: ReferenceCells, path: String, naming: Naming, on device: Device) throws {
    self.cells = cells
    let shape = cells.a.type.shape
    let options = TraceOptions(mode: .inference)
    let picture = TensorType(.float32, [1, shape[2]])
    respond = try Program(on: device, options: options, naming: naming) { builder in
      builder.output("likeness", cells.likeness(builder.input("picture", picture)))
    }
    reinforce = try Program(on: device, options: options, naming: naming) { builder in
      let x = builder.input("picture", picture)
      let winner = builder.input("winner", TensorType(.float32, [shape[0], shape[1], 1]))
      let length = sqrt(square(x).sum(over: [1], keepingAxes: true))
      let unit = (x / maximum(length, 1e-12)).reshaped([1, 1, shape[2]])
      builder.update(path, builder.read(cells.a) + winner * unit)
    }
    forget = try Program(on: device, options: options, naming: naming) { builder in
      builder.update(path, builder.read(cells.a) * Self.kept)
    }
  }

  /// Begins a further pass.
  func weaken(_ state: any ResidentState) throws { _ = try forget.run([:], state: state) }

  /// Learns from one picture.
  ///
  /// - Parameter used: the vectors that every class has.
  /// - Returns: whether it was answered rightly before.
  func learn(
    _ picture: HostTensor, label: Int, _ state: any ResidentState, used: inout [Int]
  ) throws -> Bool {
    let likeness =
      try respond.run(["picture": picture], state: state)["likeness"]?.scalars(as: Float.self) ?? []
    let width = cells.perClass
    func best(_ label: Int) -> (place: Int, value: Float)? {
      (label * width..<(label * width + used[label])).map { ($0, likeness[$0]) }
        .max { $0.1 < $1.1 }
    }
    let answers = used.indices.compactMap { label in best(label).map { (label, $0) } }
    let winner = answers.max { $0.1.value < $1.1.value }
    let isRight = winner?.0 == label
    var place = best(label)?.place ?? label * width
    if !isRight, used[label] < width {
      place = label * width + used[label]
      used[label] += 1
    }
    var chosen = [Float](repeating: 0, count: used.count * width)
    chosen[place] = 1
    _ = try reinforce.run(
      ["picture": picture, "winner": HostTensor(chosen, shape: [used.count, width, 1])],
      state: state)
    return isRight
  }
}
