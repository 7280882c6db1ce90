import CCodecs
import StriateCore

/// Interlaced PNG files of 16 bits, read by ourselves: libpng's simplified interface mixes their rows up
/// when it makes 8 bits of them (1.6.39; the goldens named `-16-interlaced` show it).
///
/// PNG, third edition, sections 7.2 (scanlines), 8.1 (Adam7) and 9 (filters).
struct PNGInterlaced16 {
  private let width: Int
  private let height: Int
  /// Values a pixel, alpha included.
  let values: Int
  /// The colour that is transparent, as bytes of a pixel; nil where there is none.
  private var transparent: [UInt8]?
  private var data: [UInt8] = []

  /// The kind of colour.
  var isColored: Bool { values >= 3 }

  /// First column, first row, columns apart, rows apart.
  private static let passes = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
  ]

  /// Reads the chunks; nil where the file is of another kind or not sound enough to tell.
  ///
  /// - Throws: `DataError` where the image's chunks are damaged.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, width: Int, height: Int) throws(DataError) {
    guard bytes.count > 33, bytes[24] == 16, bytes[28] == 1 else { return nil }
    try CodecLibrary.zlib.require()
    switch bytes[25] {
    case 0: values = 1
    case 2: values = 3
    case 4: values = 2
    case 6: values = 4
    default: return nil
    }
    self.width = width
    self.height = height
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      let end = at + 12 + length
      guard end <= bytes.count else { break }
      let type = String(decoding: bytes[(at + 4)..<(at + 8)], as: UTF8.self)
      let body = bytes[(at + 8)..<(end - 4)]
      if type == "IDAT" {
        let sum = bytes[(end - 4)..<end].reduce(UInt(0)) { $0 << 8 | UInt($1) }
        let checked = UnsafeBufferPointer(rebasing: bytes[(at + 4)..<(end - 4)])
        guard codecs_crc32(0, checked.baseAddress, UInt32(checked.count)) == sum else {
          throw DataError(.malformed, "the PNG file is damaged: a wrong checksum", offset: at)
        }
        data += body
      } else if type == "tRNS", body.count == 2 * values {
        transparent = Array(body)
      } else if type == "IEND" {
        break
      }
      at = end
    }
  }

  /// The pixels of 8 bits a value, and whether the last value of each is alpha.
  ///
  /// - Throws: `DataError` where they are damaged.
  func decode() throws(DataError) -> (pixels: [UInt8], hasAlpha: Bool) {
    let step = 2 * values
    let sizes = Self.passes.map { x, y, across, down in
      (max(width - x + across - 1, 0) / across, max(height - y + down - 1, 0) / down)
    }
    let total = sizes.reduce(0) { $0 + ($1.0 > 0 ? $1.1 * (1 + $1.0 * step) : 0) }
    var lines = [UInt8](repeating: 0, count: total)
    guard codecs_inflate_whole(data, data.count, &lines, total, 15) == 0 else {
      throw DataError(.malformed, "the PNG file is damaged: its pixels cannot be decompressed")
    }
    let hasAlpha = values % 2 == 0 || transparent != nil
    let wanted = values + (transparent != nil && values % 2 == 1 ? 1 : 0)
    var pixels = [UInt8](repeating: 255, count: width * height * wanted)
    var start = 0
    for ((x, y, across, down), (columns, rows)) in zip(Self.passes, sizes) where columns > 0 {
      let count = columns * step
      var above = [UInt8](repeating: 0, count: count)
      for row in 0..<rows {
        var line = Array(lines[(start + 1)..<(start + 1 + count)])
        try Self.unfilter(&line, above: above, method: lines[start], step: step)
        for column in 0..<columns {
          let place = ((y + row * down) * width + x + column * across) * wanted
          let pixel = line[(column * step)..<((column + 1) * step)]
          for value in 0..<values {
            let at = column * step + 2 * value
            let deep = Int(line[at]) << 8 | Int(line[at + 1])
            pixels[place + value] = UInt8((deep * 255 + 32767) / 65535)
          }
          if wanted > values {
            pixels[place + values] = pixel.elementsEqual(transparent ?? []) ? 0 : 255
          }
        }
        above = line
        start += 1 + count
      }
    }
    return (pixels, hasAlpha)
  }

  /// Undoes a row's filter.
  private static func unfilter(
    _ line: inout [UInt8], above: [UInt8], method: UInt8, step: Int
  ) throws(DataError) {
    guard method <= 4 else {
      throw DataError(.malformed, "the PNG file is damaged: a row of filter \(method)")
    }
    for at in line.indices {
      let left = at >= step ? Int(line[at - step]) : 0
      let corner = at >= step ? Int(above[at - step]) : 0
      let up = Int(above[at])
      let guess =
        switch method {
        case 0: 0
        case 1: left
        case 2: up
        case 3: (left + up) / 2
        default: paeth(left, up, corner)
        }
      line[at] = line[at] &+ UInt8(truncatingIfNeeded: guess)
    }
  }

  private static func paeth(_ left: Int, _ up: Int, _ corner: Int) -> Int {
    let (a, b, c) = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
    return a <= b && a <= c ? left : b <= c ? up : corner
  }
}
