import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// From images to samples: sizes, chances, held-out parts.
@Suite struct PreparationTests {
  static let everything = """
    resize(20),random-resized-crop(16),flip,vertical-flip,rotate(20,bilinear),affine(10,0.1,0.9..1.1,5),\
    color-jitter(0.4,hue=0.1),lighting,grayscale,solarize,posterize(4),equalize,autocontrast,sharpness(2),\
    invert,gaussian-blur(3),pad-and-crop(2,reflect),randaugment,random-erasing,cutout(5)
    """

  /// All values of an epoch in the order of the samples' numbers.
  private func values(
    _ data: any Dataset, threads: Int, epoch: Int = 0, seed: UInt64 = 0, batchSize: Int = 5
  ) throws -> [[Float]] {
    let loader = try Loader(
      data, batchSize: batchSize, shuffle: true, seed: seed, threads: threads, prefetch: 4)
    let stream = loader.batches(epoch: epoch)
    var rows: [Int: [Float]] = [:]
    while let batch = try stream.next() {
      let all = batch.inputs.scalars(as: Float.self)
      let size = all.count / batch.count
      for (row, index) in batch.indices.enumerated() {
        rows[index] = Array(all[(row * size)..<((row + 1) * size)])
      }
    }
    return rows.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test func pixelsDependOnSeedEpochAndSampleAlone() throws {
    let data = TransformedDataset(
      Stripes(count: 23), try preprocessing(16), augmentation: try Pipeline(Self.everything))
    let one = try values(data, threads: 1)
    #expect(one.count == 23)
    #expect(try values(data, threads: 4) == one)
    #expect(try values(data, threads: 0, batchSize: 23) == one)
    #expect(try values(data, threads: 4, epoch: 1) != one)
    #expect(try values(data, threads: 4, seed: 1) != one)
    // The same image at two places is changed in two ways.
    let twice = TransformedDataset(
      Stripes(count: 2, isAlike: true), try preprocessing(16),
      augmentation: try Pipeline(Self.everything))
    let pair = try values(twice, threads: 1)
    #expect(pair[0] != pair[1])
  }

  @Test func aSubsetDrawsAsItsSamplesDo() throws {
    let data = TransformedDataset(
      Stripes(count: 9), try preprocessing(16), augmentation: try Pipeline("random-resized-crop"))
    let whole = try values(data, threads: 1)
    let part = try Subset(data, indices: [7, 2])
    #expect(try values(part, threads: 1) == [whole[7], whole[2]])
  }

  @Test func withoutDrawsNothingIsChanged() throws {
    let plain = TransformedDataset(Stripes(count: 4), try preprocessing(16))
    let augmented = TransformedDataset(
      Stripes(count: 4), try preprocessing(16), augmentation: try Pipeline(Self.everything))
    for index in 0..<4 {
      #expect(try sample(plain, index) == sample(augmented, index))
    }
    #expect(throws: (any Error).self) { try sample(plain, 4) }
  }

  /// Blank parts are zero after normalisation, whatever the mean.
  @Test func blanksAreTheMean() throws {
    let data = TransformedDataset(
      Stripes(count: 1), try preprocessing(16), augmentation: try Pipeline("cutout(64)"))
    #expect(try values(data, threads: 1)[0].allSatisfy { $0 == 0 })
  }

  @Test func everySizeBecomesTheInput() throws {
    for text in ["none", "flip", "resize(300)", "center-crop(3)", "random-crop(5)", "cifar"] {
      let data = TransformedDataset(
        Stripes(count: 12), try preprocessing(16), augmentation: try Pipeline(text))
      #expect(try values(data, threads: 1).allSatisfy { $0.count == 3 * 256 }, "\(text)")
    }
  }

  /// IDX data through images have the bytes that they have without.
  @Test func theDetourThroughImagesChangesNothing() throws {
    let folder = try idxFolder()
    let source = try DataSource.parse("idx:\(folder.path)")
    let plain = try source.load()
    var request = DataSource.Request()
    request.preparation.interpolation = .bicubic
    let detour = try source.load(request)
    #expect(plain.preprocessing == nil && detour.preprocessing != nil)
    #expect(detour.train.inputShape == plain.train.inputShape)
    for index in 0..<plain.train.count {
      #expect(try sample(plain.train, index) == sample(detour.train, index))
    }
    #expect(try source.load(DataSource.Request()).preprocessing == nil)
    request.preparation.input = [3, 10, 12]
    let colored = try source.load(request)
    #expect(colored.train.inputShape == [3, 10, 12])
    #expect(colored.mean == [Float](repeating: plain.mean[0], count: 3))
  }

  @Test func heldOutSamplesAreOfEveryClass() throws {
    let folder = try idxFolder()
    let source = try DataSource.parse("idx:\(folder.path)@30")
    func parts(_ share: Double, _ seed: UInt64) throws -> (train: [Int32], test: [Int32]) {
      var request = DataSource.Request()
      request.preparation.validation = share
      request.seed = seed
      let splits = try source.load(request)
      #expect(splits.final?.count == 8)
      return (
        try (0..<splits.train.count).map { try sample(splits.train, $0).1 },
        try (0..<splits.test.count).map { try sample(splits.test, $0).1 }
      )
    }
    let found = try parts(0.2, 0)
    #expect(found.train.count + found.test.count == 30)
    #expect(Set(found.test) == [0, 1, 2, 3])
    #expect(try parts(0.2, 0) == found)
    #expect(try parts(0.001, 0).test.sorted() == [0, 1, 2, 3])
    #expect(try parts(0.999, 0).train.sorted() == [0, 1, 2, 3])
    var request = DataSource.Request()
    for share in [0, 1, -1, Double.nan] {
      request.preparation.validation = share
      #expect(throws: DataError.self) { try source.load(request) }
    }
  }

  @Test func foldersNeedAPartToMeasureOn() throws {
    let folder = try Scratch()
    let png = try Image(width: 9, height: 7, color: [200, 100, 50]).png()
    for name in ["a/1.png", "a/2.png", "b/1.png", "b/2.png"] { try folder.write(name, png) }
    let source = try DataSource.parse("imagefolder:\(folder.path)")
    var request = DataSource.Request()
    request.modelInput = [3, 8, 8]
    let error = #expect(throws: DataError.self) { try source.load(request) }
    #expect(error?.message.contains("--val-split") == true)
    request.preparation.validation = 0.5
    let splits = try source.load(request)
    #expect(splits.train.count == 2 && splits.test.count == 2)
    #expect(splits.preprocessing?.resizeSize == 8)
    #expect(splits.mean == [0.485, 0.456, 0.406])
    // A colour for which measured statistics are exact.
    request.preparation.normalization = .measured
    #expect(try source.load(request).mean == [0.7843, 0.3922, 0.1961])
    request.modelInput = nil
    #expect(throws: DataError.self) { try source.load(request) }
    request.modelInput = [3, 224, 224]
    #expect(try source.load(request).preprocessing?.resizeSize == 256)
    request.modelInput = [2, 8, 8]
    #expect(throws: DataError.self) { try source.load(request) }
    // A network that tells other classes apart.
    request.modelInput = [1, 8, 8]
    request.classNames = ["b", "c", "a"]
    let other = try source.load(request)
    #expect(Set(try (0..<2).map { try sample(other.test, $0).1 }) == [0, 2])
    request.classNames = ["b", "c"]
    #expect(throws: DataError.self) { try source.load(request) }
  }

  @Test func preparationsThatMakeNoSenseAreRefused() {
    let cases: [(Shape, Int?, [Float], [Float])] = [
      ([0, 8, 8], 8, [], []), ([3, 8], 8, [0, 0, 0], [1, 1, 1]), ([1, 0, 8], 8, [0], [1]),
      ([1, 8, 8], 0, [0], [1]), ([1, 8, 8], 8, [0, 0], [1, 1]), ([1, 8, 8], 8, [0], [0]),
      ([1, 8, 8], 8, [.nan], [1]), ([1, 8, 8], 8, [0], [.infinity]),
      ([3, 65536, 65536], 8, [0, 0, 0], [1, 1, 1]),
    ]
    for (shape, resize, mean, std) in cases {
      #expect(throws: DataError.self) {
        try Preprocessing(input: shape, resizeSize: resize, mean: mean, std: std)
      }
    }
  }

