import Striate
import Testing

/// The Neocognitron of 1980.
@Suite struct NeocognitronTests {
  private let device = (try? Device.cpu()) ?? .reference

  @Test func extentsAreThePapers() throws {
    let network = Neocognitron1980()
    let builder = GraphBuilder(naming: Naming(network))
    var x = builder.input("input", TensorType(.float32, [1, 1, 16, 16]))
    var sides: [Int] = []
    for stage in network.stages {
      let s = stage.respond(x)
      x = stage.pooled(s)
      sides += [s.shape[3], x.shape[3]]
    }
    #expect(sides == [16, 10, 8, 6, 2, 1])
    #expect(
      network(builder.input("other", TensorType(.float32, [3, 1, 16, 16]))).shape == [3, 24])
  }

  /// In each column the strongest cell, of each plane the strongest of those.
  @Test func seedCellsAreTheStrongest() {
    // Two planes of 3×3, columns of 2×2.
    let answers: [Float] = [0, 0, 0, 0, 5, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3]
    let cells = SeedCells.find(answers, planes: 2, rows: 3, columns: 3, window: 2)
    #expect(cells == [SeedCells.Cell(plane: 0, row: 1, column: 1)])
    let apart: [Float] = [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    #expect(
      SeedCells.find(apart, planes: 2, rows: 3, columns: 3, window: 2) == [
        SeedCells.Cell(plane: 0, row: 0, column: 0), SeedCells.Cell(plane: 1, row: 2, column: 2),
      ])
    #expect(
      SeedCells.find([Float](repeating: 0, count: 18), planes: 2, rows: 3, columns: 3, window: 2)
        .isEmpty)
  }

  /// Stage by stage, twenty times each digit at random places; then every place, with eight seeds.
  @Test func digitsAreToldApartWhereverTheyAre() throws {
    let right = try (0..<8).map { try correct(seed: $0) }
    let share = Double(right.reduce(0, +)) / Double(8 * 175)
    #expect(share >= 0.97 && right.count { $0 == 175 } >= 4, "\(right)")
  }

  /// Answers of 175 that name the digit which their cell answers most often.
  private func correct(seed: UInt64) throws -> Int {
    let trainer = try SelfOrganization(Neocognitron1980(), on: device)
    var random = RandomStream(seed: seed, "shifts", 0)
    for stage in 0..<3 {
      for _ in 0..<20 {
        for digit in 0..<5 {
          let shift = DrawnDigits.shifts.randomElement(using: &random) ?? (0, 0)
          try trainer.present(
            DrawnDigits.picture(digit, right: shift.right, down: shift.down), to: stage)
        }
      }
    }
    var votes = [[Int]](repeating: [Int](repeating: 0, count: 5), count: 24)
    for digit in 0..<5 {
      for shift in DrawnDigits.shifts {
        let answer = try trainer.answer(
          DrawnDigits.picture(digit, right: shift.right, down: shift.down)
        ).scalars(as: Float.self)
        if let best = answer.indices.max(by: { answer[$0] < answer[$1] }), answer[best] > 0 {
          votes[best][digit] += 1
        }
      }
    }
    return votes.reduce(0) { $0 + ($1.max() ?? 0) }
  }
}
