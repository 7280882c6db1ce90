import StriateCore
import StriateData
import StriateTestSupport
import Testing

@Suite struct IDXTests {
  let images = idx([3, 2, 2], [0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8])
  let labels = idx([3], [2, 0, 1])

  @Test(arguments: [false, true]) func readsPlainAndGzip(compressed: Bool) throws {
    let folder = try Scratch()
    // The name says nothing: the content decides.
    let data = try IDXDataset(
      images: folder.write("images", compressed ? gzip(images) : images),
      labels: folder.write("labels.gz", compressed ? gzip(labels) : labels), mean: 0.5, std: 0.25)
    #expect(data.count == 3)
    #expect(data.inputShape == [1, 2, 2])
    #expect(data.classNames == ["0", "1", "2"])
    let batch = try Loader(data, batchSize: 1).batches(epoch: 0).next()
    let expected: [Float] = [0, 255, 51, 102].map { ($0 / 255 - 0.5) / 0.25 }
    #expect(batch?.inputs.scalars(as: Float.self) == expected)
    #expect(batch?.labels.scalars(as: Int32.self) == [2])
    #expect(try data.image(1).pixels == [1, 2, 3, 4])
  }

  @Test func severalGzipMembersAreOneFile() throws {
    let content = gzip(Array(images.prefix(10))) + gzip(Array(images.dropFirst(10)))
    #expect(try IDXArray(content: content).dims == [3, 2, 2])
  }

  static let faults: [(String, [UInt8], DataError.Code)] = [
    ("empty", [], .truncated),
    ("text", Array("<html></html>".utf8), .malformed),
    ("floats", [0, 0, 13, 1, 0, 0, 0, 0], .unsupported),
    ("no axes", [0, 0, 8, 0], .unsupported),
    ("cut in the extents", [0, 0, 8, 3, 0, 0, 0, 1], .truncated),
    ("cut in the elements", Array(idx([4], [1, 2, 3, 4]).dropLast()), .truncated),
    ("bytes left over", idx([2], [1, 2, 3]), .malformed),
    ("huge extents", idx([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1]), .truncated),
    ("gzip, huge extents", gzip(idx([0xFFFF_FFFF, 0xFFFF], [1])), .truncated),
    ("gzip cut", Array(gzip(idx([4], [1, 2, 3, 4])).dropLast(6)), .truncated),
    (
      "gzip checksum", Array(gzip(idx([1], [1])).dropLast(8)) + [0, 0, 0, 0, 9, 0, 0, 0], .malformed
    ),
    ("gzip, bytes left over", gzip(idx([1], [1, 2])), .malformed),
    ("gzip, bytes behind it", gzip(idx([1], [1])) + [1, 2, 3], .malformed),
    ("gzip header only", [0x1F, 0x8B], .truncated),
  ]

  @Test(arguments: faults) func refuses(what: String, content: [UInt8], code: DataError.Code) throws
  {
    let folder = try Scratch()
    let path = try folder.write("x", content)
    let error = #expect(throws: DataError.self) { try IDXArray(path: path) }
    #expect(error?.code == code, "\(what): \(String(describing: error))")
    #expect(error?.location.path == path)
  }

  @Test func refusesPairsThatAreNone() throws {
    let pixels = try IDXArray(content: images)
    func make(_ labels: [UInt8], names: [String] = [], std: Float = 1) throws -> IDXDataset {
      try IDXDataset(
        images: pixels, labels: IDXArray(content: idx([labels.count], labels)), std: std,
        classNames: names)
    }
    #expect(throws: DataError.self) { try make([0, 1]) }
    #expect(throws: DataError.self) { try make([0, 1, 2], names: ["a", "b"]) }
    #expect(throws: DataError.self) { try make([0, 1, 2], std: 0) }
    #expect(throws: DataError.self) { try IDXDataset(images: pixels, labels: pixels) }
    #expect(try make([0, 1, 1], names: ["a", "b"]).count == 3)
  }

  @Test func damageNeverTraps() throws {
    let plain = images
    for content in [plain, gzip(plain)] {
      for length in 0..<content.count {
        #expect(throws: DataError.self) { try IDXArray(content: Array(content.prefix(length))) }
      }
      var random = RandomStream(seed: 0, "flips")
      for _ in 0..<1000 {
        var damaged = content
        damaged[Int(random.next() % UInt64(content.count))] ^= 1 << UInt8(random.next() % 8)
        _ = try? IDXArray(content: damaged)
      }
    }
  }
}
