import StriateCore
import StriateData
import Testing

/// Views of samples: which there are, and in which order their values come.
@Suite struct ViewsTests {
  @Test(arguments: [
    "center", "flip", "ten-crop", "144-crop", "dense", "dense:256", "dense:256,384,512",
  ])
  func namesAreRead(_ text: String) throws {
    #expect(try ImageViews(text).description == text)
  }

  @Test(arguments: [
    "", "tencrop", "dense:", "dense:a", "dense:1,,2", "dense:0", "flip:3",
    "dense:9999999999999999999",
  ])
  func otherNamesAreRefused(_ text: String) {
    let error = #expect(throws: DataError.self) { try ImageViews(text) }
    #expect(error?.message.contains("ten-crop") == true)
  }

  private func prepared(
    _ count: Int = 6, input side: Int = 12, resize: Int? = 16
  ) throws -> TransformedDataset {
    TransformedDataset(
      Stripes(count: count),
      try Preprocessing(
        input: [3, side, side], resizeSize: resize, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4]))
  }

  private func sample(_ data: any Dataset, _ index: Int) throws -> (values: [Float], label: Int32) {
    var values = [Float](repeating: .nan, count: data.inputShape.count)
    var label: Int32 = -1
    try values.withUnsafeMutableBytes { values in
      try withUnsafeMutableBytes(of: &label) {
        try data.read(index, draw: nil, into: ExampleBuffers([values, $0]))
      }
    }
    let isWritten = values.allSatisfy(\.isFinite)
    #expect(isWritten)
    return (values, label)
  }

  /// The values of an image as `prepared` normalises them.
  private func values(_ image: Image) -> [Float] {
    let (mean, std): ([Float], [Float]) = ([0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
    let plane = image.width * image.height
    return (0..<(3 * plane)).map { place in
      let (channel, pixel) = (place / plane, place % plane)
      return (Float(image.pixels[pixel * 3 + channel]) / 255 - mean[channel]) / std[channel]
    }
  }

  @Test func flipIsTheMiddleAndItsMirrorImage() throws {
    let data = try prepared()
    let parts = try ViewDataset.parts(of: data, .flip).parts
    try #require(parts.count == 1 && parts[0].count == 6)
    for index in 0..<6 {
      let middle = try data.preprocessing.fit(data.images.image(at: index))
      let (found, label) = try sample(parts[0], index)
      #expect(found == values(middle) + values(middle.flipped()))
      #expect(label == Int32(index % 2))
    }
  }

  @Test func tenCropsAreThoseOfTheResizedImage() throws {
    let data = try prepared()
    let parts = try ViewDataset.parts(of: try Subset(data, indices: [3, 2]), .tenCrop).parts
    try #require(parts.count == 1 && parts[0].count == 2 && parts[0].layout.count == 10)
    let image = try data.images.image(at: 3)
    let size =
      image.width < image.height
      ? ImageSize(width: 16, height: 16 * image.height / image.width)
      : ImageSize(width: 16 * image.width / image.height, height: 16)
    let crops = try image.rgb().resized(size, .bilinear).tenCrop(ImageSize(width: 12, height: 12))
    #expect(try sample(parts[0], 0).values == crops.flatMap(values))
  }

  /// Four scales of three squares with six views, each with its mirror image behind it in its group.
  @Test func theHundredAndFortyFourCropsAreOfEveryScaleAndSquare() throws {
    let part = try #require(
      try ViewDataset.parts(of: prepared(1, input: 14), .crops144).parts.first)
    #expect(part.layout.count == 144 && part.layout.groups.map(\.count) == [36, 36, 36, 36])
    let found = try sample(part, 0).values
    let size = 3 * 14 * 14
    func view(_ index: Int) -> [Float] { Array(found[(index * size)..<((index + 1) * size)]) }
    func mirrored(_ view: [Float]) -> [Float] {
      view.indices.map { view[$0 - $0 % 14 + 13 - $0 % 14] }
    }
    for group in 0..<4 {
      for place in 0..<18 {
        #expect(view(group * 36 + 18 + place) == mirrored(view(group * 36 + place)))
      }
    }
    // The image is 17×19: at the first scale 16×17, whose three squares begin at the rows 0, 0 and 1.
    let whole = try Stripes(count: 1).image(at: 0).resized(
      ImageSize(width: 16, height: 17), .bilinear)
    for (place, corner) in [(0, (0, 0)), (1, (2, 0)), (2, (0, 2)), (3, (2, 2)), (4, (1, 1))] {
      for (square, top) in [(0, 0), (1, 0), (2, 1)] {
        let crop = try whole.cropped(
          to: ImageRect(x: corner.0, y: top + corner.1, width: 14, height: 14))
        #expect(view(square * 6 + place) == values(crop), "view \(place) of square \(square)")
      }
    }
  }

  @Test func wholeImagesComeInPartsOfOneExtent() throws {
    let data = try prepared(9)
    let parts = try ViewDataset.parts(of: data, .dense(scales: [12, 20])).parts
    #expect(parts.reduce(0) { $0 + $1.count } == 9)
    #expect(Set(parts.map(\.layout)).count == parts.count && parts.count > 3)
    for part in parts {
      #expect(part.layout.isDense && part.layout.groups.map(\.count) == [2, 2])
      for (group, side) in zip(part.layout.groups, [12, 20]) {
        #expect(min(group.shape[1], group.shape[2]) == side)
      }
      for index in 0..<part.count { _ = try sample(part, index) }
    }
  }

  @Test func arraysHaveMirrorImagesOnly() throws {
    let data = try TensorDataset(
      inputs: HostTensor((0..<24).map { Float($0) }, shape: [2, 2, 2, 3]), labels: [4, 5])
    let part = try #require(try ViewDataset.parts(of: data, .flip).parts.first)
    let (found, label) = try sample(part, 1)
    #expect(found[..<6] == [12, 13, 14, 15, 16, 17] && label == 5)
    #expect(found[12...] == [14, 13, 12, 17, 16, 15, 20, 19, 18, 23, 22, 21])
    let error = #expect(throws: DataError.self) { try ViewDataset.parts(of: data, .tenCrop) }
    #expect(error?.message.contains("--input") == true)
  }

  @Test func cropsThatWouldAllBeTheSameAreRefused() throws {
    for resize in [12, nil] {
      let error = #expect(throws: DataError.self) {
        try ViewDataset.parts(of: prepared(resize: resize), .tenCrop)
      }
      #expect(error?.message.contains("--val-resize-size") == true)
    }
  }
}
