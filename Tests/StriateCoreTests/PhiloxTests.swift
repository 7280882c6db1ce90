import StriateCore
import Testing

@Suite struct PhiloxTests {
  /// The known answers of Random123's `kat_vectors` for philox4x32-10.
  @Test(arguments: [
    (
      SIMD4<UInt32>(0, 0, 0, 0), UInt64(0),
      SIMD4<UInt32>(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), UInt64.max,
      SIMD4<UInt32>(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)
    ),
    (
      SIMD4<UInt32>(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), UInt64(0x299f31d0_a4093822),
      SIMD4<UInt32>(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)
    ),
  ])
  func knownAnswers(counter: SIMD4<UInt32>, key: UInt64, expected: SIMD4<UInt32>) {
    #expect(Philox(key: key).words(at: counter) == expected)
  }

  @Test func streamsAreReproducibleAndDistinct() {
    var a = RandomStream(seed: 1, "shuffle", 0)
    var b = RandomStream(seed: 1, "shuffle", 0)
    var c = RandomStream(seed: 1, "shuffle", 1)
    var d = RandomStream(seed: 2, "shuffle", 0)
    let x = a.next()
    #expect(x == b.next())
    #expect(x != c.next())
    #expect(x != d.next())
    #expect(x != a.next())
  }

  @Test func wordsAgreeWithBlocks() {
    let generator = Philox(key: 7)
    let block = generator.words(at: Philox.counter(block: 3, stream: 9))
    for lane in 0..<4 {
      #expect(generator.word(at: UInt64(12 + lane), stream: 9) == block[lane])
    }
  }

  @Test func unitStaysBelowOne() {
    #expect(Philox.unit(0) == 0)
    #expect(Philox.unit(.max) < 1)
  }
}
