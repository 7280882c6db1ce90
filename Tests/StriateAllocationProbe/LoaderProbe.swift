import CAllocationProbe
import StriateCore
import StriateData

/// Prints the bytes that are allocated after each four hundred batches of changing sizes:
/// `allocated 612288 614528 …`, or `unavailable` where the allocator does not tell.
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
    guard ap_bytes_in_use() > 0 else {
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
    var sizes: [Int64] = []
    for _ in 0..<6 {
      try load(400)
      sizes.append(ap_bytes_in_use())
    }
    print("allocated", sizes.map(String.init).joined(separator: " "))
  }
}
