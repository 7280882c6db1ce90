import StriateCore
import StriateData
import Testing

@Suite struct ImageDecodingTests {
  @Test(arguments: [
    ("ÿ", nil), ("GIF89a", ImageFormat.gif), ("RIFF????WEBPVP8", .webp), ("II*\0", .tiff),
    ("MM\0*", .tiff), ("BM????\0\0\0\0", .bmp), ("BM is text", nil), ("????ftypheic", .heic),
    ("????ftypavif", .avif), ("????ftypisom", nil), ("????JXL ", .jpegXL), ("????jP  ", .jpeg2000),
    ("8BPS", .photoshop), ("P6 2 2", .netpbm), ("Please", nil), ("", nil),
  ])
  func tellsFormatsByContent(_ text: String, _ format: ImageFormat?) {
    #expect(ImageFormat.detect(Array(text.utf8)) == format)
    #expect(throws: DataError.self) { try Image(encoded: Array(text.utf8)) }
  }

  @Test func namesTheFormatThatIsNotDecoded() {
    let error = #expect(throws: DataError.self) { try Image(encoded: Array("GIF89a....".utf8)) }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("GIF") == true)
  }

  @Test func orientationCanBeLeft() throws {
    let bytes = try Pictures.bytes("orientation-6.jpg")
    let lying = try Image(encoded: bytes, decoding: ImageDecoding(orients: false))
    let upright = try Image(encoded: bytes)
    #expect([lying.width, lying.height] == [24, 16])
    #expect([upright.width, upright.height] == [16, 24])
    for y in 0..<24 {
      for x in 0..<16 { #expect(upright[x, y].map(Array.init) == lying[y, 15 - x].map(Array.init)) }
    }
  }

  @Test func alphaIsBlendedOnRequest() throws {
    let bytes = try Pictures.bytes("rgba.png")
    let plain = try Image(encoded: bytes)
    let white = ImageDecoding.Background(red: 255, green: 255, blue: 255)
    let blended = try Image(encoded: bytes, decoding: ImageDecoding(background: white))
    // The golden's alpha is the number of the pixel.
    for pixel in 0..<(plain.width * plain.height) {
      let alpha = Double(pixel % 256) / 255
      for channel in 0..<3 {
        let value = Double(plain.pixels[3 * pixel + channel])
        let expected = (value * alpha + 255 * (1 - alpha)).rounded()
        #expect(abs(Double(blended.pixels[3 * pixel + channel]) - expected) <= 1)
      }
    }
  }

  /// Extents are checked before memory is taken for them.
  @Test(arguments: [(65500, 65500), (40000, 8), (8, 40000), (32768, 32768), (0, 5)])
  func refusesLyingExtents(_ width: Int, _ height: Int) throws {
    var bytes = try Pictures.bytes("grey.jpg")
    let frame = try #require(
      bytes.indices.dropLast(9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes.replaceSubrange(
      (frame + 5)..<(frame + 9),
      with: [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) })
    let error = #expect(throws: DataError.self) { try Image(encoded: bytes) }
    #expect(error?.message.contains("\(width)×\(height)") == true)
  }

  /// Damage that costs no pixel is let pass; a file without its end is not.
  @Test func extraBytesAreHarmless() throws {
    let bytes = try Pictures.bytes("grey.jpg")
    let whole = try Image(encoded: bytes)
    #expect(try Image(encoded: bytes + [1, 2, 3]).pixels == whole.pixels)
    let cut = Array(bytes.dropLast(bytes.count / 4))
    #expect(throws: DataError.self) { try Image(encoded: cut) }
    let accepted = try Image(encoded: cut, decoding: ImageDecoding(damage: .accept))
    #expect(accepted.pixels.count == whole.pixels.count)
    #expect(accepted.pixels.prefix(64) == whole.pixels.prefix(64))
  }

  @Test func refusesOtherLibraryPaths() throws {
    #expect(CodecLibrary.all.map(\.name) == ["zlib", "libpng", "TurboJPEG"])
    let jpeg = CodecLibrary.turboJPEG
    #expect(jpeg.path != nil || jpeg.reason != nil)
    #expect(jpeg.install.contains("jpeg"))
  }
}
