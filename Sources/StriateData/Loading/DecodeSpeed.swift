#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How fast images are read and decoded, nothing else being done with them.
public struct DecodeSpeed: Sendable {
  /// Images decoded.
  public var images: Int
  /// Pixels decoded.
  public var pixels: Int
  /// Seconds it took.
  public var seconds: Double

  /// Images a second.
  public var imagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }

  /// Decodes images in order, over and over.
  ///
  /// - Parameters:
  ///   - count: images at most; by default each once.
  ///   - minimum: pixels that the shorter side keeps where a reduced decoding is wanted.
  ///   - threads: threads that decode.
  /// - Throws: what the first image that cannot be decoded throws.
  public init(
    _ dataset: any ImageDataset, count: Int? = nil, minimum: Int? = nil, threads: Int
  ) throws {
    let wanted = dataset.count == 0 ? 0 : max(count ?? dataset.count, 0)
    let seen = Parallel.Guarded((pixels: 0, failure: (any Error)?.none))
    let start = Self.now
    Parallel.forEach(wanted, threads: max(threads, 1), piece: 1) { range in
      do {
        for number in range {
          let image = try dataset.image(at: number % dataset.count, minimum: minimum)
          seen.update { $0.pixels += image.width * image.height }
        }
      } catch {
        seen.update { $0.failure = $0.failure ?? error }
      }
    }
    seconds = Self.now - start
    if let failure = seen.value.failure { throw failure }
    images = wanted
    pixels = seen.value.pixels
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
