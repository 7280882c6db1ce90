import CCodecs
import StriateCore

/// The numbers of a PNG or TIFF file as they stand in it, where decoders make colours of them: palette indices, and grey and
/// coloured values of 1 to 16 bits.
///
/// Masks keep class and instance numbers in them, microscopes their counts. PNG, third edition, sections 7.2 (scanlines),
/// 8.1 (Adam7) and 9 (filters).
public struct PNGSamples: Sendable {
  /// What the numbers of a pixel are.
  public enum Color: UInt8, Sendable, Hashable {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgbAlpha = 6

    /// Numbers a pixel, alpha included.
    public var values: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }

    fileprivate var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgbAlpha: [8, 16]
      }
    }
  }

  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// What the numbers of a pixel are.
  public let color: Color
  /// Bits of a number.
  public let bits: Int
  /// The colours that indices name; empty of what has none.
  public let palette: [RGB]
  /// The numbers, those of a pixel next to each other, rows from the top.
  public let samples: [UInt16]
  /// The numbers of a pixel that is transparent; nil where there is none.
  let transparent: [UInt16]?

  /// Reads the bytes of a PNG file of any kind.
  ///
  /// - Throws: `DataError` where they are damaged or cut off, or zlib is not there.
  public init(_ bytes: [UInt8]) throws(DataError) {
    var failure: DataError?
    var read: PNGSamples?
    bytes.withUnsafeBufferPointer { bytes in
      do throws(DataError) {
        read = try PNGSamples(bytes, requiresEnd: true)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard let read else { throw DataError(.malformed, "the PNG file holds no image") }
    self = read
  }

  /// Numbers that are known, none of them transparent.
  init(size: ImageSize, color: Color, bits: Int, palette: [RGB], samples: [UInt16]) {
    (width, height) = (size.width, size.height)
    (self.color, self.bits, self.palette, self.samples) = (color, bits, palette, samples)
    transparent = nil
  }

  /// - Parameter requiresEnd: whether a file without its last chunk is an error.
  init(_ bytes: UnsafeBufferPointer<UInt8>, requiresEnd: Bool) throws(DataError) {
    try CodecLibrary.zlib.require()
    let header = try PNGHeader(bytes)
    (width, height, color, bits) = (header.width, header.height, header.color, header.bits)
    let body = try PNGBody(bytes, requiresEnd: requiresEnd)
    palette = stride(from: 0, to: body.palette.count - 2, by: 3).map {
      RGB(body.palette[$0], body.palette[$0 + 1], body.palette[$0 + 2])
    }
    guard color != .palette || !palette.isEmpty else {
      throw DataError(.malformed, "the PNG file is damaged: a palette image without palette")
    }
    let keyed = color == .grey || color == .rgb
    transparent =
      keyed && body.transparency.count == 2 * header.color.values
      ? stride(from: 0, to: body.transparency.count, by: 2).map {
        UInt16(body.transparency[$0]) << 8 | UInt16(body.transparency[$0 + 1])
      } : nil
    samples = try header.samples(of: body.data)
  }
}

/// What a PNG file says of its pixels.
private struct PNGHeader {
  let width, height, bits: Int
  let color: PNGSamples.Color
  let isInterlaced: Bool

  /// First column, first row, columns apart, rows apart.
  private static let adam7 = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
  ]

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(DataError) {
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw DataError(.malformed, "this is not a PNG file", offset: 0)
    }
    guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8) else {
      throw DataError(.truncated, "the PNG file ends in its header", offset: 8)
    }
    func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    (width, height, bits) = (number(16), number(20), Int(bytes[24]))
    try Image.checkDecoded(width: width, height: height)
    guard let color = PNGSamples.Color(rawValue: bytes[25]), color.depths.contains(bits),
      bytes[26] == 0, bytes[27] == 0, bytes[28] <= 1
    else {
      throw DataError(
        .malformed,
        "the PNG file is damaged: colours of kind \(bytes[25]) with \(bytes[24]) bits, methods "
          + "\(bytes[26]), \(bytes[27]) and \(bytes[28])", offset: 24)
    }
    self.color = color
    isInterlaced = bytes[28] == 1
    // Deflate never expands by more than 1032.
    guard height * (1 + width * bits * color.values / 8) / 1032 <= bytes.count else {
      throw DataError(
        .truncated, "the PNG file of \(bytes.count) bytes cannot hold \(width)×\(height) pixels")
    }
  }

  /// The numbers of all pixels.
  func samples(of data: [UInt8]) throws(DataError) -> [UInt16] {
    let values = color.values
    let passes = (isInterlaced ? Self.adam7 : [(0, 0, 1, 1)]).map { x, y, across, down in
      (
        x: x, y: y, across: across, down: down,
        columns: max(width - x + across - 1, 0) / across,
        rows: max(height - y + down - 1, 0) / down
      )
    }.filter { $0.columns > 0 && $0.rows > 0 }
    func rowBytes(_ columns: Int) -> Int { (columns * values * bits + 7) / 8 }
    let total = passes.reduce(0) { $0 + $1.rows * (1 + rowBytes($1.columns)) }
    var lines = [UInt8](repeating: 0, count: total)
    guard codecs_inflate_whole(data, data.count, &lines, total, 15) == 0 else {
      throw DataError(.malformed, "the PNG file is damaged: its pixels cannot be decompressed")
    }
    var unknown: UInt8?
    let step = max(bits * values / 8, 1)
    let samples = [UInt16](unsafeUninitializedCapacity: width * height * values) { found, count in
      count = width * height * values
      found.initialize(repeating: 0)
      lines.withUnsafeMutableBufferPointer { lines in
        var start = 0
        for pass in passes {
          let length = rowBytes(pass.columns)
          for row in 0..<pass.rows {
            let line = UnsafeMutableBufferPointer(
              rebasing: lines[(start + 1)..<(start + 1 + length)])
            let above =
              row > 0
              ? UnsafeMutableBufferPointer(
                rebasing: lines[(start - length)..<start]) : nil
            if lines[start] > 4 { unknown = lines[start] }
            unfilter(line, above: above, method: lines[start], step: step)
            unpack(
              line, count: pass.columns, into: found,
              from: (pass.y + row * pass.down) * width + pass.x, apart: pass.across)
            start += 1 + length
          }
        }
      }
    }
    if let unknown {
      throw DataError(.malformed, "the PNG file is damaged: a row of filter \(unknown)")
    }
    return samples
  }

  /// Puts the numbers of a row's pixels where they belong.
  private func unpack(
    _ line: UnsafeMutableBufferPointer<UInt8>, count: Int,
    into samples: UnsafeMutableBufferPointer<UInt16>, from first: Int, apart: Int
  ) {
    let values = color.values
    let mask = UInt8(truncatingIfNeeded: (1 << min(bits, 8)) - 1)
    for column in 0..<count {
      let place = (first + column * apart) * values
      for value in 0..<values {
        let number = column * values + value
        switch bits {
        case 16:
          samples[place + value] = UInt16(line[2 * number]) << 8 | UInt16(line[2 * number + 1])
        case 8: samples[place + value] = UInt16(line[number])
        default:
          let bit = number * bits
          samples[place + value] = UInt16((line[bit / 8] >> UInt8(8 - bits - bit % 8)) & mask)
        }
      }
    }
  }

  /// Undoes a row's filter in place.
  private func unfilter(
    _ line: UnsafeMutableBufferPointer<UInt8>, above: UnsafeMutableBufferPointer<UInt8>?,
    method: UInt8, step: Int
  ) {
    if method == 0 { return }
    for at in line.indices {
      let left = at >= step ? Int(line[at - step]) : 0
      let up = Int(above?[at] ?? 0)
      let guess: Int
      switch method {
      case 1: guess = left
      case 2: guess = up
      case 3: guess = (left + up) / 2
      default: guess = paeth(left, up, at >= step ? Int(above?[at - step] ?? 0) : 0)
      }
      line[at] = line[at] &+ UInt8(truncatingIfNeeded: guess)
    }
  }

  private func paeth(_ left: Int, _ up: Int, _ corner: Int) -> Int {
    let (a, b, c) = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
    return a <= b && a <= c ? left : b <= c ? up : corner
  }
}

