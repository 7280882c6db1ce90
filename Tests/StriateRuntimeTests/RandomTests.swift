import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite("Random draws")
struct RandomTests {
  func draw(
    _ kind: Random.Kind, _ count: Int, seed: Int64 = 7, step: Int64 = 0, stream: UInt64 = 5
  ) throws -> [Double] {
    let builder = GraphBuilder()
    let op = Op.random(Random(kind, shape: [count], stream: stream))
    builder.output("y", builder.one(op, builder.randomKey))
    let outputs = try Interpreter<Float>(builder.finish()).evaluate(
      inputs: ["random.key": HostTensor([seed, step])], state: HostState())
    return outputs["y"]?.scalars(as: Double.self) ?? []
  }

  @Test("uniform numbers fill [0, 1) evenly")
  func uniform() throws {
    let values = try draw(.uniform, 40_000)
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = values.reduce(0, +) / 40_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    #expect(Swift.abs(mean - 0.5) < 0.01 && Swift.abs(variance - 1.0 / 12) < 0.002)
    for bin in 0..<10 {
      let share = values.count { Int($0 * 10) == bin }
      #expect(Swift.abs(Double(share) / 40_000 - 0.1) < 0.01)
    }
  }

  @Test("normal numbers have the normal moments")
  func normal() throws {
    let values = try draw(.normal, 40_001)
    let n = Double(values.count)
    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, x in sum + (0..<power).reduce(1.0) { p, _ in p * x } } / n
    }
    #expect(Swift.abs(moment(1)) < 0.02)
    #expect(Swift.abs(moment(2) - 1) < 0.03)
    #expect(Swift.abs(moment(3)) < 0.1)
    #expect(Swift.abs(moment(4) - 3) < 0.2)
  }

  @Test("draws are those of the formula")
  func formula() throws {
    let rule = Random(.uniform, shape: [6], stream: 5)
    let words = (0..<6).map {
      Philox(key: 7).word(at: $0, stream: rule.stream(atStep: 9))
    }
    #expect(try draw(.uniform, 6, step: 9) == words.map { Double(Philox.unit($0)) })
  }

  @Test("a draw depends on seed, step, stream and position alone")
  func determinism() throws {
    for kind in Random.Kind.allCases {
      let base = try draw(kind, 64)
      #expect(try draw(kind, 64) == base)
      #expect(try draw(kind, 65).prefix(64) == base[...])
      #expect(try draw(kind, 64, seed: 8) != base)
      #expect(try draw(kind, 64, step: 1) != base)
      #expect(try draw(kind, 64, stream: 6) != base)
    }
  }

  @Test("two draws of one trace differ, the same trace repeats")
  func streams() throws {
    func outputs() throws -> [String: HostTensor] {
      let builder = GraphBuilder()
      builder.output("a", builder.random(.uniform, [8]))
      builder.output("b", builder.random(.uniform, [8]))
      return try run(
        builder.finish(), ["random.key": HostTensor([Int64(1), 2])], on: .reference)
    }
    let first = try outputs()
    #expect(first["a"] != first["b"])
    #expect(try outputs() == first)
  }
}
