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
      try write([2051, count, 12, 12], images, "\(name)-images-idx3-ubyte")
      try write(
        [2049, count], (0..<count).map { UInt8($0 % classes) }, "\(name)-labels-idx1-ubyte")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The data as the command line names them.
  var name: String { "idx:\(folder)" }

  /// A path in the folder.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func write(_ header: [Int], _ bytes: [UInt8], _ name: String) throws {
    let numbers = header.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
    try Data(numbers + bytes).write(to: URL(fileURLWithPath: path(name)))
  }
}
