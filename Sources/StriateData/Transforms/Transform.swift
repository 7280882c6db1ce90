import StriateCore

/// A change of an image, as a value: its description is the text that `Pipeline` reads back.
///
/// What is random is drawn from the stream alone, so that an image changes in the same way in any thread
/// and after any restart.
public protocol Transform: Sendable, CustomStringConvertible {
  /// The changed image.
  ///
  /// - Parameters:
  ///   - size: the extent that the network takes, for transforms that are given none of their own.
  ///   - random: the draws of the sample.
  /// - Throws: `DataError` where an extent makes no sense.
  func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image

  /// Rectangles of the finished input to be set to zero, the mean of normalised values.
  func blanks(in size: ImageSize, _ random: inout RandomStream) -> [ImageRect]

  /// Whether it takes images of any size; what only changes images expects the network's.
  var setsSize: Bool { get }

  /// The largest extent that an image may get which keeps its proportions; nil where its extent does not grow with
  /// them.
  func largest(of size: ImageSize) -> ImageSize?

  /// What it does to the mask of an image.
  var maskRole: MaskRole { get }
}

extension Transform {
  /// The image as it is.
  public func apply(
    _ image: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> Image { image }

  /// No rectangles.
  public func blanks(in size: ImageSize, _ random: inout RandomStream) -> [ImageRect] { [] }

  /// Nil: most make extents of their own, or none.
  public func largest(of size: ImageSize) -> ImageSize? { nil }

  /// Refused: a transform must say what it does to masks before it is used with them.
  public var maskRole: MaskRole { .refused }

  /// False: most keep the image's size.
  public var setsSize: Bool { false }
}

/// The extent of an image in pixels.
public struct ImageSize: Sendable, Hashable, CustomStringConvertible {
  /// Pixels a row.
  public var width: Int
  /// Rows.
  public var height: Int

  /// An extent.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// `224` for a square, otherwise `320x240`, width first.
  public var description: String { width == height ? "\(width)" : "\(width)x\(height)" }
}

/// A rectangle of pixels.
public struct ImageRect: Sendable, Hashable {
  /// The first column.
  public var x: Int
  /// The first row.
  public var y: Int
  /// The extent.
  public var size: ImageSize

  /// A rectangle.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    size = ImageSize(width: width, height: height)
  }
}

extension Image {
  /// The extent.
  public var size: ImageSize { ImageSize(width: width, height: height) }

  /// An image whose bytes are written by a closure, all of them.
  init(size: ImageSize, channels: Int, writing body: (UnsafeMutablePointer<UInt8>) -> Void) {
    let count = size.width * size.height * channels
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress { body(base) }
      filled = count
    }
    self.init(unchecked: size.width, size.height, channels, pixels)
  }

  /// An image of the same extent, written from this one's bytes.
  func mapped(_ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void) -> Image {
    pixels.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return self }
      return Image(size: size, channels: channels) { body(source, $0) }
    }
  }
}
