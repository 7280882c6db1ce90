import StriateCore
import StriateData
import StriateTestSupport
import Testing

@Suite struct CIFARTests {
  /// A record whose red plane counts up, whose green plane is 7 and whose blue plane is the label.
  private func record(_ labels: [UInt8]) -> [UInt8] {
    labels + (0..<1024).map { UInt8(truncatingIfNeeded: $0) } + [UInt8](repeating: 7, count: 1024)
      + [UInt8](repeating: labels[0], count: 1024)
  }

  @Test(arguments: ["", "cifar-10-batches-bin/"]) func readsCIFAR10(_ place: String) throws {
    let folder = try Scratch()
    for batch in 1...5 {
      try folder.write("\(place)data_batch_\(batch).bin", record([UInt8(batch)]) + record([0]))
    }
    try folder.write("\(place)test_batch.bin", record([9]))
    let splits = try DataSource.parse("cifar:\(folder.path)").images()
    #expect(splits.train.count == 10 && splits.test?.count == 1)
    #expect(try (0..<10).map { try splits.train.label(at: $0) } == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0])
    #expect(splits.train.name(at: 5) == "data_batch_3.bin#1")
    #expect(splits.train.classNames[9] == "truck")
    let image = try splits.train.image(at: 4)
    #expect(image[33, 0] == nil)
    #expect(image[1, 1].map(Array.init) == [33, 7, 3])
    #expect(throws: DataError.self) { try splits.train.image(at: 10) }
    #expect(throws: DataError.self) { try splits.train.label(at: -1) }
  }

  @Test func readsBothLabelsOfCIFAR100() throws {
    let folder = try Scratch()
    try folder.write("train.bin", record([19, 99]))
    try folder.write("test.bin", record([0, 1]))
    let fine = try CIFARBinary(folder: folder.path, train: true)
    #expect(try fine.label(at: 0) == 99)
    #expect(fine.classNames.count == 100 && fine.classNames[99] == "worm")
    let coarse = try CIFARBinary(folder: folder.path, train: true, coarse: true)
    #expect(try coarse.label(at: 0) == 19)
    #expect(coarse.classNames.count == 20)
    #expect(try fine.image(at: 0).pixels == coarse.image(at: 0).pixels)
  }

  @Test func refusesDamage() throws {
    let folder = try Scratch()
    #expect(throws: DataError.self) { try CIFARBinary(folder: folder.path, train: true) }
    for batch in 1...5 { try folder.write("data_batch_\(batch).bin", record([1])) }
    #expect(throws: DataError.self) { try CIFARBinary(folder: folder.path, train: true) }
    try folder.write("test_batch.bin", record([1]))
    #expect(throws: DataError.self) {
      try CIFARBinary(folder: folder.path, train: true, coarse: true)
    }
    try folder.write("data_batch_2.bin", record([10]))
    let label = #expect(throws: DataError.self) {
      try CIFARBinary(folder: folder.path, train: true)
    }
    #expect(label?.message.contains("label 10") == true)
    try folder.write("data_batch_2.bin", Array(record([1]).dropLast()))
    let cut = #expect(throws: DataError.self) { try CIFARBinary(folder: folder.path, train: true) }
    #expect(cut?.code == .truncated)
  }
}
