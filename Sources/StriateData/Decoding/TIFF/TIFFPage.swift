import StriateCore

/// The pixels of one page of a TIFF file.
struct TIFFPage: Sendable {
  let width, height, channels, bits: Int
  /// Whether values are floating-point numbers.
  let isFloat: Bool
  let photometric: Int
  /// Red, green and blue of each index, 16 bits each; empty of what has no palette.
  let colorMap: [Int]
  let hasAlpha: Bool

  private let file: TIFFBytes
  private let tags: TIFFDirectory
  private let compression: TIFFCompression
  private let predictor: Int
  private let isPlanar: Bool

  /// Looks at what a page says of itself; nothing is decoded or allocated yet.
  ///
  /// - Throws: `DataError` naming what is damaged or not read.
  init(_ file: TIFFBytes, _ tags: TIFFDirectory) throws(DataError) {
    (self.file, self.tags) = (file, tags)
    (width, height) = (tags[.width, or: 0], tags[.height, or: 0])
    channels = tags[.channels, or: 1]
    try DeepImage.check(width: width, height: height, channels: channels)
    func refused(_ what: String) -> DataError {
      DataError(.unsupported, "the TIFF file has \(what)")
    }
    let depths = Set(tags.tags[.bits] ?? [1])
    let formats = Set(tags.tags[.sampleFormat] ?? [1])
    guard depths.count == 1, formats.count == 1, let bits = depths.first,
      let format = formats.first,
      (format == 1 && (bits == 8 || bits == 16)) || (format == 3 && bits == 32)
    else {
      let kinds = [1: "unsigned", 2: "signed", 3: "floating-point"]
      throw refused(
        "values of \(depths.sorted().map(String.init).joined(separator: ", ")) bits, "
          + "\(formats.sorted().map { kinds[$0] ?? "of kind \($0)" }.joined(separator: ", ")); read are unsigned ones "
          + "of 8 and 16 bits and floating-point ones of 32")
    }
    self.bits = bits
    isFloat = format == 3
    let number = tags[.compression, or: 1]
    guard let compression = TIFFCompression(rawValue: number) else {
      throw refused(
        "compression \(number); read are none, LZW, Deflate and PackBits: save it with one of them")
    }
    self.compression = compression
    predictor = tags[.predictor, or: 1]
    guard predictor == 1 || (predictor == 2 && !isFloat) || (predictor == 3 && isFloat) else {
      throw refused("predictor \(predictor) for values of \(bits) bits")
    }
    photometric = tags[.photometric, or: 1]
    guard (0...3).contains(photometric) else {
      throw refused(
        "colours of kind \(photometric); read are greys, red, green, blue, and palettes")
    }
    guard tags[.orientation, or: 1] == 1 else {
      throw refused("orientation \(tags[.orientation, or: 1]); save it upright")
    }
    guard tags[.fillOrder, or: 1] == 1 else { throw refused("bits in reverse order") }
    let layout = tags[.planar, or: 1]
    guard layout == 1 || layout == 2 else {
      throw DataError(.malformed, "the TIFF file is damaged: planar configuration \(layout)")
    }
    isPlanar = layout == 2 && channels > 1
    colorMap = photometric == 3 ? tags.tags[.colorMap] ?? [] : []
    guard photometric != 3 || (channels == 1 && !isFloat && colorMap.count == 3 << bits) else {
      throw DataError(
        .malformed,
        "the TIFF file is damaged: \(colorMap.count) numbers of a palette of \(bits) bits")
    }
    let extra = tags.tags[.extraSamples]?.last ?? 0
    hasAlpha = channels > 1 && (extra == 1 || extra == 2)
    // What the file's bytes cannot become is refused before room is made for it.
    let total = width * height * channels * bits / 8
    guard total / compression.expansion <= file.bytes.count else {
      throw DataError(
        .truncated,
        "the TIFF file of \(file.bytes.count) bytes cannot hold \(width)×\(height) pixels of "
          + "\(channels) channels")
    }
  }

