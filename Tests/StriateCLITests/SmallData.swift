import Foundation

/// A temporary folder with a small data set in IDX format: class `c` is a bright row `c`.
final class SmallData {
  let folder: String

  /// - Parameter classes: at most 12, the images being 12 × 12.
  init(classes: Int = 10, train: Int = 60, test: Int = 20) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "striate-cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
    for (name, count) in [("train", train), ("test", test)] {
      let images = (0..<count).flatMap { index in
        (0..<12).flatMap { row in
          [UInt8](repeating: row == index % classes ? 255 : UInt8(index % 7), count: 12)
        }
      }
      try write("\(name)-images-idx3-ubyte", Self.header([2051, count, 12, 12]) + images)
      let labels = (0..<count).map { UInt8($0 % classes) }
      try write("\(name)-labels-idx1-ubyte", Self.header([2049, count]) + labels)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The data as the command line names them.
  var name: String { "idx:\(folder)" }

  /// A path in the folder.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The bytes of a file.
  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Writes a file.
  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  /// Takes a file away.
  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Rewrites a file.
  func change(_ name: String, _ edit: (inout [UInt8]) -> Void) throws {
    var bytes = try read(name)
    edit(&bytes)
    try write(name, bytes)
  }

  /// Replaces a file by its gzipped form, of which the bytes are then changed.
  func gzip(_ name: String, _ edit: (inout [UInt8]) -> Void) throws {
    let done = try CommandLineProgram.shell("gzip -n \"$1\"", [path(name)])
    guard done.code == 0 else { throw CocoaError(.fileWriteUnknown) }
    try change(name + ".gz", edit)
  }

  /// The numbers with which an IDX file begins.
  static func header(_ numbers: [Int]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
  }
}
