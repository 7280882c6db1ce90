import StriateData
import Testing

/// Files written by another program, one a kind of pixel.
@Suite struct PNGKindTests {
  static let kinds: [(String, String, Int, [UInt8])] = [
    (
      "alpha",
      "89504e470d0a1a0a0000000d4948445200000002000000010806000000f4227f8a00000011494441"
        + "54789c63f8cfc0cec0c8c4dc000008bb018d1180f4b70000000049454e44ae426082",
      3, [255, 0, 7, 1, 2, 3]
    ),
    (
      "grey with alpha",
      "89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb7010000000d494441"
        + "54789c6338c1c0f51f00043801d2bcc748b10000000049454e44ae426082",
      1, [200, 10]
    ),
    (
      "palette",
      "89504e470d0a1a0a0000000d4948445200000002000000010103000000ceecedc900000006504c54"
        + "450908070605045158d7910000000a49444154789c63700000004200412937f4ef0000000049454e"
        + "44ae426082",
      3, [9, 8, 7, 6, 5, 4]
    ),
    (
      "16 bits",
      "89504e470d0a1a0a0000000d494844520000000200000001100000000081d9fc150000000d494441"
        + "54789c634849f9ff1f0005be02c7b205cf190000000049454e44ae426082",
      1, [100, 255]
    ),
    (
      "1 bit",
      "89504e470d0a1a0a0000000d4948445200000003000000010100000000339b29190000000a494441"
        + "54789c6358000000a200a1dc8db1cc0000000049454e44ae426082",
      1, [255, 0, 255]
    ),
  ]

  private func bytes(_ digits: String) -> [UInt8] {
    let values = digits.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }

  @Test(arguments: kinds)
  func decodes(kind: String, digits: String, channels: Int, pixels: [UInt8]) throws {
    let image = try Image(png: bytes(digits))
    #expect(image.channels == channels)
    #expect(image.pixels == pixels)
  }

  /// A header that claims 10¹² pixels takes no memory for them.
  @Test func refusesLyingExtents() {
    let digits =
      "89504e470d0a1a0a0000000d49484452000f4240000f42400100000000741605d00000000a494441"
      + "54789c636000000002000148afa4710000000049454e44ae426082"
    #expect(throws: DataError.self) { try Image(png: bytes(digits)) }
  }
}
