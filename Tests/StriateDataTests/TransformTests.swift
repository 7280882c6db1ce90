import StriateCore
import StriateData
import Testing

@Suite struct TransformTests {
  /// Text, and what it is read as and written back.
  static let texts: [(String, String)] = [
    ("none", "none"), ("flip", "flip"), ("flip(0.5)", "flip"), ("flip(p=0.25)", "flip(0.25)"),
    ("cifar", "random-crop(padding=4),flip"),
    (" cifar , cutout( 8 ) ", "random-crop(padding=4),flip,cutout(8)"),
    ("imagenet", "random-resized-crop,flip"),
    ("imagenet,randaugment", "random-resized-crop,flip,randaugment"),
    ("random-resized-crop(scale=0.35..1)", "random-resized-crop(scale=0.35..1)"),
    (
      "random-resized-crop(224x192,0.5..1,1..1,bicubic)",
      "random-resized-crop(224x192,scale=0.5..1,ratio=1..1,interpolation=bicubic)"
    ),
    ("pad-and-crop(4,reflect)", "random-crop(padding=4,mode=reflect)"),
    ("resize(256),center-crop(224)", "resize(256),center-crop(224)"),
    ("resize(320x240,interpolation=lanczos)", "resize(320x240,interpolation=lanczos)"),
    ("resize", "resize"), ("random-resize(256..480)", "random-resize(256..480)"),
    (
      "random-resize(8..8,bicubic),flip",
      "random-resize(8..8,interpolation=bicubic),flip"
    ),
    ("color-jitter(0.4)", "color-jitter(0.4)"),
    ("color-jitter(0.4,hue=0.1)", "color-jitter(0.4,hue=0.1)"),
    ("color-jitter(0.4,0.4,0.4,0.1)", "color-jitter(0.4,hue=0.1)"),
    ("color-jitter(brightness=0.2)", "color-jitter(brightness=0.2)"),
    ("rotate(15)", "rotate(15)"),
    ("rotate(-5..20,bilinear,fill=128)", "rotate(-5..20,interpolation=bilinear,fill=128)"),
    ("affine(10,0.1,0.9..1.1,shear=5)", "affine(10,translate=0.1,scale=0.9..1.1,shear=5)"),
    ("affine(squeeze=0.2)", "affine(squeeze=0.2)"),
    (
      "digits",
      "affine(translate=0.1,scale=0.85..1.15,shear=15,squeeze=0.15,interpolation=bilinear)"
    ),
    ("lighting", "lighting"), ("grayscale(0.2)", "grayscale(0.2)"),
    ("solarize(128,0.5)", "solarize"),
    ("posterize(4)", "posterize(4)"), ("gaussian-blur(5,0.1..2)", "gaussian-blur(5)"),
    (
      "equalize,autocontrast,invert,sharpness(2,p=1),vertical-flip",
      "equalize,autocontrast,invert,sharpness(2,p=1),vertical-flip"
    ),
    ("randaugment(ops=3,magnitude=12)", "randaugment(ops=3,magnitude=12)"),
    ("random-erasing(0.25,scale=0.02..0.2)", "random-erasing(0.25,scale=0.02..0.2)"),
  ]

  @Test(arguments: texts) func readsAndWrites(_ text: String, _ written: String) throws {
    let pipeline = try Pipeline(text)
    #expect(pipeline.description == written)
    #expect(try Pipeline(written) == pipeline)
  }

  @Test func everyScaleIsDrawn() throws {
    let image = try Image(width: 40, height: 20, color: [1, 2, 3])
    let step = RandomResize(5...8)
    var seen: Set<ImageSize> = []
    for index in 0..<100 {
      var random = RandomStream(seed: 1, "scale", index)
      let changed = try step.apply(image, for: ImageSize(width: 4, height: 4), &random)
      #expect(changed.width == 2 * changed.height)
      seen.insert(changed.size)
    }
    #expect(Set(seen.map(\.height)) == [5, 6, 7, 8])
  }

