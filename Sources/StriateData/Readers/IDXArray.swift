import StriateCore

/// An array of bytes in the IDX format of the MNIST files, plain or gzipped.
public struct IDXArray: Sendable, Hashable {
  /// The extents, outermost first.
  public let dims: [Int]
  /// The elements in row order.
  public let bytes: [UInt8]

  /// Reads a file; whether it is gzipped is seen from its content.
  ///
  /// - Throws: `DataError` where it is missing, cut off, damaged or holds no bytes.
  public init(path: String) throws(DataError) {
    let content = try DataError.contents(of: path)
    do throws(DataError) { try self.init(content: content) } catch { throw error.at(path: path) }
  }

  /// Reads the content of a file, plain or gzipped.
  ///
  /// - Throws: `DataError` where it is cut off, damaged or holds no bytes.
  public init(content: [UInt8]) throws(DataError) {
    var source = try IDXSource(content)
    let magic = try source.take(4, "the magic number")
    guard magic[0] == 0, magic[1] == 0, magic[2] >= 8, magic[2] <= 14 else {
      throw DataError(
        .malformed, "this is not an IDX file: it begins with \(hex(magic))", offset: 0)
    }
    guard magic[2] == 8 else {
      throw DataError(
        .unsupported, "IDX elements of type 0x\(hex([magic[2]])); bytes (0x08) are read", offset: 2)
    }
    guard magic[3] >= 1, magic[3] <= 8 else {
      throw DataError(.unsupported, "\(magic[3]) axes; 1 to 8 are read", offset: 3)
    }
    let sizes = try source.take(4 * Int(magic[3]), "the extents")
    dims = stride(from: 0, to: sizes.count, by: 4).map { at in
      sizes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    let count = Shape(dims).count
    guard count <= source.mostThatCanFollow else {
      throw DataError(
        .truncated, "extents \(Shape(dims)) need \(count) bytes, more than the file can hold",
        offset: 4)
    }
    bytes = try source.take(count, "elements \(Shape(dims))")
    guard try source.isAtEnd() else {
      throw DataError(.malformed, "bytes follow the last element of \(Shape(dims))")
    }
  }

  /// An array made in memory; nil where the number of bytes does not fit.
  public init?(dims: [Int], bytes: [UInt8]) {
    guard Shape(dims).count == bytes.count else { return nil }
    self.dims = dims
    self.bytes = bytes
  }
}

/// The digits of bytes.
private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Plain or gzipped content from front to back.
private struct IDXSource {
  private let content: [UInt8]
  private var offset = 0
  private let gzip: GzipReader?

  init(_ content: [UInt8]) throws(DataError) {
    self.content = content
    gzip = GzipReader.recognizes(content) ? try GzipReader(content) : nil
  }

  /// A bound on the bytes still to come; deflate never expands by more than 1032.
  var mostThatCanFollow: Int {
    gzip == nil
      ? content.count - offset : content.count.multipliedReportingOverflow(by: 1032).partialValue
  }

  mutating func take(_ count: Int, _ what: String) throws(DataError) -> [UInt8] {
    let piece: [UInt8]
    if let gzip {
      piece = try gzip.read(count)
    } else {
      piece = Array(content[offset...].prefix(count))
    }
    guard piece.count == count else {
      throw DataError(
        .truncated, "expected \(count) bytes of \(what), found \(piece.count)",
        offset: offset + piece.count)
    }
    offset += count
    return piece
  }

  mutating func isAtEnd() throws(DataError) -> Bool {
    if let gzip { return try gzip.read(1).isEmpty }
    return offset == content.count
  }
}
