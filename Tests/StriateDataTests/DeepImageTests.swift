import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// Images of 16 bits and of any number of channels as examples of segmentation.
@Suite(.enabled(if: (try? Image(width: 1, height: 1, channels: 1, pixels: [0]).png()) != nil))
struct DeepImageTests {
  typealias Writer = TIFFTests.Writer

  /// A folder whose images are TIFF files, and whose masks hold each pixel's first value modulo 3.
  private static func folder(_ writers: [Writer]) throws -> Scratch {
    let folder = try Scratch()
    for (index, writer) in writers.enumerated() {
      try folder.write("train/images/\(index).tif", writer.bytes())
      let labels = (0..<(writer.width * writer.height)).map {
        Int32(abs(writer.values[$0 * writer.channels])) % 3
      }
      try folder.write(
        "train/masks/\(index).png",
        Mask(width: writer.width, height: writer.height, labels: labels).png())
    }
    return folder
  }

  private static func loaded(
    _ folder: Scratch, augmentation: String = "none",
    change: (inout DataPreparation) -> Void = { _ in }
  ) throws -> DataSplits {
    var request = DataSource.Request()
    request.modelInput = [3, 5, 7]
    request.allowsOneSplit = true
    request.augmentation = try Pipeline(augmentation)
    change(&request.preparation)
    return try DataSource.parse("segfolder:\(folder.path)").load(request)
  }

  @Test("channels and their statistics are those of the images; 16 bits stay 16")
  func channels() throws {
    let writers = [Writer(channels: 5, bits: 16), Writer(channels: 5, bits: 16, isLittle: false)]
    let folder = try Self.folder(writers)
    defer { withExtendedLifetime(folder) {} }
    let splits = try Self.loaded(folder)
    #expect(splits.train.inputShape == [5, 5, 7])
    let values = writers[0].values
    for channel in 0..<5 {
      let own = stride(from: channel, to: values.count, by: 5).map { Double(values[$0]) / 65535 }
      let mean = own.reduce(0, +) / Double(own.count)
      let std = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)).squareRoot()
      #expect(abs(Double(splits.mean[channel]) - mean) < 1e-6)
      #expect(abs(Double(splits.std[channel]) - std) < 1e-6)
    }
    let input = try splits.train.example(0)[0].scalars(as: Float.self)
    for (place, found) in input.enumerated() {
      let (channel, pixel) = (place / 35, place % 35)
      let value = values[pixel * 5 + channel] / 65535
      #expect(abs(found - (value - splits.mean[channel]) / splits.std[channel]) < 1e-5)
    }
  }

  @Test("floating-point values are taken as they are, by the numbers that are given")
  func floats() throws {
    let writer = Writer(bits: 32)
    let folder = try Self.folder([writer])
    defer { withExtendedLifetime(folder) {} }
    let splits = try Self.loaded(folder) {
      $0.input = [1, 5, 7]
      $0.normalization = .given(mean: [2], std: [4])
    }
    let input = try splits.train.example(0)[0].scalars(as: Float.self)
    #expect(input == writer.values.map { ($0 - 2) / 4 })
  }

  @Test(
    "geometry moves all channels and the mask alike",
    arguments: ["flip", "random-resized-crop", "rotate(40)", "flip,random-crop(padding=2)"])
  func together(_ augmentation: String) throws {
    let folder = try Self.folder([Writer(channels: 4, bits: 16)])
    defer { withExtendedLifetime(folder) {} }
    let splits = try Self.loaded(folder, augmentation: augmentation) {
      $0.normalization = .given(mean: [0, 0, 0, 0], std: [1, 1, 1, 1])
    }
    var moved = Set<[Int32]>()
    for epoch in 0..<8 {
      let example = try splits.train.example(0, draw: SampleDraw(seed: 3, epoch: epoch))
      let input = example[0].scalars(as: Float.self)
      let labels = example[1].scalars(as: Int32.self)
      moved.insert(labels)
      for (place, label) in labels.enumerated() {
        if label == 255 {
          #expect(input[place] == 0 && input[3 * 35 + place] == 0)
        } else {
          #expect(Int32((input[place] * 65535).rounded()) % 3 == label)
        }
      }
    }
    #expect(moved.count > 1)
  }

  @Test("images of 16 bits in PNG files keep them; resizing averages without rounding")
  func deepPNG() throws {
    let bytes = try Mask(width: 4, height: 2, labels: [0, 1000, 2, 3, 65535, 5, 6, 7]).deepPNG()
    let image = try DeepImage(encoded: bytes)
    #expect(image.scale == 65535 && image.values == [0, 1000, 2, 3, 65535, 5, 6, 7])
    let half = try image.resized(ImageSize(width: 2, height: 1), .box)
    #expect(half.values == [16635, 4.5])
    #expect(try image.resized(ImageSize(width: 4, height: 2), .bilinear) == image)
    #expect(try image.preview().channels == 1)
  }

  @Test("what does not fit is refused by name")
  func refused() throws {
    let folder = try Self.folder([Writer(channels: 4, bits: 16), Writer(channels: 4, bits: 16)])
    let colors = #expect(throws: DataError.self) {
      try Self.loaded(folder, augmentation: "flip,color-jitter(0.4)")
    }
    #expect(colors?.message.contains("color-jitter") == true)
    try folder.write("train/images/1.tif", Writer(channels: 2, bits: 16).bytes())
    let channels = #expect(throws: DataError.self) { try Self.loaded(folder) }
    #expect(channels?.description.contains("1.tif") == true)
    #expect(channels?.message.contains("2 channels, expected 4") == true)
    try folder.write("train/images/1.tif", Array(Writer(bits: 16).bytes().prefix(40)))
    let cut = #expect(throws: DataError.self) { try Self.loaded(folder) }
    #expect(cut?.message.contains("1 of 2 pairs") == true)
  }
}
