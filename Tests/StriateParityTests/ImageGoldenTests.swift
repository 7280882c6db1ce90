import Striate
import Testing

/// Image files of every kind against the pixels that Pillow reads.
@Suite struct ImageGoldenTests {
  private static let pixels = Result { try Golden("images") }

  static let names = ((try? pixels.get())?.tensors.names ?? []).sorted()

  /// What is allowed: another version of the library may round its transform otherwise.
  private static func bound(_ name: String) -> Int { name.hasSuffix(".png") ? 0 : 2 }

  @Test func thereAreGoldens() {
    #expect(Self.names.count >= 60)
  }

  @Test(arguments: names) func decodes(_ name: String) throws {
    let expected = try Self.pixels.get()[name]
    let image = try Image(file: "\(Golden.folder)/images/\(name)")
    #expect([image.height, image.width, image.channels] == expected.shape.dims)
    let values = expected.scalars(as: UInt8.self)
    try #require(values.count == image.pixels.count)
    let worst = zip(values, image.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(worst <= Self.bound(name), "differs by \(worst)")
  }

  /// A reduced decoding is the image's average over blocks, and no smaller than asked for.
  @Test(arguments: names.filter { $0.hasSuffix(".jpg") }, [1, 5, 10, 20])
  func reduces(_ name: String, minimum: Int) throws {
    let path = "\(Golden.folder)/images/\(name)"
    let whole = try Image(file: path)
    let reduced = try Image(file: path, decoding: ImageDecoding(minimum: minimum))
    let shorter = min(whole.width, whole.height)
    #expect(min(reduced.width, reduced.height) >= min(minimum, shorter))
    let divisor = [8, 4, 2, 1].first { (shorter + $0 - 1) / $0 >= minimum } ?? 1
    #expect(reduced.width == (whole.width + divisor - 1) / divisor)
    #expect(reduced.height == (whole.height + divisor - 1) / divisor)
    // In the smallest ones a block is mostly what the encoder filled it up with.
    guard shorter >= 16 else { return }
    let (a, b) = (mean(whole), mean(reduced))
    #expect(abs(a - b) < 12, "mean \(a), reduced \(b)")
  }

  private func mean(_ image: Image) -> Double {
    Double(image.pixels.reduce(0) { $0 + Int($1) }) / Double(image.pixels.count)
  }
}
