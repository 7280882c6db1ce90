import StriateCore
import StriateData
import Testing

@Suite struct LoaderMemoryTests {
  /// The goldens' images, each filled into a fixed shape.
  private struct Filled: SampleDataset {
    let images: ImageFolder
    let count: Int
    let inputShape: Shape = [3, 64, 64]
    var classNames: [String] { [] }

    func sample(at index: Int) throws -> (input: [Float], label: Int) {
      let image = try images.image(at: index % images.count)
      var values = image.pixels.map { Float($0) }
      values += [Float](repeating: 0, count: max(inputShape.count - values.count, 0))
      return (
        Array(values.prefix(inputShape.count)), Int(try images.label(at: index % images.count))
      )
    }
  }

  /// Memory is that of the batches held ready, however many went by and however large they were.
  @Test func memoryIsBounded() throws {
    guard resident() != nil else { return }
    let folder = try Scratch()
    for name in ["ycc-420.jpg", "progressive.jpg", "cmyk.jpg", "row.jpg", "rgb.png", "grey.jpg"] {
      try folder.write("a/\(name)", Pictures.bytes(name))
    }
    let images = try ImageFolder(folder.path)
    func run(_ batches: Int) throws {
      var done = 0
      while done < batches {
        let size = 1 + done * 7 % 32
        let loader = try Loader(
          Filled(images: images, count: size * 20), batchSize: size, shuffle: true, threads: 2,
          prefetch: 4)
        let stream = loader.batches(epoch: done)
        while let batch = try stream.next() { done += batch.count > 0 ? 1 : 0 }
      }
    }
    try run(200)
    let before = try #require(resident())
    try run(1000)
    let after = try #require(resident())
    #expect(after - before < 16 << 20, "\((after - before) >> 10) KiB more after 1,000 batches")
  }

  /// The memory that the process occupies, where the system tells.
  private func resident() -> Int? {
    // Files of /proc have no size, so they are read up to a bound.
    guard let file = try? InputFile("/proc/self/statm"),
      let bytes = try? file.bytes(at: 0, count: 256)
    else { return nil }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Int(words[1]).map { $0 * 4096 } : nil
  }
}
