import StriateCore
import StriateData

/// Prints the memory that the process holds before and after a thousand batches of changing sizes:
/// `batches=1000 before=31457280 after=31457280`, or `unavailable` where the system does not tell.
enum LoaderProbe {
  /// Images of any size, each filled into one shape.
  private struct Filled: SampleDataset {
    let images: ImageFolder
    let count: Int
    let inputShape: Shape = [3, 64, 64]
    var classNames: [String] { [] }

    func sample(at index: Int) throws -> (input: [Float], label: Int) {
      let place = index % images.count
      var values = try images.image(at: place).pixels.prefix(inputShape.count).map { Float($0) }
      values += [Float](repeating: 0, count: inputShape.count - values.count)
      return (values, Int(try images.label(at: place)))
    }
  }

  static func run(on folder: String) throws {
    guard resident() != nil else {
      print("unavailable")
      return
    }
    let images = try ImageFolder(folder)
    func load(_ batches: Int) throws {
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
    try load(1000)
    let before = resident() ?? 0
    try load(1000)
    print("batches=1000 before=\(before) after=\(resident() ?? 0)")
  }

  /// The bytes that the process occupies, where the system tells.
  private static func resident() -> Int? {
    // Files of /proc have no size, so they are read up to a bound.
    guard let file = try? InputFile("/proc/self/statm"),
      let bytes = try? file.bytes(at: 0, count: 256)
    else { return nil }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Int(words[1]).map { $0 * 4096 } : nil
  }
}
