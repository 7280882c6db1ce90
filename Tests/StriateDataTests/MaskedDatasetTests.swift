import Foundation
import StriateCore
import StriateData
import Testing

/// Image and mask stay together whatever moves them; what does not fit is named.
@Suite(.enabled(if: (try? Image(width: 1, height: 1, channels: 1, pixels: [0]).png()) != nil))
struct MaskedDatasetTests {
  /// A folder in `segfolder`'s layout.
  private final class Made {
    let path = NSTemporaryDirectory() + "masks-\(UUID().uuidString)"

    init() throws {
      for folder in ["train/images", "train/masks"] {
        try FileManager.default.createDirectory(
          atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// An image whose red is 50 times the class of each pixel, so that both can be compared after any change.
    func add(
      _ name: String, width: Int = 40, height: Int = 30, mask size: (Int, Int)? = nil,
      label: (Int, Int) -> Int32 = { x, y in Int32((x / 10 + y / 10) % 4) }
    ) throws {
      var pixels: [UInt8] = []
      for place in 0..<(width * height) {
        pixels += [UInt8(clamping: 50 * label(place % width, place / width)), 7, 200]
      }
      try Data(Image(width: width, height: height, channels: 3, pixels: pixels).png())
        .write(to: URL(filePath: "\(path)/train/images/\(name).png"))
      let (w, h) = size ?? (width, height)
      let mask = try Mask(
        width: w, height: h, labels: (0..<(w * h)).map { label($0 % w, $0 / w) })
      try Data(mask.png()).write(to: URL(filePath: "\(path)/train/masks/\(name).png"))
    }
  }

  @Test(
    "geometry moves image and mask alike",
    arguments: [
      "flip", "vertical-flip", "flip(1),random-crop(padding=6)",
      "random-resized-crop(interpolation=nearest)", "rotate(30)", "color-jitter(hue=0)",
      "random-resize(20..50,interpolation=nearest),random-crop(24x20)",
    ])
  func together(_ augmentation: String) throws {
    let made = try Made()
    for name in ["a", "b", "c"] { try made.add(name) }
    let folder = try SegmentationFolder(made.path)
    let preprocessing = try Preprocessing(
      input: [3, 20, 24], resizeSize: nil, interpolation: .nearest, mean: [0, 0, 0],
      std: [1, 1, 1])
    let data = try MaskedDataset(
      folder.train, preprocessing, augmentation: Pipeline(augmentation))
    let isColored = augmentation.hasPrefix("color")
    var (moved, ignored) = (Set<[Int32]>(), 0)
    for epoch in 0..<6 {
      for index in 0..<data.count {
        let example = try data.example(index, draw: SampleDraw(seed: 5, epoch: epoch))
        let red = example[0].scalars(as: Float.self).prefix(480).map {
          Int32(($0 * 255 / 50).rounded())
        }
        let labels = example[1].scalars(as: Int32.self)
        moved.insert(labels)
        for (seen, label) in zip(red, labels) {
          if label == 255 {
            ignored += 1
            #expect(isColored || seen == 0)
          } else if !isColored {
            #expect(seen == label)
          }
        }
      }
    }
    #expect(moved.count > 1 || isColored)
    if augmentation.hasPrefix("rotate") || augmentation.contains("padding") {
      #expect(ignored > 0)
    }
    // Without draws nothing moves.
    #expect(
      try data.example(0)[1].scalars(as: Int32.self)
        == MaskedDataset(folder.train, preprocessing).example(0)[1].scalars(as: Int32.self))
  }

  @Test("what masks cannot follow is refused by name")
  func refused() throws {
    let made = try Made()
    try made.add("a")
    let preprocessing = try Preprocessing(
      input: [3, 20, 24], resizeSize: nil, mean: [0, 0, 0], std: [1, 1, 1])
    let source = try SegmentationFolder(made.path).train
    let error = #expect(throws: DataError.self) {
      try MaskedDataset(source, preprocessing, augmentation: Pipeline("flip,randaugment"))
    }
    #expect(error?.message.contains("randaugment") == true)
  }

  @Test("pairs that do not fit are named and counted, or left out by name")
  func bad() throws {
    let made = try Made()
    try made.add("sound")
    try made.add("small", mask: (20, 30))
    try made.add("beyond") { x, _ in x < 3 ? 9 : 1 }
    try made.add("lonely")
    try FileManager.default.removeItem(atPath: "\(made.path)/train/masks/lonely.png")
    try Data("disc\nring\nbar\nrest\n".utf8).write(
      to: URL(filePath: "\(made.path)/classes.txt"))
    let error = #expect(throws: DataError.self) { try SegmentationFolder(made.path) }
    for words in ["3 of 4", "small.png", "20×30", "beyond.png", "class 9", "lonely.png", "no mask"]
    {
      #expect(error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
    }
    let kept = try SegmentationFolder(made.path, badFiles: .skip).train
    #expect(kept.count == 1 && kept.badFiles.count == 3)
    #expect(kept.classNames == ["disc", "ring", "bar", "rest"])
  }

  @Test("numbers of objects are of one class, also the one that elsewhere does not count")
  func instances() throws {
    let made = try Made()
    try made.add("a") { x, y in x < 5 ? 0 : y < 10 ? 255 : Int32(x) }
    let source = try SegmentationFolder(made.path, instances: true).train
    #expect(source.classNames == ["background", "object"])
    let counts = try source.mask(0).counts
    #expect(counts.map(\.label) == [0, 1] && counts.map(\.pixels) == [150, 1050])
  }

  @Test("an index parts one folder of images; what it names must be there")
  func index() throws {
    let made = try Made()
    for name in ["a", "b", "c"] { try made.add(name) }
    let flat = "\(made.path)/train"
    func write(_ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: "\(flat)/index.csv"))
    }
    try write("name,split\na,train\nb.png,train\nc,test\n")
    let folder = try SegmentationFolder(flat)
    #expect(folder.train.count == 2 && folder.test?.count == 1 && folder.validation == nil)
    for (text, words) in [
      ("name,split\na,train\nz,test\n", "'z'"), ("name,part\na,train\n", "name and split"),
      ("name,split\na,everything\n", "'everything'"), ("name,split\na\n", "line 2"),
    ] {
      try write(text)
      let error = #expect(throws: DataError.self) { try SegmentationFolder(flat) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }
}
