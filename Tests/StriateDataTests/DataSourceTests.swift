import StriateCore
import StriateData
import StriateTestSupport
import Testing

@Suite struct DataSourceTests {
  @Test(arguments: [
    ("fashion-mnist", DataSource(.named(.fashionMNIST))),
    ("mnist@500", DataSource(.named(.mnist), limit: 500)),
    ("idx:/a/b", DataSource(.idx(folder: "/a/b", prefix: nil))),
    ("idx:a@b#small@7", DataSource(.idx(folder: "a@b", prefix: "small"), limit: 7)),
    ("idx:a@b", DataSource(.idx(folder: "a@b", prefix: nil))),
    ("cifar10@7", DataSource(.named(.cifar10), limit: 7)),
    ("cifar:/a#coarse", DataSource(.cifar(folder: "/a", coarse: true))),
    ("cifar:/a@2", DataSource(.cifar(folder: "/a", coarse: false), limit: 2)),
    ("imagefolder:/a:b", DataSource(.imageFolder(folder: "/a:b"))),
    ("imagefolder:/a#b@9", DataSource(.imageFolder(folder: "/a#b"), limit: 9)),
    ("webdataset:s-{0..9}.tar", DataSource(.webDataset(train: "s-{0..9}.tar", test: nil))),
    ("webdataset:a.tar#b.tar@3", DataSource(.webDataset(train: "a.tar", test: "b.tar"), limit: 3)),
  ])
  func parses(text: String, expected: DataSource) throws {
    #expect(try DataSource.parse(text) == expected)
    #expect(expected.description == text)
  }

  @Test(
    arguments: ["", "idx:", "idx:#p", "idx:a#", "mnist@0", "cifar", "fashion-mnits", "@3"] + [
      "cifar:", "cifar:a#rough", "imagefolder:", "webdataset:", "webdataset:a#", "web:a", ":a",
      "segfolder:", "instances:", "instances", "voc-seg:", "voc-seg:a#val", "camvid:", "mnist:a",
      "idx(a):b", "segfolder(a):b",
    ])
  func refuses(text: String) {
    let error = #expect(throws: DataError.self) { try DataSource.parse(text) }
    #expect(error?.code == .invalidRequest)
  }

  @Test(arguments: [
    "segfolder:/a@3", "instances:a:b", "voc-seg:/VOCdevkit", "voc-seg:/a#trainval@9", "camvid:/a",
  ])
  func readsBackDataWithMasks(text: String) throws {
    let source = try DataSource.parse(text)
    #expect(source.description == text && source.isOfMasks && source.isOfPhotographs)
    #expect(try DataSource.parse(text) == source)
    #expect(try DataSource.parse("camvid:/b") != source)
    #expect(throws: DataError.self) { try source.images() }
  }

  @Test func everyKindIsNamedInHelp() {
    for kind in DataSource.kinds {
      #expect(kind.names.allSatisfy { name in kind.forms.contains { $0.hasPrefix(name) } })
    }
    #expect(Set(DataSource.kinds.flatMap { $0.names }).count == DataSource.known.count)
  }

  @Test func suggestsNames() {
    let error = #expect(throws: DataError.self) { try DataSource.parse("fashion-mnits") }
    #expect(error?.message.contains("did you mean fashion-mnist?") == true)
    #expect(error?.message.contains("idx:FOLDER[#PREFIX]") == true)
  }

  @Test func loadsAFolder() throws {
    let folder = try Scratch()
    let count = 40
    let pixels = (0..<count * 4).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let labels = (0..<count).map { UInt8($0 % 5) }
    try folder.write("tiny-train-images-idx3-ubyte.gz", gzip(idx([count, 2, 2], pixels)))
    try folder.write("tiny-train-labels-idx1-ubyte", idx([count], labels))
    try folder.write("tiny-t10k-images-idx3-ubyte", idx([2, 2, 2], Array(pixels.prefix(8))))
    try folder.write("tiny-t10k-labels-idx1-ubyte", idx([2], [4, 3]))
    let all = try DataSource.load("idx:\(folder.path)#tiny")
    #expect(all.train.count == count)
    #expect(all.test.count == 2)
    #expect(all.test.classNames == ["0", "1", "2", "3", "4"])
    let cut = try DataSource.load("idx:\(folder.path)#tiny@10")
    #expect(cut.train.count == 10)
    #expect(cut.mean == all.mean && cut.std == all.std)
    let chosen = SampleOrder.shuffled(count, by: RandomStream(seed: 0, "subset")).prefix(10)
    let batch = try Loader(cut.train, batchSize: 10).batches(epoch: 0).next()
    #expect(batch?.labels.scalars(as: Int32.self) == chosen.map { Int32($0 % 5) })
    #expect(throws: DataError.self) { try DataSource.load("idx:\(folder.path)#tiny@41") }
    #expect(throws: DataError.self) { try DataSource.load("idx:\(folder.path)") }
    #expect(throws: DataError.self) { try DataSource.load("idx:\(folder.path)/none") }
  }

  @Test func statisticsAreThoseOfTheBytes() throws {
    let array = try #require(IDXArray(dims: [1, 2, 2], bytes: [0, 255, 0, 255]))
    let (mean, std) = IDXDataset.statistics(of: array)
    #expect(mean == 0.5 && std == 0.5)
    let flat = try #require(IDXArray(dims: [2], bytes: [7, 7]))
    #expect(IDXDataset.statistics(of: flat).std == 1)
  }
}
