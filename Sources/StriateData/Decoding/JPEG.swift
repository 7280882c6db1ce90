import CCodecs
import StriateCore

extension Image {
  /// Decodes the bytes of a JPEG file of 8 bits a sample: grey stays grey, all else becomes red, green,
  /// blue.
  ///
  /// Chroma is interpolated and the transform is libjpeg's accurate one, as Pillow has it. Cyan, magenta,
  /// yellow and black are taken as Adobe writes them, inverted, and converted as Pillow does.
  ///
  /// - Throws: `DataError` where they are damaged, too large, or TurboJPEG is not there.
  public init(jpeg bytes: [UInt8], decoding: ImageDecoding = ImageDecoding()) throws(DataError) {
    try CodecLibrary.turboJPEG.require()
    var failure: DataError?
    var decoded: Image?
    bytes.withUnsafeBufferPointer { source in
      do throws(DataError) {
        decoded = try JPEGDecompressor.borrow { decompressor throws(DataError) in
          try decompressor.decode(source, decoding)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard let decoded else { throw DataError(.malformed, "the JPEG file holds no image") }
    self = decoded
  }
}

/// A decompressor of TurboJPEG, used by one thread at a time and kept for the next.
private final class JPEGDecompressor: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  private init() throws(DataError) {
    guard let handle = codecs_jpeg_open() else {
      throw DataError(.unsupported, "TurboJPEG gives no decompressor: not enough memory")
    }
    self.handle = handle
  }

  deinit { codecs_jpeg_close(handle) }

  private static let spare = Spare()

  /// Those that no thread uses; as many as there were ever threads at once.
  private final class Spare: @unchecked Sendable {
    private let lock = Condition()
    private var kept: [JPEGDecompressor] = []

    func take() -> JPEGDecompressor? { lock.locked { kept.popLast() } }
    func keep(_ decompressor: JPEGDecompressor) { lock.locked { kept.append(decompressor) } }
  }

  static func borrow<R>(
    _ body: (JPEGDecompressor) throws(DataError) -> R
  ) throws(DataError) -> R {
    let decompressor: JPEGDecompressor
    if let kept = spare.take() {
      decompressor = kept
    } else {
      decompressor = try JPEGDecompressor()
    }
    defer { spare.keep(decompressor) }
    return try body(decompressor)
  }

  func decode(
    _ source: UnsafeBufferPointer<UInt8>, _ decoding: ImageDecoding
  ) throws(DataError) -> Image {
    let header = try JPEGHeader(source)
    try Image.checkDecoded(width: header.width, height: header.height)
    let divisor = reduction(header, decoding.minimum)
    let width = (header.width + divisor - 1) / divisor
    let height = (header.height + divisor - 1) / divisor
    let (format, values): (UInt32, Int) =
      switch header.components {
      case 1: (UInt32(CODECS_JPEG_GREY.rawStatus), 1)
      case 4: (UInt32(CODECS_JPEG_CMYK.rawStatus), 4)
      default: (UInt32(CODECS_JPEG_RGB.rawStatus), 3)
      }
    var status: Int32 = 0
    var pixels = [UInt8](unsafeUninitializedCapacity: width * height * values) { buffer, filled in
      status = codecs_jpeg_decode(
        handle, source.baseAddress, source.count, buffer.baseAddress, Int32(width),
        Int32(width * values), Int32(height), Int32(format))
      filled = width * height * values
    }
    if status != 0 { try judge(source, scans: header.end, decoding.damage) }
    if values == 4 {
      let inks = pixels
      pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, filled in
        codecs_inverted_cmyk_to_rgb(inks, buffer.baseAddress, width * height)
        filled = width * height * 3
      }
    }
    let image = Image(unchecked: width, height, values == 1 ? 1 : 3, pixels)
    return decoding.orients ? image.oriented(header.orientation) : image
  }

  /// By how much both sides are divided.
  private func reduction(_ header: JPEGHeader, _ minimum: Int?) -> Int {
    guard let minimum, minimum > 0 else { return 1 }
    let shorter = min(header.width, header.height)
    return [8, 4, 2].first { (shorter + $0 - 1) / $0 >= minimum } ?? 1
  }

  /// Whether the last call only warned.
  private var isDecoded: Bool { codecs_jpeg_warned(handle) != 0 }

  /// Warnings of libjpeg after which no pixel is lost.
  private static let harmless = [
    "extraneous bytes before marker", "unknown JFIF revision", "Unknown Adobe color transform",
    "bad ICC marker", "Inconsistent progression sequence", "Invalid SOS parameters",
  ]

  /// Says whether what the library complains of is an error.
  private func judge(
    _ source: UnsafeBufferPointer<UInt8>, scans: Int, _ damage: ImageDecoding.Damage
  ) throws(DataError) {
    let message = String(cString: codecs_jpeg_message(handle))
    guard isDecoded else {
      throw DataError(.malformed, "the JPEG file cannot be decoded: libjpeg says \(message)")
    }
    if damage == .accept { return }
    let isHarmless = JPEGDecompressor.harmless.contains { message.contains($0) }
    // Only the first warning is known, so that the end is looked for as well.
    if isHarmless, JPEGDecompressor.hasEnd(source, after: scans) { return }
    let isCutOff = message.contains("Premature end of JPEG file") || isHarmless
    throw DataError(
      isCutOff ? .truncated : .malformed,
      isCutOff
        ? "the JPEG file is cut off after \(source.count) bytes"
        : "the JPEG file is damaged: libjpeg says \(message)")
  }

  /// Whether the marker that ends an image is there.
  private static func hasEnd(_ source: UnsafeBufferPointer<UInt8>, after scans: Int) -> Bool {
    var at = source.count - 2
    while at >= scans {
      if source[at] == 0xFF, source[at + 1] == 0xD9 { return true }
      at -= 1
    }
    return false
  }
}