  /// A squeeze makes as much wider as it makes lower, about the middle.
  @Test func squeezes() throws {
    let side = 16
    let pixels = (0..<(side * side)).map { at -> UInt8 in
      (6..<10).contains(at / side) && (6..<10).contains(at % side) ? 255 : 0
    }
    let image = try Image(width: side, height: side, channels: 1, pixels: pixels)
    var map = AffineMap()
    map.squeeze = 2
    let found = image.mapped(map)
    let inked = found.pixels.indices.filter { found.pixels[$0] > 0 }
    #expect(Set(inked.map { $0 / side }) == Set(7..<9))
    #expect(Set(inked.map { $0 % side }) == Set(4..<12))
    #expect(inked.count == 16)
  }

  /// Text, the character that the fault is at, and what is said of it.
  static let faults: [(String, Int, String)] = [
    ("", 1, "expected the name"), ("flp", 1, "did you mean flip"),
    ("cifar,,flip", 7, "expected the name"),
    ("cifar,cutuot(8)", 7, "did you mean cutout"), ("flip)", 5, "expected a comma"),
    ("flip(", 6, "expected an argument"),
    ("flip(0.5", 9, "expected ')'"), ("flip(p=)", 8, "expected a value"),
    ("flip(2)", 6, "from 0 to 1"),
    ("flip(nan)", 6, "from 0 to 1"), ("flip(0.1,0.2)", 10, "one too many"),
    ("flip(q=1)", 6, "takes p, not 'q'"),
    ("flip(p=1,p=1)", 10, "twice"), ("cutout", 1, "size is missing"), ("cutout(0)", 8, "from 1 to"),
    ("cutout(8),flip", 11, "cannot come after"), ("cifar(4)", 1, "no arguments"),
    ("none,flip", 1, "no transform 'none'"),
    ("random-resized-crop(scale=1..0.5)", 21, "range"),
    ("random-resized-crop(scale=0.5)", 21, "range"),
    ("random-resized-crop(0)", 21, "pixels"), ("random-resized-crop(8x8x8)", 21, "pixels"),
    ("random-resized-crop(interpolation=cubic)", 21, "bicubic"),
    ("rotate", 1, "degrees is missing"),
    ("rotate(400)", 8, "range"), ("affine(interpolation=lanczos)", 8, "nearest or bilinear"),
    ("gaussian-blur(4)", 15, "odd"), ("posterize(9)", 11, "from 1 to 8"),
    ("random-resize", 1, "side is missing"), ("random-resize(256)", 15, "range"),
    ("random-resize(0..5)", 15, "within"), ("random-resize(9..8)", 15, "range"),
    ("randaugment(magnitude=31)", 13, "from 0 to 30"),
    ("cutout(99999999999999999999)", 8, "whole number"),
    ("color-jitter(1e400)", 14, "from 0 to 2"),
    ("color-jitter", 1, "color-jitter(0.4)"), ("color-jitter()", 1, "color-jitter(0.4)"),
  ]

  @Test(arguments: faults) func refuses(_ text: String, _ at: Int, _ said: String) {
    let error = #expect(throws: DataError.self) { try Pipeline(text) }
    #expect(error?.message.contains("character \(at):") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains(said) == true, "\(error?.message ?? "")")
  }

  /// Every transform keeps grey grey, colours colours, and gives the extent that was asked for.
  @Test(arguments: Pipeline.grammar.map(\.name), [1, 3])
  func worksOnBothKinds(_ name: String, _ channels: Int) throws {
    let needed = [
      "rotate": "(30)", "cutout": "(4)", "posterize": "(3)", "sharpness": "(2)",
      "gaussian-blur": "(3)", "color-jitter": "(0.4)", "random-resize": "(5..9)",
    ]
    let pipeline = try Pipeline(name + (needed[name] ?? ""))
    for (width, height) in [(1, 1), (2, 9), (40, 3), (33, 21)] {
      let image = try Self.gradient(width, height, channels)
      for draw in 0..<4 {
        var random = RandomStream(seed: 1, draw)
        let made = try pipeline.apply(image, for: ImageSize(width: 8, height: 6), &random).image
        #expect(made.channels == channels)
        // Of the shorter side alone the extent is not the network's.
        if pipeline.setsSize, name != "random-resize" {
          #expect(made.size == ImageSize(width: 8, height: 6))
        }
      }
    }
  }