/// What the chunks of a PNG file hold.
private struct PNGBody {
  var data: [UInt8] = []
  var palette: [UInt8] = []
  var transparency: [UInt8] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, requiresEnd: Bool) throws(DataError) {
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      let end = at + 12 + length
      guard end <= bytes.count else { break }
      let type = String(decoding: bytes[(at + 4)..<(at + 8)], as: UTF8.self)
      if type == "IEND" { return }
      if ["IHDR", "PLTE", "tRNS", "IDAT"].contains(type) {
        let sum = bytes[(end - 4)..<end].reduce(UInt(0)) { $0 << 8 | UInt($1) }
        let checked = UnsafeBufferPointer(rebasing: bytes[(at + 4)..<(end - 4)])
        guard codecs_crc32(0, checked.baseAddress, UInt32(checked.count)) == sum else {
          throw DataError(
            .malformed, "the PNG file is damaged: a wrong checksum of \(type)", offset: at)
        }
        let body = bytes[(at + 8)..<(end - 4)]
        switch type {
        case "PLTE": palette += body
        case "tRNS": transparency += body
        case "IDAT": data += body
        default: break
        }
      }
      at = end
    }
    if requiresEnd {
      throw DataError(.truncated, "the PNG file is cut off after \(bytes.count) bytes")
    }
  }
}
