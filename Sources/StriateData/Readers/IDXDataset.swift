import CCodecs
import StriateCore

/// Grey images and labels from a pair of IDX files, held in memory as bytes.
///
/// A value is `(byte / 255 − mean) / std`.
public struct IDXDataset: LabelledDataset {
  /// The number of samples.
  public let count: Int
  /// The shape of one sample.
  public let inputShape: Shape
  /// The names of the classes in the order of their labels.
  public let classNames: [String]
  /// The mean that is subtracted, on the scale from 0 to 1.
  public let mean: Float
  /// The deviation that is divided by, on the scale from 0 to 1.
  public let std: Float
  /// What the images' file is called in messages.
  let fileName: String
  private let images: IDXArray
  private let labels: [UInt8]
  private let table: [Float]

  /// Reads a pair of files, plain or gzipped.
  ///
  /// - Parameters:
  ///   - mean: subtracted from every value.
  ///   - std: divides every value; must be positive.
  ///   - classNames: every label must have a name; empty names them after the labels in the file.
  /// - Throws: `DataError` where a file is missing or damaged, or the two do not belong together.
  public init(
    images: String, labels: String, mean: Float = 0, std: Float = 1, classNames: [String] = []
  ) throws(DataError) {
    let pair = (try IDXArray(path: images), try IDXArray(path: labels))
    do throws(DataError) { try Self.checkImages(pair.0) } catch { throw error.at(path: images) }
    do throws(DataError) {
      try self.init(
        images: pair.0, labels: pair.1, mean: mean, std: std, classNames: classNames,
        fileName: images.split(separator: "/").last.map(String.init) ?? images)
    } catch {
      throw error.at(path: error.code == .invalidRequest ? images : labels)
    }
  }

  /// A data set of arrays in memory.
  ///
  /// - Throws: `DataError` where they do not belong together.
  public init(
    images: IDXArray, labels: IDXArray, mean: Float = 0, std: Float = 1, classNames: [String] = [],
    fileName: String = "images"
  ) throws(DataError) {
    try Self.checkImages(images)
    let shape = Shape(images.dims)
    guard labels.dims.count == 1 else {
      throw DataError(.malformed, "expected labels of one axis, found \(Shape(labels.dims))")
    }
    guard labels.bytes.count == shape[0] else {
      throw DataError(
        .malformed, "\(shape[0]) images, but \(labels.bytes.count) labels: the files are no pair")
    }
    guard std > 0, std.isFinite, mean.isFinite else {
      throw DataError(.invalidRequest, "mean \(mean) and std \(std): std must be positive")
    }
    let largest = Int(labels.bytes.max() ?? 0)
    let names = classNames.isEmpty ? (0...largest).map(String.init) : classNames
    if let bad = labels.bytes.firstIndex(where: { Int($0) >= names.count }) {
      throw DataError(
        .malformed,
        "label \(labels.bytes[bad]) of image \(bad) is outside the \(names.count) classes")
    }
    count = shape[0]
    inputShape = [1, shape[1], shape[2]]
    self.classNames = names
    self.mean = mean
    self.std = std
    self.fileName = fileName
    self.images = images
    self.labels = labels.bytes
    table = (0..<256).map { (Float($0) / 255 - mean) / std }
  }

  private static func checkImages(_ images: IDXArray) throws(DataError) {
    let shape = Shape(images.dims)
    guard shape.rank == 3, shape.count > 0 else {
      throw DataError(
        .malformed, "expected images of extents [count, height, width], found \(shape)")
    }
  }

  /// Writes a sample's values and returns its label.
  ///
  /// - Throws: `DataError` where there is no such sample, or the room is of another size.
  public func read(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) throws -> Int32 {
    guard labels.indices.contains(index) else { throw DataError.noSample(index, count) }
    let size = inputShape.count
    guard input.count == size else {
      throw DataError(.invalidRequest, "expected room for \(size) values, found \(input.count)")
    }
    images.bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      codecs_lookup_u8(base + index * size, table, input.baseAddress, size)
    }
    return Int32(labels[index])
  }

  /// A sample's class.
  ///
  /// - Throws: `DataError` where there is no such sample.
  func label(_ index: Int) throws(DataError) -> Int32 {
    guard labels.indices.contains(index) else { throw .noSample(index, count) }
    return Int32(labels[index])
  }

  /// A sample as the image that is in the file.
  ///
  /// - Throws: `DataError` where there is no such sample.
  public func image(_ index: Int) throws(DataError) -> Image {
    guard labels.indices.contains(index) else { throw .noSample(index, count) }
    let size = inputShape.count
    return try Image(
      width: inputShape[2], height: inputShape[1], channels: 1,
      pixels: Array(images.bytes[(index * size)..<((index + 1) * size)]))
  }

  /// Mean and deviation of the images as `statistics(of:)` gives them.
  var statistics: (mean: Float, std: Float) { IDXDataset.statistics(of: images) }

  /// Mean and deviation of an array's bytes on the scale from 0 to 1, rounded to four digits.
  ///
  /// For the MNIST files these are the constants in general use, 0.1307 and 0.3081. The deviation of
  /// images that are all alike is given as 1.
  public static func statistics(of images: IDXArray) -> (mean: Float, std: Float) {
    var counts = [UInt64](repeating: 0, count: 256)
    codecs_histogram_u8(images.bytes, images.bytes.count, &counts)
    let (mean, deviation) = ImageStatistics.moments(counts)
    let std = (deviation * 1e4).rounded() / 1e4
    return (Float((mean * 1e4).rounded() / 1e4), std > 0 ? Float(std) : 1)
  }
}
