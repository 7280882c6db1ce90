import StriateCore
import StriateData
import Testing

/// Images that cannot be enlarged whole.
@Suite struct LongImageTests {
  /// One picture of any extent: a gradient along both sides.
  private struct Gradient: ImageDataset {
    var size: ImageSize
    var count: Int { 1 }
    var classNames: [String] { ["a"] }
    func image(at index: Int, minimum: Int?) throws -> Image {
      let pixels = (0..<size.width * size.height).flatMap { place -> [UInt8] in
        let (x, y) = (place % size.width, place / size.width)
        return [UInt8(x * 7 % 256), UInt8(y * 50 % 256), 128]
      }
      return try Image(width: size.width, height: size.height, channels: 3, pixels: pixels)
    }
    func label(at index: Int) throws -> Int32 { 0 }
    func name(at index: Int) -> String { "long.png" }
    func size(at index: Int) throws -> ImageSize { size }
  }

  static let sizes = [
    ImageSize(width: 40000, height: 2), ImageSize(width: 3, height: 20001),
  ]

  @Test("a very long image is prepared from its middle", arguments: sizes)
  func fromTheMiddle(_ size: ImageSize) throws {
    let preparation = try Preprocessing(
      input: [3, 224, 224], resizeSize: 256, interpolation: .bilinear, mean: [0, 0, 0],
      std: [1, 1, 1])
    let image = try Gradient(size: size).image(at: 0, minimum: nil)
    let long = try preparation.fit(image)
    // A stretch around the middle, as odd or even as the whole, short enough to be enlarged whole, shows the same.
    let kept = 200 + max(size.width, size.height) % 2
    let stretch =
      size.width > size.height
      ? ImageSize(width: kept, height: size.height) : ImageSize(width: size.width, height: kept)
    let short = try preparation.fit(image.centerCropped(to: stretch))
    let error = zip(long.pixels, short.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
    #expect(long.size == ImageSize(width: 224, height: 224))
    // The enlarged extents are whole numbers, so that places may differ by a pixel of the target.
    let step = 255 * min(size.width, size.height) / 256 + 1
    #expect(error <= step)
  }

  @Test("what cannot be prepared is named", arguments: sizes)
  func isNamed(_ size: ImageSize) throws {
    let preparation = try Preprocessing(
      input: [3, 8, 8], resizeSize: 8, interpolation: .bilinear, mean: [0, 0, 0], std: [1, 1, 1])
    let data = TransformedDataset(
      Gradient(size: size), preparation,
      augmentation: try Pipeline("random-resize(250..256),random-crop"))
    let error = #expect(throws: DataError.self) {
      try data.augmented(0, draw: SampleDraw(seed: 1, epoch: 0))
    }
    #expect(error?.message.contains("long.png is read, but cannot be prepared") == true)
  }
}
