import Striate
import StriateTestSupport
import Testing

/// Transforms against the pixels of Pillow and torchvision.
@Suite struct TransformGoldenTests {
  private static let golden = Result { try Golden("transforms") }
  private static let tensors = (try? golden.get())?.tensors.names ?? []
  static let names = tensors.filter { $0.hasPrefix("rgb/") || $0.hasPrefix("grey/") }.sorted()

  @Test func thereAreGoldens() {
    #expect(Self.names.count >= 180)
  }

  @Test(arguments: names) func isPillows(_ name: String) throws {
    let golden = try Self.golden.get()
    let mark = try #require(name.firstIndex(of: "/"))
    let source = try image(golden[String(name[..<mark])])
    let operation = String(name[name.index(after: mark)...])
    let made = try #require(try Self.apply(operation, to: source), "unknown: \(operation)")
    let expected = try golden[name]
    #expect([made.height, made.width, made.channels] == expected.shape.dims)
    let values = expected.scalars(as: UInt8.self)
    try #require(values.count == made.pixels.count)
    let worst = zip(values, made.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    // A separable blur rounds its sums otherwise than a square one.
    #expect(worst <= (operation.hasPrefix("blur") ? 1 : 0), "differs by \(worst)")
  }

  @Test(arguments: [Interpolation.bilinear, .bicubic])
  func preparesAsTorchvisionEvaluates(_ interpolation: Interpolation) throws {
    let golden = try Self.golden.get()
    let preprocessing = try Preprocessing(
      input: [3, 16, 16], resizeSize: 18, interpolation: interpolation,
      mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    let found = try preprocessing.tensor(image(golden["rgb"]))
    let expected = try golden["tensor/\(interpolation.rawValue)"]
    #expect(found.shape == expected.shape)
    #expect(agreement(found, expected) < 1e-6)
  }

  @Test(arguments: [0, 9, 30]) func strengths(_ magnitude: Int) throws {
    let expected = try Self.golden.get()["strength/\(magnitude)"].scalars(as: Double.self)
    let rule = RandAugment(magnitude: magnitude)
    let size = ImageSize(width: 30, height: 26)
    let found = RandAugment.Change.allCases.map { rule.strength($0, size) }
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-4) }
  }

  private func image(_ tensor: HostTensor) throws -> Image {
    try Image(
      width: tensor.shape[1], height: tensor.shape[0], channels: tensor.shape[2],
      pixels: tensor.scalars(as: UInt8.self))
  }

  /// What the script's operation of this name is here; nil where there is none.
  private static func apply(_ operation: String, to image: Image) throws -> Image? {
    let words = operation.split(separator: " ").map(String.init)
    let last = words.last ?? ""
    let number = words.count > 1 ? Double(words[1]) ?? 0 : 0
    let style = MapStyle(interpolation: Interpolation(rawValue: last) ?? .nearest, fill: 9)
    switch words[0] {
    case "resize":
      let sides = words[1].split(separator: "x").compactMap { Int($0) }
      let method = try #require(Interpolation(rawValue: last))
      return try image.resized(ImageSize(width: sides[0], height: sides[1]), method)
    case "shorter": return try changed(image, "resize(\(words[1]))")
    case "center": return try changed(image, "center-crop(\(words[1]))")
    case "part":
      let part = ImageRect(x: 3, y: 5, width: 17, height: 11)
      let method = try #require(Interpolation(rawValue: last))
      return try image.resized(from: part, ImageSize(width: 20, height: 14), method)
    case "flip": return image.flipped()
    case "vertical-flip": return image.flipped(vertically: true)
    case "pad":
      let around = ImageRect(x: -4, y: -4, width: image.width + 8, height: image.height + 8)
      return try image.cropped(to: around, edge: Edge(rawValue: last) ?? .zero)
    case "five": return try stacked(image.fiveCrop(ImageSize(width: 12, height: 12)))
    case "ten": return try stacked(image.tenCrop(ImageSize(width: 12, height: 12)))
    case "grayscale": return try changed(image, "grayscale(1)")
    case "brightness": return image.brightened(number)
    case "contrast": return image.contrasted(number)
    case "saturation": return image.saturated(number)
    case "sharpness": return try changed(image, "sharpness(\(words[1]),p=1)")
    case "hue": return image.hueTurned(number)
    case "solarize": return try changed(image, "solarize(\(words[1]),p=1)")
    case "posterize": return try changed(image, "posterize(\(words[1]),p=1)")
    case "equalize", "autocontrast", "invert": return try changed(image, "\(words[0])(1)")
    case "blur": return try image.blurred(taps: Int(number), sigma: Double(last) ?? 0)
    case "rotate": return image.rotated(number, style)
    case "affine": return image.mapped(maps[Int(number)], style)
    case "randaugment": return try randAugment(words, image)
    default: return nil
    }
  }

  private static let maps = [
    AffineMap(angle: 20, translate: [3, -2], scale: 1.3, shear: [8, 5]),
    AffineMap(angle: -75, scale: 0.6), AffineMap(translate: [4, 1]),
  ]

  private static func changed(_ image: Image, _ text: String) throws -> Image {
    var random = RandomStream(seed: 0, "golden")
    return try Pipeline(text).apply(image, for: image.size, &random).image
  }

  private static func randAugment(_ words: [String], _ image: Image) throws -> Image {
    let names = RandAugment.Change.allCases
    let change = try #require(names.first { "\($0)".lowercased() == words[1].lowercased() })
    let strength = RandAugment().strength(change, image.size)
    return image.changed(by: change, (Double(words[2]) ?? 0) * strength)
  }

  private static func stacked(_ images: [Image]) throws -> Image {
    try Image(
      width: 12, height: 12 * images.count, channels: images[0].channels,
      pixels: images.flatMap(\.pixels))
  }
}
