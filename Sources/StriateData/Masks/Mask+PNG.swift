import StriateCore

/// How class numbers stand in the pixels of a mask's file.
public enum MaskCoding: Sendable, Hashable {
  /// As they are: palette indices, and grey values of up to 16 bits.
  case numbers
  /// As numbers of objects, 0 being none: every object is of class 1.
  case instances
  /// As colours, also as those of a palette or as greys.
  case colors(ColorTable)
}

extension Mask {
  /// Reads the PNG or TIFF file of a mask.
  ///
  /// - Throws: `DataError` where it is missing, damaged, of another kind, or has colours that stand for no class.
  public init(file path: String, coding: MaskCoding = .numbers) throws(DataError) {
    let bytes = try DataError.imageContents(of: path)
    do throws(DataError) { try self.init(encoded: bytes, coding: coding) } catch {
      throw error.at(path: path)
    }
  }

  /// Reads the bytes of a mask's PNG or TIFF file.
  ///
  /// Class numbers are palette indices, never the colours that they name, or grey values unscaled; alpha is left out.
  /// Coloured pixels whose three values are all equal count as grey.
  ///
  /// - Throws: `DataError` as from a file.
  public init(encoded bytes: [UInt8], coding: MaskCoding = .numbers) throws(DataError) {
    let format = ImageFormat.detect(bytes)
    guard format == .png || format == .tiff else {
      let why =
        format == .jpeg ? "; JPEG changes the numbers of pixels, so it cannot hold classes" : ""
      throw DataError(
        .unsupported,
        "a mask is read from PNG or TIFF, found \(format?.rawValue ?? "a file of unknown kind")\(why)"
      )
    }
    let file = try format == .tiff ? PNGSamples(tiff: bytes) : PNGSamples(bytes)
    switch coding {
    case .numbers: try self.init(numbers: file)
    case .instances:
      let numbers = try Mask(numbers: file)
      self.init(unchecked: numbers.width, numbers.height, numbers.labels.map { min($0, 1) })
    case .colors(let table): try self.init(colors: file, table)
    }
  }

  private init(numbers file: PNGSamples) throws(DataError) {
    let values = file.color.values
    if file.color == .rgb || file.color == .rgbAlpha {
      let samples = file.samples
      let pixels = stride(from: 0, to: samples.count, by: values)
      let colored = pixels.first { (at: Int) -> Bool in
        let red = samples[at]
        return samples[at + 1] != red || samples[at + 2] != red
      }
      if let colored {
        let place = colored / values
        let color = "(\(samples[colored]), \(samples[colored + 1]), \(samples[colored + 2]))"
        throw DataError(
          .malformed,
          "the mask has colours, such as \(color) at x \(place % file.width), y \(place / file.width); "
            + "expected palette indices or grey values, or a table of colours beside it")
      }
    }
    let labels = (0..<(file.width * file.height)).map { Int32(file.samples[$0 * values]) }
    self.init(unchecked: file.width, file.height, labels)
  }

  private init(colors file: PNGSamples, _ table: ColorTable) throws(DataError) {
    let count = file.width * file.height
    var labels: [Int32] = []
    labels.reserveCapacity(count)
    var (last, label): (RGB?, Int32?) = (nil, nil)
    var (unknown, missed): (place: (Int, RGB)?, pixels: Int) = (nil, 0)
    for place in 0..<count {
      let color = file.color(at: place)
      if color != last { (last, label) = (color, table[color]) }
      if label == nil {
        missed += 1
        if unknown == nil { unknown = (place, color) }
      }
      labels.append(label ?? 0)
    }
    if let (place, color) = unknown {
      let near = table.nearest(to: color).map { "; the nearest is \($0.color) \($0.name)" } ?? ""
      let at = "x \(place % file.width), y \(place / file.width)"
      throw DataError(
        .malformed,
        "the mask has the colour \(color) at \(at), which is not in the table of \(table.entries.count), and "
          + "\(missed) pixels of \(count) whose colours are not\(near)")
    }
    self.init(unchecked: file.width, file.height, labels)
  }
}
