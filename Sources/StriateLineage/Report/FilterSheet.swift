import StriateCore
import StriateData

/// The filters of a first layer as one picture: each spread over the range from black to white, eight times enlarged.
enum FilterSheet {
  /// Filters that are shown at most.
  static let most = 32

  /// The picture of filters `[out, in, kh, kw]`; nil where they see neither one channel nor three.
  ///
  /// - Throws: `DataError` where the picture would be too large.
  static func image(_ filters: HostTensor) throws -> Image? {
    let shape = filters.shape
    guard shape.rank == 4, shape[1] == 1 || shape[1] == 3, shape.count > 0 else { return nil }
    let (count, channels) = (min(shape[0], most), shape[1])
    let (rows, columns) = (shape[2], shape[3])
    let (scale, gap) = (8, 3)
    let across = min(count, 16)
    let width = across * (columns * scale + gap) + gap
    let height = ((count - 1) / across + 1) * (rows * scale + gap) + gap
    var pixels = [UInt8](repeating: 128, count: width * height * channels)
    let values = filters.scalars(as: Float.self)
    let size = channels * rows * columns
    for index in 0..<count {
      let filter = values[(index * size)..<((index + 1) * size)]
      let greatest = filter.reduce(0) { max($0, abs($1)) }
      let top = gap + index / across * (rows * scale + gap)
      let left = gap + index % across * (columns * scale + gap)
      for y in 0..<(rows * scale) {
        for x in 0..<(columns * scale) {
          for channel in 0..<channels {
            let place = (channel * rows + y / scale) * columns + x / scale
            let value = filter[filter.startIndex + place] / max(greatest, 1e-12)
            let target = ((top + y) * width + left + x) * channels + channel
            pixels[target] = value.isFinite ? UInt8((127.5 + 127.5 * value).rounded()) : 128
          }
        }
      }
    }
    return try Image(width: width, height: height, channels: channels, pixels: pixels)
  }
}
