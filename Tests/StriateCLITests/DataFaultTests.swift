import Foundation
import Striate
import Testing

/// Data that are missing, cut off, damaged or contradict themselves: one line that names the file.
@Suite struct DataFaultTests {
  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var says: [String]
    var damage: @Sendable (SmallData) throws -> Void

    init(
      _ description: String, _ says: String...,
      damage: @escaping @Sendable (SmallData) throws -> Void
    ) {
      self.description = description
      self.says = says
      self.damage = damage
    }
  }

  private static let images = "train-images-idx3-ubyte"
  private static let labels = "train-labels-idx1-ubyte"
  private static let testLabels = "test-labels-idx1-ubyte"

  static let cases: [Case] = [
    Case("no training images", "none of the files", images) { try $0.remove(images) },
    Case("no test labels", "none of the files", testLabels, "t10k-labels-idx1-ubyte.gz") {
      try $0.remove(testLabels)
    },
    Case("a folder for a file", "none of the files", images) {
      try $0.remove(images)
      try FileManager.default.createDirectory(
        atPath: $0.path(images), withIntermediateDirectories: false)
    },
    Case("empty", images, "magic number") { try $0.write(images, []) },
    Case("cut off in the header", images, "extents") { data in
      try data.change(images) { $0.removeLast($0.count - 10) }
    },
    Case("cut off by a byte", images, "[60, 12, 12]", "more than the file can hold") { data in
      try data.change(images) { $0.removeLast() }
    },
    Case("labels cut off", labels, "60 bytes") { data in
      try data.change(labels) { $0.removeLast(30) }
    },
    Case("bytes too many", images, "bytes follow") { data in
      try data.change(images) { $0.append(0) }
    },
    Case("wrong magic", images, "not an IDX file", "68656c6c") { data in
      try data.change(images) { $0.replaceSubrange(0..<5, with: Array("hello".utf8)) }
    },
    Case("other elements", images, "0x0d", "bytes (0x08) are read") { data in
      try data.change(images) { $0[2] = 0x0D }
    },
    Case("labels for images", images, "[count, height, width]") { data in
      try data.write(images, data.read(labels))
    },
    Case("images for labels", labels, "labels of one axis") { data in
      try data.write(labels, data.read(images))
    },
    Case("extents that lie", images, "more than the file can hold") { data in
      try data.change(images) {
        $0.replaceSubrange(4..<16, with: [UInt8](repeating: 255, count: 12))
      }
    },
    Case("no axes", images, "0 axes") { data in try data.change(images) { $0[3] = 0 } },
    Case("no images", images, "[0, 12, 12]") { data in
      try data.write(images, SmallData.header([2051, 0, 12, 12]))
      try data.write(labels, SmallData.header([2049, 0]))
    },
    Case("labels too few", labels, "60 images, but 59 labels") { data in
      try data.change(labels) {
        $0.removeLast()
        $0[7] = 59
      }
    },
    Case("a label that is no class", testLabels, "label 10 of image 3", "10 classes") { data in
      try data.change(testLabels) { $0[8 + 3] = 10 }
    },
    Case("a label that the network lacks", "200 classes", "--classes 200") { data in
      try data.change(labels) { $0[8 + 3] = 199 }
    },
    Case("test images of another size", "[1, 12, 12]", "[1, 6, 24]") { data in
      try data.change("test-images-idx3-ubyte") {
        $0[11] = 6
        $0[15] = 24
      }
    },
    Case("gzip cut off", images + ".gz", "cut off") { data in
      try data.gzip(images) { $0.removeLast($0.count / 2) }
    },
    Case("gzip without its end", images + ".gz", "cut off") { data in
      try data.gzip(images) { $0.removeLast(4) }
    },
    Case("gzip damaged", images + ".gz", "damaged") { data in
      try data.gzip(images) { bytes in
        for index in 20..<30 { bytes[index] ^= 0x55 }
      }
    },
    Case("gzip with a wrong checksum", images + ".gz", "damaged") { data in
      try data.gzip(images) { $0[$0.count - 6] ^= 1 }
    },
    Case("gzip in name only", images + ".gz", "not an IDX file") { data in
      try data.gzip(images) { $0 = Array("<html>not found</html>".utf8) }
    },
    Case("gzip of nothing", images + ".gz", "magic number") { data in
      try data.write(images, [])
      try data.gzip(images) { _ in }
    },
  ]

  @Test(arguments: cases) func dataFault(_ row: Case) throws {
    let data = try SmallData()
    try row.damage(data)
    let run = data.path("run")
    let outcome = try CommandLineProgram.run([
      "train", "--model", "lenet5", "--data", data.name, "--device", "reference", "--epochs", "1",
      "--output-dir", run,
    ])
    expectFault(outcome, 1, row.says + [data.folder])
    // Nothing was begun.
    #expect(!FileManager.default.fileExists(atPath: run))
  }

  /// A named data set has its classes, whatever the labels are.
  @Test func labelOutsideANamedDataSetIsNamed() throws {
    let data = try SmallData()
    let folder = data.path("fashion-mnist")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in [Self.images, Self.labels, "test-images-idx3-ubyte", Self.testLabels] {
      try FileManager.default.copyItem(atPath: data.path(name), toPath: "\(folder)/\(name)")
    }
    try data.change("fashion-mnist/\(Self.labels)") { $0[8 + 7] = 10 }
    let outcome = try CommandLineProgram.run(
      ["train", "--model", "lenet5", "--data", "fashion-mnist", "--output-dir", data.path("run")],
      environment: ["STRIATE_DATA": data.folder])
    expectFault(outcome, 1, ["\(folder)/\(Self.labels)", "label 10 of image 7", "10 classes"])
  }

  @Test func missingNamedDataSayHowToGetThem() throws {
    let outcome = try CommandLineProgram.run(
      ["train", "--model", "lenet5", "--data", "mnist"],
      environment: ["STRIATE_DATA": "/nonexistent", "HOME": "/nonexistent"])
    expectFault(outcome, 1, ["mnist was not found in /nonexistent/mnist", "get it: "])
  }
}
