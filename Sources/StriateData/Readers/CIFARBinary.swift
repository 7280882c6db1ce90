import StriateCore

/// The colour images of CIFAR-10 or CIFAR-100 in their binary version, held in memory as bytes.
///
/// A record is one label byte (CIFAR-100: the coarse label, then the fine one) and 3072 bytes, the red,
/// green and blue planes of 32 × 32 pixels. Krizhevsky, Learning Multiple Layers of Features from Tiny
/// Images, 2009.
public struct CIFARBinary: ImageDataset {
  /// Pixels a side.
  public static let side = 32
  /// The number of images.
  public let count: Int
  /// The names of the classes in the order of their labels.
  public let classNames: [String]
  /// Which of the two data sets it is.
  public let version: Version
  private let files: [Records]
  private let labelOffset: Int

  /// The records of one file.
  private struct Records {
    var name: String
    var bytes: [UInt8]
    var first: Int
  }

  /// The training or the test split in a folder; also in the folder that the published archive makes.
  ///
  /// - Parameter coarse: whether CIFAR-100's images have the labels of their 20 groups.
  /// - Throws: `DataError` where files are missing, cut off, or hold labels outside the classes.
  public init(folder: String, train: Bool, coarse: Bool = false) throws(DataError) {
    let files = try CIFARFiles(folder: folder, coarse: coarse)
    try self.init(files, files: train ? files.train : files.test, coarse: coarse)
  }

  init(_ found: CIFARFiles, files paths: [String], coarse: Bool) throws(DataError) {
    version = found.version
    let usual = version.classNames(coarse: coarse)
    let named = try found.names.map { path throws(DataError) in try found.classNames(path) }
    classNames = named.flatMap { $0.count == usual.count ? $0 : nil } ?? usual
    labelOffset = version == .cifar100 && !coarse ? 1 : 0
    let size = version.labelBytes + 3 * CIFARBinary.side * CIFARBinary.side
    var files: [Records] = []
    var count = 0
    for path in paths {
      let bytes = try DataError.contents(of: path)
      guard !bytes.isEmpty, bytes.count % size == 0 else {
        throw DataError(
          .truncated,
          "expected records of \(size) bytes, found \(bytes.count) bytes; fetch it again",
          path: path)
      }
      for at in stride(from: labelOffset, to: bytes.count, by: size)
      where Int(bytes[at]) >= classNames.count {
        throw DataError(
          .malformed, "label \(bytes[at]) is outside the \(classNames.count) classes", path: path,
          offset: at)
      }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      files.append(Records(name: name, bytes: bytes, first: count))
      count += bytes.count / size
    }
    self.files = files
    self.count = count
  }

  /// An image; `minimum` changes nothing.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func image(at index: Int, minimum: Int?) throws -> Image {
    let (file, start) = try place(index)
    let plane = CIFARBinary.side * CIFARBinary.side
    let pixels = file.bytes.withUnsafeBufferPointer { bytes in
      [UInt8](unsafeUninitializedCapacity: 3 * plane) { buffer, filled in
        let first = start + version.labelBytes
        for at in 0..<plane {
          for channel in 0..<3 { buffer[3 * at + channel] = bytes[first + channel * plane + at] }
        }
        filled = 3 * plane
      }
    }
    return Image(unchecked: CIFARBinary.side, CIFARBinary.side, 3, pixels)
  }

  /// The class of an image.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func label(at index: Int) throws -> Int32 {
    let (file, start) = try place(index)
    return Int32(file.bytes[start + labelOffset])
  }

  /// `data_batch_1.bin#17`.
  public func name(at index: Int) -> String {
    guard let file = file(of: index) else { return "#\(index)" }
    return "\(file.name)#\(index - file.first)"
  }

  private func file(of index: Int) -> Records? {
    guard (0..<count).contains(index) else { return nil }
    return files.last { $0.first <= index }
  }

  private func place(_ index: Int) throws(DataError) -> (Records, Int) {
    guard let file = file(of: index) else { throw .noSample(index, count) }
    let size = version.labelBytes + 3 * CIFARBinary.side * CIFARBinary.side
    return (file, (index - file.first) * size)
  }
}
