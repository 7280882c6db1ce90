import StriateCore
import StriateData
import Testing

/// Images whose extents leave no way to prepare them: named before anything is, or left out.
@Suite struct FittingImagesTests {
  /// Images of given extents, each with its place as its class.
  private struct Extents: ImageDataset {
    let extents: [(Int, Int)]
    var count: Int { extents.count }
    var classNames: [String] { extents.indices.map { "\($0)" } }

    func image(at index: Int, minimum: Int?) throws -> Image {
      try Image(width: extents[index].0, height: extents[index].1, color: [7])
    }
    func label(at index: Int) -> Int32 { Int32(index) }
    func name(at index: Int) -> String { "image-\(index).png" }
  }

  private let images = Extents(extents: [(40, 30), (9000, 2), (3, 12000), (64, 64)])
  private let preparation = Result {
    try Preprocessing(input: [1, 32, 32], resizeSize: 36, mean: [0], std: [1])
  }

  @Test(
    "Views that an extent does not have are refused by name, or left out",
    arguments: [("dense", [1, 2]), ("dense:36,400", [1, 2]), ("ten-crop", []), ("flip", [])])
  func views(_ text: String, _ bad: [Int]) throws {
    let data = TransformedDataset(images, try preparation.get())
    let views = try ImageViews(text)
    let (parts, left) = try ViewDataset.parts(of: data, views, badFiles: .skip)
    #expect(left.map(\.name) == bad.map { "image-\($0).png" })
    #expect(parts.reduce(0) { $0 + $1.count } == images.count - bad.count)
    if text == "dense" {
      for part in parts {
        for index in 0..<part.count { _ = try part.labelled(index) }
      }
    }
    if bad.isEmpty { return }
    let error = #expect(throws: DataError.self) { try ViewDataset.parts(of: data, views) }
    let message = error?.description ?? ""
    for index in bad { #expect(message.contains("image-\(index).png")) }
    #expect(message.contains("2 of 4 images") && message.contains("--bad-files skip"))
    #expect(!message.contains("image-0.png"))
  }

  @Test("Nothing is left where no image has such views")
  func none() throws {
    let data = TransformedDataset(Extents(extents: [(9000, 2)]), try preparation.get())
    for badFiles in BadFiles.allCases {
      let error = #expect(throws: DataError.self) {
        try ViewDataset.parts(of: data, .dense(scales: []), badFiles: badFiles)
      }
      #expect(error?.description.contains("None is left") == true)
    }
  }
}
