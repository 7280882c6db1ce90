import StriateCore
import StriateData
import Testing

@Suite struct ImageTests {
  private func noise(_ width: Int, _ height: Int, _ channels: Int) throws -> Image {
    var random = RandomStream(seed: 0, "noise")
    return try Image(
      width: width, height: height, channels: channels,
      pixels: (0..<(width * height * channels)).map { _ in UInt8(truncatingIfNeeded: random.next())
      })
  }

  @Test(arguments: [1, 3]) func pngRoundTrip(channels: Int) throws {
    for (width, height) in [(1, 1), (7, 3), (28, 28)] {
      let image = try noise(width, height, channels)
      let bytes = try image.png()
      #expect(try Image(png: bytes) == image)
      #expect(try image.png() == bytes)
    }
  }

  @Test func damagedPNGsThrow() throws {
    let bytes = try noise(9, 9, 3).png()
    for length in 0..<bytes.count - 12 {
      #expect(throws: DataError.self) { try Image(png: Array(bytes.prefix(length))) }
    }
    var random = RandomStream(seed: 0, "flips")
    for _ in 0..<500 {
      var damaged = bytes
      damaged[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
      _ = try? Image(png: damaged)
    }
    let error = #expect(throws: DataError.self) { try Image(pngFile: "/no/such.png") }
    #expect(error?.code == .unreadable)
  }

  @Test func sizesAreChecked() {
    #expect(throws: DataError.self) { try Image(width: 2, height: 2, channels: 1, pixels: [1]) }
    #expect(throws: DataError.self) { try Image(width: 0, height: 2, color: [1]) }
    #expect(throws: DataError.self) { try Image(width: .max, height: .max, color: [1]) }
    #expect(throws: DataError.self) { try Image(width: 1, height: 1, color: [1, 2]) }
  }

  @Test func resizing() throws {
    let image = try Image(width: 4, height: 1, channels: 1, pixels: [0, 100, 200, 100])
    #expect(try image.resized(width: 2, height: 1).pixels == [50, 150])
    #expect(try image.resized(width: 1, height: 1).pixels == [100])
    let pair = try Image(width: 2, height: 1, channels: 1, pixels: [0, 100])
    #expect(try pair.resized(width: 4, height: 1).pixels == [0, 25, 75, 100])
    let flat = try Image(width: 31, height: 17, color: [9, 8, 7])
    #expect(
      try flat.resized(width: 5, height: 40) == Image(width: 5, height: 40, color: [9, 8, 7]))
    #expect(throws: DataError.self) { try flat.resized(width: 0, height: 1) }
  }

  @Test func colours() throws {
    let red = try Image(width: 1, height: 1, color: [255, 0, 0])
    #expect(red.grey().pixels == [76])
    #expect(try Image(width: 1, height: 1, color: [255, 255, 255]).grey().pixels == [255])
    #expect(red.grey().rgb().pixels == [76, 76, 76])
    let tensor = try red.tensor(mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
    #expect(tensor.shape == [3, 1, 1])
    #expect(tensor.scalars(as: Float.self) == [1, -1, -1])
    #expect(throws: DataError.self) { try red.tensor(mean: [0]) }
  }

  @Test func contactSheets() throws {
    let tiles = try (0..<5).map { index in
      ContactSheet.Tile(
        try noise(28, 28, index % 2 == 0 ? 1 : 3), prediction: "Ankle boot, a long one",
        truth: index == 0 ? nil : "Bag")
    }
    let sheet = try ContactSheet(columns: 3, side: 56).render(tiles)
    #expect(sheet.width == 3 * 60 + 4)
    #expect(sheet.height == 2 * (56 + 18 + 4) + 4)
    #expect(try Image(png: sheet.png()) == sheet)
    #expect(throws: DataError.self) { try ContactSheet().render([]) }
    let large = try Image(width: 300, height: 100, color: [1])
    #expect(try ContactSheet().render([.init(large, prediction: "é")]).width == 92)
  }

  @Test func terminalText() throws {
    let image = try Image(width: 2, height: 3, channels: 1, pixels: [0, 255, 0, 255, 255, 0])
    #expect(try TerminalImage.render(image, color: false) == " @\n@ ")
    let text = try TerminalImage.render(image)
    #expect(text.hasPrefix("\u{1B}[38;2;0;0;0;48;2;0;0;0m▀"))
    #expect(text.split(separator: "\n").count == 2)
    #expect(
      try TerminalImage.render(noise(100, 50, 3), columns: 20, color: false).count == 20 * 5 + 4)
  }

  @Test func librariesAreNamed() {
    for library in CodecLibrary.all {
      #expect((library.path == nil) == (library.reason != nil))
      #expect(!library.install.isEmpty)
    }
  }
}
