/// Philox 4×32-10, a counter-based generator: the value at a counter needs no value before it.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Every draw of
/// the project, on every backend, is a function of (key, counter), so that threads, batch order and
/// restarts cannot change it.
public struct Philox: Sendable {
  /// The low and the high half of the key.
  public let key: SIMD2<UInt32>

  /// A generator with this key.
  @inlinable public init(key: UInt64) {
    self.key = SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
  }

  /// The four words at a counter.
  @inlinable public func words(at counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) &* UInt64(c.x)
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k.x,
        UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k.y,
        UInt32(truncatingIfNeeded: p0))
      k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return c
  }

  /// The word at a flat position: word `index % 4` of block `index / 4` of a stream.
  @inlinable public func word(at index: UInt64, stream: UInt64) -> UInt32 {
    let block = words(at: Philox.counter(block: index / 4, stream: stream))
    return block[Int(index % 4)]
  }

  /// The counter of a block of a stream.
  @inlinable public static func counter(block: UInt64, stream: UInt64) -> SIMD4<UInt32> {
    SIMD4(
      UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
  }

  /// A word as a uniform number in [0, 1), exact in Float: its upper 24 bits over 2²⁴.
  @inlinable public static func unit(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }
}

/// Draws in sequence from one stream of a Philox generator: for shuffles and augmentation.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let generator: Philox
  private let stream: UInt64
  private var position: UInt64 = 0

  /// The stream of a seed that the words name: `RandomStream(seed: 0, "shuffle", epoch)`.
  public init(seed: UInt64, _ words: any StreamWord...) {
    generator = Philox(key: seed)
    stream = StreamKey(words).value
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    defer { position += 2 }
    return UInt64(generator.word(at: position, stream: stream))
      | UInt64(generator.word(at: position + 1, stream: stream)) << 32
  }
}

/// Something that may take part in naming a random stream.
public protocol StreamWord: Sendable {
  /// The bytes that take part, as 64-bit words.
  var streamWords: [UInt64] { get }
}

extension Int: StreamWord {
  public var streamWords: [UInt64] { [UInt64(bitPattern: Int64(self))] }
}

extension String: StreamWord {
  public var streamWords: [UInt64] { utf8.map(UInt64.init) + [0x100] }
}

/// A stream's number, hashed from what names it (FNV-1a over 64-bit words, then a finaliser).
public struct StreamKey: Sendable, Hashable {
  /// The number.
  public let value: UInt64

  /// The number of the stream that these words name.
  public init(_ words: [any StreamWord]) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for word in words.flatMap(\.streamWords) { hash = (hash ^ word) &* 0x100_0000_01B3 }
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    value = hash ^ (hash >> 33)
  }
}
