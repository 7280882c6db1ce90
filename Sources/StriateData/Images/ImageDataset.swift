import StriateCore

/// Labelled images of any size, before any transform; called from several threads at once.
///
/// A reader decodes; what sizes, crops and normalises an image comes after it.
public protocol ImageDataset: Sendable {
  /// The number of images.
  var count: Int { get }
  /// The names of the classes in the order of their labels; empty where they have none.
  var classNames: [String] { get }
  /// What the user should know about the data as they were found, one line each.
  var warnings: [String] { get }
  /// The files or samples that were left out because they could not be read.
  var badFiles: [BadFile] { get }

  /// Decodes an image.
  ///
  /// - Parameters:
  ///   - index: the image, from 0 to `count - 1`.
  ///   - minimum: where given, a reduced decoding whose shorter side is still that many pixels is
  ///     allowed; an image that is smaller comes whole.
  func image(at index: Int, minimum: Int?) throws -> Image

  /// The class of an image.
  func label(at index: Int) throws -> Int32

  /// What an image is called in messages: a path, `train-images#17`.
  func name(at index: Int) -> String

  /// The extent of an image as it is decoded at full size.
  func size(at index: Int) throws -> ImageSize
}

extension ImageDataset {
  /// Nothing to say.
  public var warnings: [String] { [] }
  /// Nothing was left out.
  public var badFiles: [BadFile] { [] }

  /// The extent, by decoding the image.
  public func size(at index: Int) throws -> ImageSize { try image(at: index).size }

  /// Decodes an image at its full size.
  public func image(at index: Int) throws -> Image { try image(at: index, minimum: nil) }
}

/// What is done with files that should be images and cannot be read as such.
public enum BadFiles: String, Sendable, Hashable, CaseIterable {
  /// The data are refused. What the first and last bytes of a file tell is checked when the data are
  /// opened, so that all such files, those cut off among them, are named at once; damage further in is an
  /// error when the image is decoded.
  case fail
  /// They are left out, named and counted. Every file is decoded once when the data are opened: which
  /// samples there are is then a function of the files alone, and a resumed run meets the same ones.
  case skip
}

/// A file, or a sample in a file, that cannot be read as an image.
public struct BadFile: Sendable, Hashable, CustomStringConvertible {
  /// What it is called: a path, `shard-000.tar: 0001.jpg`.
  public var name: String
  /// Why it cannot be read.
  public var reason: String

  /// A file that cannot be read.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }

  /// `a/b.jpg: the file is empty`.
  public var description: String { "\(name): \(reason)" }
}
