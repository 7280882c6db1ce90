import StriateCPU
import StriateCore
import Testing

@Suite struct ArenaTests {
  private func requests(_ seed: UInt64, _ count: Int) -> [Arena.Request] {
    var random = RandomStream(seed: seed, "arena")
    return (0..<count).map { _ in
      let first = Int.random(in: 0..<60, using: &random)
      let length = Int.random(in: 0..<4, using: &random) == 0 ? 30 : 4
      let bytes = Int.random(in: 0...3, using: &random) == 0 ? 100_000 : 700
      return Arena.Request(
        bytes: Int.random(in: 0...bytes, using: &random), first: first,
        last: first + Int.random(in: 0...length, using: &random))
    }
  }

  @Test("Fuzz: what lives at one time overlaps nowhere", arguments: [UInt64](1...60))
  func overlap(_ seed: UInt64) {
    let requests = requests(seed, 1 + Int(seed) * 3)
    let arena = Arena(requests)
    for (index, a) in requests.enumerated() {
      #expect(arena.offsets[index] % 64 == 0)
      #expect(arena.offsets[index] + a.bytes <= arena.byteCount)
      for (other, b) in requests.enumerated().dropFirst(index + 1)
      where a.first <= b.last && b.first <= a.last {
        let isApart =
          arena.offsets[index] + a.bytes <= arena.offsets[other]
          || arena.offsets[other] + b.bytes <= arena.offsets[index]
        #expect(isApart, "\(a) and \(b) share memory")
      }
    }
  }

  @Test("memory is used again: near the greatest sum alive", arguments: [UInt64](1...8))
  func reuse(_ seed: UInt64) {
    let requests = requests(seed, 120)
    let alive = (0..<100).map { step in
      requests.filter { $0.first <= step && step <= $0.last }.reduce(0) {
        $0 + (max($1.bytes, 1) + 63) / 64 * 64
      }
    }
    let bound = alive.max() ?? 0
    let arena = Arena(requests)
    #expect(arena.byteCount >= bound)
    #expect(Double(arena.byteCount) <= 1.5 * Double(bound))
  }
}
