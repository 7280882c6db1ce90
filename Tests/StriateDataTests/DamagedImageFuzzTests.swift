import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// Image files that are cut off, or of which bits are turned over: an error or an image, never a trap.
@Suite struct DamagedImageFuzzTests {
  static let files = [
    "ycc-420.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg", "arithmetic.jpg", "restarts.jpg",
    "orientation-6.jpg", "rgba-interlaced.png", "palette-4.png", "grey-16.png", "rgb-profile.png",
    "orientation-6.png",
  ]

  static let rounds = InputFile.environment("STRIATE_FUZZ_ROUNDS").flatMap { Int($0) } ?? 60

  @Test(arguments: files) func cutOffFilesAreRefused(_ name: String) throws {
    let whole = try Pictures.bytes(name)
    var stream = RandomStream(seed: 1, "cut", 0)
    let step = max(whole.count / Self.rounds, 1)
    for length in stride(from: 0, to: whole.count - 3, by: step) {
      let cut = Array(whole.prefix(max(length - Int(stream.next() % 7), 0)))
      let error = #expect(throws: DataError.self, "\(name) cut at \(cut.count)") {
        try Image(encoded: cut)
      }
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test(arguments: files) func flippedBitsDoNoHarm(_ name: String) throws {
    let whole = try Pictures.bytes(name)
    var stream = RandomStream(seed: 2, "flip", 0)
    for round in 0..<Self.rounds {
      var bytes = whole
      for _ in 0..<(1 + round % 8) {
        let draw = stream.next()
        bytes[Int(draw >> 8) % bytes.count] ^= 1 << UInt8(draw & 7)
      }
      for damage in [ImageDecoding.Damage.refuse, .accept] {
        let decoding = ImageDecoding(minimum: round % 3 == 0 ? 8 : nil, damage: damage)
        do throws(DataError) {
          let image = try Image(encoded: bytes, decoding: decoding)
          #expect(image.pixels.count == image.width * image.height * image.channels)
        } catch {
          #expect(!error.description.isEmpty && !error.description.contains("\n"))
        }
      }
    }
  }

  /// Damage in the header: each of its bytes in turn becomes 0, 255 and something else.
  @Test(arguments: files) func damagedHeadersDoNoHarm(_ name: String) throws {
    let whole = try Pictures.bytes(name)
    for at in 0..<min(whole.count, 2 * Self.rounds) {
      for value in [0, 255, whole[at] ^ 0x5A] {
        var bytes = whole
        bytes[at] = value
        _ = try? Image(encoded: bytes)
      }
    }
  }

  @Test func noiseIsRefused() {
    var stream = RandomStream(seed: 3, "noise", 0)
    let starts: [[UInt8]] = [
      [], [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
      [0xFF, 0xD8, 0xFF, 0xE1, 0, 40, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 42, 0, 8, 0, 0, 0],
    ]
    for round in 0..<(8 * Self.rounds) {
      let noise = (0..<(round % 200)).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
      #expect(throws: DataError.self) { try Image(encoded: starts[round % starts.count] + noise) }
    }
  }

  /// An archive whose headers are damaged gives an error or fewer samples.
  @Test func damagedArchivesDoNoHarm() throws {
    let folder = try Scratch()
    let image = try Pictures.bytes("tiny.jpg")
    let whole = (0..<3).flatMap { tar("\($0).jpg", image) + tar("\($0).cls", [0x30]) } + tarEnd
    var stream = RandomStream(seed: 4, "tar", 0)
    for round in 0..<(2 * Self.rounds) {
      var bytes = whole
      if round % 3 == 0 { bytes = Array(bytes.prefix(Int(stream.next() % UInt64(whole.count)))) }
      for _ in 0..<4 where !bytes.isEmpty {
        let draw = stream.next()
        bytes[Int(draw >> 8) % bytes.count] ^= 1 << UInt8(draw & 7)
      }
      let path = try folder.write("a.tar", bytes)
      for policy in BadFiles.allCases { _ = try? WebDataset(path, badFiles: policy, threads: 1) }
    }
  }
}
