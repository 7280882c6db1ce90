import CCodecs
import StriateCore

/// What the images of a data set are like: how many of each class, how large, how bright.
public struct ImageStatistics: Sendable {
  /// The least, the middle and the greatest of some numbers; the middle of an even count is the lower of
  /// the two.
  public struct Range: Sendable, Hashable {
    /// The least, the middle and the greatest.
    public var min, median, max: Int

    init(_ values: [Int]) {
      let sorted = values.sorted()
      min = sorted.first ?? 0
      median = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
      max = sorted.last ?? 0
    }
  }

  /// Images that could be decoded.
  public private(set) var count = 0
  /// Images of each class, in the order of the labels.
  public private(set) var classCounts: [Int]
  /// Pixels a row.
  public private(set) var width = Range([])
  /// Rows.
  public private(set) var height = Range([])
  /// 1 where all images are grey, else 3.
  public private(set) var channels = 1
  /// The mean of each channel over all pixels, on the scale from 0 to 1.
  public private(set) var mean: [Double] = []
  /// The deviation of each channel over all pixels, on the scale from 0 to 1.
  public private(set) var std: [Double] = []
  /// Images that could not be decoded.
  public private(set) var broken: [BadFile] = []
  /// Groups of images whose pixels are equal, by their numbers in the data set; empty where not asked for.
  public private(set) var duplicates: [[Int]] = []

  /// What one thread has seen.
  fileprivate struct Part: Sendable {
    var sizes: [(width: Int, height: Int)] = []
    var labels: [Int: Int] = [:]
    var counts = [UInt64](repeating: 0, count: 768)
    var isColored = false
    var broken: [(Int, BadFile)] = []
    var hashes: [(hash: Int, index: Int)] = []
  }

  /// Decodes every image.
  ///
  /// - Parameters:
  ///   - findsDuplicates: whether images with equal pixels are looked for.
  ///   - threads: threads that decode; by default as many as there are processors.
  public init(_ dataset: any ImageDataset, findsDuplicates: Bool = false, threads: Int? = nil) {
    let gathered = Parallel.Guarded(Part())
    Parallel.forEach(dataset.count, threads: threads ?? Folder.processors) { range in
      var part = Part()
      for index in range { part.add(dataset, index, findsDuplicates) }
      gathered.update { $0.merge(part) }
    }
    let sum = gathered.value
    classCounts = Array(repeating: 0, count: dataset.classNames.count)
    for (label, number) in sum.labels {
      while classCounts.count <= label { classCounts.append(0) }
      classCounts[label] += number
    }
    count = sum.sizes.count
    width = Range(sum.sizes.map(\.width))
    height = Range(sum.sizes.map(\.height))
    channels = sum.isColored ? 3 : 1
    broken = sum.broken.sorted { $0.0 < $1.0 }.map(\.1)
    for channel in 0..<channels {
      let (mean, std) = Self.moments(Array(sum.counts[(256 * channel)..<(256 * (channel + 1))]))
      self.mean.append(mean)
      self.std.append(std)
    }
    duplicates = Dictionary(grouping: sum.hashes, by: \.hash).values.filter { $0.count > 1 }
      .map { $0.map(\.index).sorted() }.sorted { $0[0] < $1[0] }
  }

  /// Mean and deviation, on the scale from 0 to 1, of bytes that occur so many times.
  static func moments(_ counts: [UInt64]) -> (Double, Double) {
    let total = Double(max(counts.reduce(0, +), 1))
    let mean = counts.enumerated().reduce(0) { $0 + Double($1.offset) * Double($1.element) } / total
    let variance =
      counts.enumerated().reduce(0) { sum, entry in
        let distance = Double(entry.offset) - mean
        return sum + distance * distance * Double(entry.element)
      } / total
    return (mean / 255, variance.squareRoot() / 255)
  }
}

extension ImageStatistics.Part {
  mutating func add(_ dataset: any ImageDataset, _ index: Int, _ hashes: Bool) {
    do {
      let image = try dataset.image(at: index, minimum: nil)
      let label = try dataset.label(at: index)
      if label >= 0, label < 1 << 20 { labels[Int(label), default: 0] += 1 }
      sizes.append((image.width, image.height))
      isColored = isColored || image.channels == 3
      codecs_histogram_channels(
        image.pixels, image.width * image.height, image.channels, &counts)
      if hashes {
        var hasher = Hasher()
        hasher.combine(image)
        self.hashes.append((hasher.finalize(), index))
      }
    } catch {
      let reason = (error as? DataError)?.message ?? "\(error)"
      broken.append((index, BadFile(name: dataset.name(at: index), reason: reason)))
    }
  }

  mutating func merge(_ other: Self) {
    sizes += other.sizes
    labels.merge(other.labels, uniquingKeysWith: +)
    for at in counts.indices { counts[at] += other.counts[at] }
    isColored = isColored || other.isColored
    broken += other.broken
    hashes += other.hashes
  }
}