  private func preprocessing(_ side: Int) throws -> Preprocessing {
    try Preprocessing(
      input: [3, side, side], resizeSize: side, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4])
  }

  private func sample(_ data: any Dataset, _ index: Int) throws -> ([Float], Int32) {
    var values = [Float](repeating: 0, count: data.inputShape.count)
    var label: Int32 = -1
    try values.withUnsafeMutableBytes { values in
      try withUnsafeMutableBytes(of: &label) {
        try data.read(index, draw: nil, into: ExampleBuffers([values, $0]))
      }
    }
    return (values, label)
  }

  /// 40 training and 8 test images of 6 × 5 pixels in four classes.
  private func idxFolder() throws -> Scratch {
    let folder = try Scratch()
    for (name, count) in [("train", 40), ("test", 8)] {
      let pixels = (0..<(count * 30)).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }
      try folder.write("\(name)-images-idx3-ubyte", idx([count, 5, 6], pixels))
      try folder.write("\(name)-labels-idx1-ubyte", idx([count], (0..<count).map { UInt8($0 % 4) }))
    }
    return folder
  }
}

/// Images of several sizes and kinds, a function of the index.
struct Stripes: ImageDataset {
  var count: Int
  var isAlike = false
  let classNames = ["even", "odd"]

  func image(at index: Int, minimum: Int?) throws -> Image {
    guard (0..<count).contains(index) else { throw DataError(.invalidRequest, "no image \(index)") }
    let place = isAlike ? 0 : index
    let (width, height, channels) = (17 + place % 7 * 5, 19 + place % 3 * 8, place % 4 == 1 ? 1 : 3)
    return try Image(
      width: width, height: height, channels: channels,
      pixels: (0..<(width * height * channels)).map {
        UInt8(truncatingIfNeeded: ($0 / 3 % width) * 9 &+ $0 / width * (place + 3) &+ $0 % 3 * 40)
      })
  }
  func label(at index: Int) throws -> Int32 { Int32(index % 2) }
  func name(at index: Int) -> String { "stripes#\(index)" }
}
