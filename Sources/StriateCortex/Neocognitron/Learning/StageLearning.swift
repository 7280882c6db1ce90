import StriateCore
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime

/// The programs by which one stage's S-cells answer and are reinforced, a picture at a time.
///
/// Planes have a fixed capacity; one whose weights are all zero is free. Which cells are learned from is sought on the
/// host, between the programs.
final class StageLearning {
  private let cells: SCells
  private let path: String
  private let rule: PlaneRule
  private let respond: Program
  private let reinforce: Program
  private let seen: TensorType
  private let extent: Shape

  /// - Parameters:
  ///   - path: the name of the cells' weights.
  ///   - seen: the type of what reaches them of one picture, `[1, K′, H, W]`.
  init(
    _ cells: SCells, path: String, rule: PlaneRule, seen: TensorType, naming: Naming,
    on device: Device
  ) throws {
    (self.cells, self.path, self.rule, self.seen) = (cells, path, rule, seen)
    let options = TraceOptions(mode: .inference)
    var extent = Shape.scalar
    respond = try Program(on: device, options: options, naming: naming) { builder in
      let x = builder.input("seen", seen)
      let likeness = cells.likeness(x)
      extent = likeness.shape
      builder.output("likeness", likeness)
      builder.output("inhibition", cells.plan.inhibition(x))
    }
    self.extent = extent
    let winners = TensorType(.float32, extent)
    reinforce = try Program(on: device, options: options, naming: naming) { builder in
      let x = builder.input("seen", seen)
      let chosen = builder.input("winners", winners)
      let kept = builder.input("kept", TensorType(.float32, [cells.plan.planes]))
      let a = builder.read(cells.a)
      // What lies in the windows of the chosen cells is the gradient of their excitation.
      let excited = (cells.plan.excitation(x, by: a) * chosen).sum()
      let windows = builder.gradients(of: excited, in: [a])[0]
      let kill = kept.reshaped([cells.plan.planes, 1, 1, 1])
      builder.update(path, a * kill + windows * cells.plan.c(cells.plan.planes, x))
    }
  }

  /// Learns from one picture.
  ///
  /// - Returns: the planes that were added.
  func learn(_ picture: HostTensor, _ state: any ResidentState, free: inout Set<Int>) throws -> Int
  {
    let threshold = Float(cells.plan.learning)
    if rule != .addIfSilent {
      let answers = try answers(picture, state)
      let winners = answers.winners(above: threshold, distance: cells.plan.window / 2)
      var losers: Set<Int> = []
      if rule == .winnerKillLoser {
        for winner in winners { losers.formUnion(answers.losers(to: winner, above: threshold)) }
        losers.subtract(winners.map(\.plane))
      }
      if !winners.isEmpty { try reinforce(picture, winners, without: losers, state) }
      free.formUnion(losers)
    }
    var added = 0
    while let plane = free.min(),
      let place = try answers(picture, state).silentPlace(threshold)
    {
      try reinforce(
        picture, [StageAnswers.Cell(plane: plane, place: place)], without: [], state)
      free.remove(plane)
      added += 1
    }
    return added
  }

  /// Teaches every plane, of some pictures, what is least like what the planes before it learned, at a place at which
  /// much is seen.
  func teach(_ pictures: [HostTensor], _ state: any ResidentState) throws {
    for plane in 0..<cells.plan.planes {
      var best: (picture: HostTensor, place: Int, likeness: Float)?
      for picture in pictures {
        guard let (place, likeness) = try answers(picture, state).leastAlike() else { continue }
        if likeness < best?.likeness ?? .infinity { best = (picture, place, likeness) }
      }
      guard let best else { return }
      try teach(best.picture, to: plane, at: best.place, state)
    }
  }

  /// Teaches a plane what is seen at a place of a picture.
  func teach(
    _ picture: HostTensor, to plane: Int, at place: Int, _ state: any ResidentState
  ) throws {
    try reinforce(picture, [StageAnswers.Cell(plane: plane, place: place)], without: [], state)
  }

  private func answers(
    _ picture: HostTensor, _ state: any ResidentState
  ) throws -> StageAnswers {
    let found = try respond.run(["seen": picture], state: state)
    return StageAnswers(
      likeness: found["likeness"]?.scalars(as: Float.self) ?? [],
      seen: found["inhibition"]?.scalars(as: Float.self) ?? [], planes: extent[1],
      rows: extent[2], columns: extent[3])
  }

  private func reinforce(
    _ picture: HostTensor, _ cells: [StageAnswers.Cell], without losers: Set<Int>,
    _ state: any ResidentState
  ) throws {
    var winners = [Float](repeating: 0, count: extent.count)
    for cell in cells { winners[cell.plane * extent[2] * extent[3] + cell.place] = 1 }
    let kept = (0..<extent[1]).map { losers.contains($0) ? Float(0) : 1 }
    _ = try reinforce.run(
      [
        "seen": picture, "winners": HostTensor(winners, shape: extent),
        "kept": HostTensor(kept, shape: [extent[1]]),
      ], state: state)
  }
}
