import StriateCore
import StriateData
import StriateFormats
import Testing

/// Resizing as two versions of Pillow do it: Tools/goldens/resize_orders.py writes what each gives.
@Suite struct ResizeOrderTests {
  static let versions: [(version: String, order: ResizeOrder)] = [
    ("12.3.0", .widthFirst), ("13.0.0", .pillow13),
  ]

  /// The script's picture: every channel another polynomial of the place.
  private func picture(_ width: Int, _ height: Int) throws -> Image {
    let pixels = (0..<width * height).flatMap { place -> [UInt8] in
      let (x, y) = (place % width, place / width)
      return (0..<3).map { UInt8((x * x * 31 + x * y * 17 + y * y * 7 + $0 * 91) % 256) }
    }
    return try Image(width: width, height: height, channels: 3, pixels: pixels)
  }

  @Test("Golden: every byte is Pillow's", arguments: versions)
  func everyByte(_ version: String, _ order: ResizeOrder) throws {
    let golden = try Safetensors.read("\(Golden.folder)/resize-pillow-\(version).safetensors")
      .tensors
    #expect(golden.count >= 12)
    for (name, expected) in golden {
      // width×height-width×height-filter
      let parts = name.split(separator: "-")
      let from = parts[0].split(separator: "x").compactMap { Int($0) }
      let to = parts[1].split(separator: "x").compactMap { Int($0) }
      let filter = try #require(Interpolation(rawValue: String(parts[2])))
      let found = try picture(from[0], from[1]).resized(
        ImageSize(width: to[0], height: to[1]), filter, order: order)
      #expect(found.pixels == expected.scalars(as: UInt8.self), "\(name)")
    }
  }

  @Test("the two orders differ where Pillow's versions do, and only there")
  func whereTheyDiffer() throws {
    let old = try Safetensors.read("\(Golden.folder)/resize-pillow-12.3.0.safetensors").tensors
    let new = try Safetensors.read("\(Golden.folder)/resize-pillow-13.0.0.safetensors").tensors
    #expect(Set(old.names) == Set(new.names))
    let different = old.names.filter { old[$0] != new[$0] }
    #expect(!different.isEmpty && different.count < old.count)
  }
}