  @Test func randomPartsCoverTheirRanges() throws {
    let rule = RandomResizedCrop(scale: 0.2...0.8, ratio: 0.5...2)
    let size = ImageSize(width: 400, height: 300)
    var random = RandomStream(seed: 3, "parts")
    var (areas, ratios, corners): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<4000 {
      let part = rule.part(of: size, &random)
      #expect(part.x >= 0 && part.y >= 0)
      #expect(part.x + part.size.width <= 400 && part.y + part.size.height <= 300)
      areas.append(Double(part.size.width * part.size.height) / 120_000)
      ratios.append(Double(part.size.width) / Double(part.size.height))
      corners.append(Double(part.x) / Double(max(400 - part.size.width, 1)))
    }
    #expect(areas.min().map { $0 > 0.19 && $0 < 0.22 } == true)
    #expect(areas.max().map { $0 < 0.81 && $0 > 0.7 } == true)
    #expect(ratios.min().map { $0 > 0.48 && $0 < 0.56 } == true)
    #expect(ratios.max().map { $0 < 2.06 && $0 > 1.8 } == true)
    #expect(abs(corners.reduce(0, +) / 4000 - 0.5) < 0.03)
  }

  @Test func shapesThatFitNowhereGetTheLargestMiddle() {
    var random = RandomStream(seed: 0, "wide")
    let rule = RandomResizedCrop(scale: 1...1, ratio: 0.75...1.25)
    let part = rule.part(of: ImageSize(width: 100, height: 10), &random)
    #expect(part == ImageRect(x: 44, y: 0, width: 12, height: 10))
  }

  @Test func probabilitiesAreKept() throws {
    let image = try Self.gradient(4, 1, 1)
    for share in [0.0, 0.25, 0.5, 1] {
      var random = RandomStream(seed: 5, "flips")
      let pipeline = try Pipeline("flip(\(share))")
      var count = 0
      for _ in 0..<4000 where try pipeline.apply(image, for: image.size, &random).image != image {
        count += 1
      }
      #expect(abs(Double(count) / 4000 - share) < 0.03)
    }
  }

  @Test func paddedCropsReachEveryPlace() throws {
    let image = try Self.gradient(6, 6, 1)
    var places: Set<[UInt8]> = []
    var random = RandomStream(seed: 2, "crops")
    let pipeline = try Pipeline("pad-and-crop(2)")
    for _ in 0..<1500 {
      places.insert(try pipeline.apply(image, for: image.size, &random).image.pixels)
    }
    #expect(places.count == 25)
  }

  @Test func blanksHaveTheirSize() throws {
    var random = RandomStream(seed: 9, "cutout")
    let size = ImageSize(width: 32, height: 32)
    var area = 0.0
    for _ in 0..<3000 {
      let blanks = RandomErasing(probability: 1).blanks(in: size, &random)
      let blank = try #require(blanks.first)
      #expect(blank.x >= 0 && blank.y >= 0 && blank.x + blank.size.width <= 32)
      area += Double(blank.size.width * blank.size.height) / 1024
      let square = try #require(Cutout(8).blanks(in: size, &random).first)
      #expect(square.size == ImageSize(width: 8, height: 8) && square.x >= -4 && square.x <= 27)
    }
    #expect(abs(area / 3000 - 0.175) < 0.02)
  }

  @Test func lightHasTheColoursOfPhotographs() throws {
    var random = RandomStream(seed: 4, "light")
    let image = try Image(width: 1, height: 1, color: [128, 128, 128])
    let changes = try (0..<4000).map { _ in
      try Lighting(0.1).apply(image, for: image.size, &random).pixels.map { Double($0) - 128 }
    }
    for channel in 0..<3 {
      let squares = changes.map { $0[channel] * $0[channel] }.reduce(0, +) / 4000
      let expected = zip([0.2175, 0.0188, 0.0045], vectors[channel]).reduce(0) {
        $0 + ($1.0 * $1.1 * 25.5) * ($1.0 * $1.1 * 25.5)
      }
      #expect(abs(squares - expected) / expected < 0.12)
    }
  }

  private let vectors = [
    [-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203],
  ]

  static func gradient(_ width: Int, _ height: Int, _ channels: Int) throws -> Image {
    try Image(
      width: width, height: height, channels: channels,
      pixels: (0..<(width * height * channels)).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
  }
}
