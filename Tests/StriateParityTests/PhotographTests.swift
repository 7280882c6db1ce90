import StriateCore
import StriateData
import StriateFormats
import Testing

/// Photographs as torchvision prepares them, which Tools/goldens/photographs.py writes: too large to be kept.
@Suite struct PhotographTests {
  private static let places = (InputFile.environment("STRIATE_PHOTOGRAPHS") ?? "")
    .split(separator: ":").map(String.init)

  @Test(
    "Golden: photographs are prepared as torchvision does it",
    .enabled(
      if: places.count == 2,
      "set STRIATE_PHOTOGRAPHS to the photographs' folder and the one photographs.py wrote, A:B"))
  func photographs() throws {
    let golden = try Safetensors.read("\(Self.places[1])/photographs.safetensors").tensors
    var (worst, worstMean, sum, count) = (0, 0.0, 0.0, 0)
    for name in golden.names.sorted() {
      let parts = name.split(separator: "|").map(String.init)
      try #require(parts.count == 4)
      let (resize, crop) = try (#require(Int(parts[1])), #require(Int(parts[2])))
      let preprocessing = try Preprocessing(
        input: [3, crop, crop], resizeSize: resize,
        interpolation: #require(Interpolation(rawValue: parts[3])), mean: [0, 0, 0],
        std: [1, 1, 1])
      let found = try preprocessing.fit(Image(file: "\(Self.places[0])/\(parts[0])"))
      let expected = try #require(golden[name]).scalars(as: UInt8.self)
      try #require(expected.count == found.pixels.count)
      let errors = zip(expected, found.pixels).map { Swift.abs(Int($0) - Int($1)) }
      let (most, mean) = (errors.max() ?? 0, Double(errors.reduce(0, +)) / Double(errors.count))
      #expect(most <= 2 && mean <= 0.3, "\(name): \(most)/255 at most, \(mean)/255 on average")
      (worst, worstMean) = (max(worst, most), max(worstMean, mean))
      (sum, count) = (sum + mean, count + 1)
    }
    #expect(count > 0)
    print(
      "\(count) prepared photographs: \(worst)/255 at most, \(worstMean)/255 on average in the worst, "
        + "\(sum / Double(max(count, 1)))/255 in all")
  }
}