  /// Writes the values of all pixels.
  ///
  /// - Parameters:
  ///   - values: room for the values of all pages.
  ///   - first: the place of the first pixel's first channel.
  ///   - apart: how many values lie between those of neighbouring pixels.
  /// - Throws: `DataError` where the pixels are damaged or cut off.
  func read(
    into values: inout [Float], from first: Int, apart: Int
  ) throws(DataError) {
    let whole = width * height * channels * bits / 8
    let isTiled = tags.tags[.tileOffsets] != nil || tags.tags[.tileWidth] != nil
    let wide = isTiled ? tags[.tileWidth, or: 0] : width
    let high = isTiled ? tags[.tileHeight, or: 0] : min(tags[.rowsPerStrip, or: height], height)
    // Tiles reach beyond the image, but not far.
    guard wide > 0, high > 0, wide <= Image.sideLimit, high <= Image.sideLimit,
      wide * high * channels * bits / 8 <= max(4 * whole, 1 << 24)
    else {
      throw DataError(
        .malformed, "the TIFF file is damaged: pieces of \(wide)×\(high) pixels")
    }
    let across = (width + wide - 1) / wide
    let pieces = across * ((height + high - 1) / high)
    let planes = isPlanar ? channels : 1
    let inside = isPlanar ? 1 : channels
    let offsets = tags.tags[isTiled ? .tileOffsets : .stripOffsets] ?? []
    var counts = tags.tags[isTiled ? .tileCounts : .stripCounts] ?? []
    if counts.isEmpty, compression == .none, offsets.count == 1 {
      counts = [width * height * inside * bits / 8]
    }
    guard offsets.count >= pieces * planes, counts.count >= pieces * planes else {
      throw DataError(
        .truncated,
        "the TIFF file has \(min(offsets.count, counts.count)) pieces of pixels, expected "
          + "\(pieces * planes)")
    }
    for plane in 0..<planes {
      for piece in 0..<pieces {
        let (x, y) = (piece % across * wide, piece / across * high)
        let rows = isTiled ? high : min(high, height - y)
        let index = plane * pieces + piece
        let (start, count) = (offsets[index], counts[index])
        guard start >= 0, count >= 0, count <= file.bytes.count,
          start <= file.bytes.count - count
        else {
          throw DataError(
            .truncated, "the TIFF file ends before its pixels from row \(y) on", offset: start)
        }
        let rowBytes = wide * inside * bits / 8
        guard rows * rowBytes / compression.expansion <= count else {
          throw DataError(
            .truncated,
            "the TIFF file is damaged: \(count) bytes cannot hold \(wide)×\(rows) pixels",
            offset: start)
        }
        let bytes = try compression.decompressed(
          file.bytes[start..<(start + count)], to: rows * rowBytes)
        let columns = min(wide, width - x)
        for row in 0..<min(rows, height - y) {
          let line = self.row(bytes[(row * rowBytes)..<((row + 1) * rowBytes)], inside)
          for column in 0..<columns {
            let place = ((y + row) * width + x + column) * apart + first + plane
            for channel in 0..<inside { values[place + channel] = line[column * inside + channel] }
          }
        }
      }
    }
  }

  /// The values of a row, its predictor undone.
  private func row(_ bytes: ArraySlice<UInt8>, _ inside: Int) -> [Float] {
    let start = bytes.startIndex
    let count = bytes.count * 8 / bits
    switch bits {
    case 8:
      var row = Array(bytes)
      if predictor == 2 {
        for at in row.indices.dropFirst(inside) { row[at] &+= row[at - inside] }
      }
      return row.map(Float.init)
    case 16:
      let (low, high) = file.isLittle ? (0, 1) : (1, 0)
      var row = (0..<count).map {
        UInt16(bytes[start + 2 * $0 + low]) | UInt16(bytes[start + 2 * $0 + high]) << 8
      }
      if predictor == 2 {
        for at in row.indices.dropFirst(inside) { row[at] &+= row[at - inside] }
      }
      return row.map(Float.init)
    default:
      if predictor == 3 {
        // Adobe's technical note 3: differences of bytes, all first bytes of the numbers before all second ones.
        var row = Array(bytes)
        for at in row.indices.dropFirst(inside) { row[at] &+= row[at - inside] }
        return (0..<count).map { at in
          Float(
            bitPattern: (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(row[$1 * count + at]) })
        }
      }
      return (0..<count).map { at in
        Float(
          bitPattern: (0..<4).reduce(UInt32(0)) { bits, byte in
            bits << 8 | UInt32(bytes[start + 4 * at + (file.isLittle ? 3 - byte : byte)])
          })
      }
    }
  }
}
