import StriateCore
import StriateIR

/// What Winograd's convolution of a shape costs beside a plain one, and how its work is divided.
///
/// In products of vectors of 16, of which a core of the AVX-512 machine that it was measured on does one a cycle.
struct WinogradCost {
  let tile: Int
  /// Inputs of a tile a side.
  private let side: Int
  /// Channels that are summed over and channels of the result, in whole blocks of 16.
  private let rows, columns: Int
  private let tileCount: Double
  /// The whole operation with all its transforms.
  let cycles: Double
  /// A product a tap and result.
  private let direct: Double

  init(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection, tile: Int, isFilterFixed: Bool
  ) {
    func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
    let (from, to) =
      direction == .inputGradient
      ? (types.y.shape, types.x.shape) : (types.x.shape, types.y.shape)
    (rows, columns) = (padded(from[1]), padded(to[1]))
    self.tile = tile
    let sides = to.dims.dropFirst(2).map { Double(($0 + tile - 1) / tile) }
    let positions = to.dims.dropFirst(2).reduce(Double(to[0])) { $0 * Double($1) }
    tileCount = sides.reduce(Double(to[0]), *)
    let (rowBlocks, columnBlocks) = (Double(rows / 16), Double(columns / 16))
    let pairs = rowBlocks * columnBlocks
    let taps = types.rule.window.kernel[0]
    side = tile + taps - 1
    let frequencies = Double(side * side)
    // Transforms of a block of channels: of a tile's inputs and results, and of 16 by 16 filters.
    let (input, result, filter) =
      taps == 5
      ? (270.0, 130.0, 4200.0) : tile == 4 ? (270.0, 220.0, 2500.0) : (80.0, 60.0, 1300.0)
    let arithmetic =
      tileCount * (frequencies * 16 * pairs + input * rowBlocks + result * columnBlocks)
      + (isFilterFixed ? 0 : filter * pairs)
    // Few tiles wait for the filter, which comes from memory at some four bytes a cycle.
    let filterBytes = 4 * 256 * pairs
    cycles = max(arithmetic, filterBytes * frequencies / 4) + Self.overhead
    let all = Double(taps * taps)
    direct = max(all * 16 * pairs * positions, filterBytes * all / 4)
  }

  /// What threads lose where they begin, end and wait for each other.
  private static let overhead = 20_000.0

  /// Whether it is clearly faster than a product a tap and result.
  var isWorthwhile: Bool { cycles < 0.8 * direct }

  /// Whether threads divide channels rather than tiles, and how many tiles are transformed together.
  func division(_ direction: ConvolutionDirection, among threads: Int) -> (
    isShared: Bool, block: Int
  ) {
    switch direction {
    case .forward, .inputGradient:
      // Where each thread would read a filter that no cache holds for a few tiles, each reads a part of it.
      let isShared =
        tileCount <= 64 * Double(threads) && filterBytes > Self.largestCache
        && columns >= 64 * threads
      return isShared
        ? (true, tiles(in: 16 << 20, channels: rows, between: 14...256))
        : (false, tiles(in: 1 << 19, channels: rows + 32, between: 28...56))
    case .filterGradient:
      // Sums of many channels are divided, where that is even, so that there is but one set of them. A block's
      // tiles and the sums that they are added to travel through the caches: the more sums, the more tiles.
      let own = (rows / 16 + threads - 1) / threads
      let isShared =
        filterBytes > Self.largestCache / 3 && own >= 4
        && Double(own * threads * 16) <= 1.15 * Double(rows)
      let block = rows.multipliedSaturated(columns) / (rows + columns) / 2
      return (isShared, min(max(block, 56), 256))
    }
  }

  /// Bytes that stay in the cache that cores share.
  private static let largestCache = 8.0 * 1_048_576

  private var frequencies: Int { side * side }

  private var filterBytes: Double { 4 * Double(frequencies) * Double(rows) * Double(columns) }

  /// The tiles of so many channels that so many bytes hold, within limits.
  private func tiles(in bytes: Int, channels: Int, between limits: ClosedRange<Int>) -> Int {
    let tiles = bytes / (4 * frequencies).multipliedSaturated(max(channels, 1))
    return min(max(tiles / 14 * 14, limits.lowerBound), limits.upperBound)
  }

  /// More numbers than scratch space ever takes.
  func largestScratch(threads: Int) -> Double {
    let slabs = Double(frequencies) * (Double(rows) + Double(columns) + 64) * 256
    return Double(max(threads, 1)) * (slabs + filterBytes + 4 * Self.largestCache)
  }
}
