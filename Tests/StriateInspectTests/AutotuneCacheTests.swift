import StriateCPU
import StriateInspect
import StriateTestSupport
import Synchronization
import Testing

/// The file in which kernels that were chosen by trying are kept.
@Suite struct AutotuneCacheTests {
  private final class Notes: Sendable {
    let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var count: Int { lines.withLock(\.count) }
  }

  @Test("machines are kept beside each other, and a later choice replaces an earlier one")
  func keeps() throws {
    let folder = try Scratch()
    let notes = Notes()
    let cache = try #require(
      AutotuneCache(path: "\(folder.path)/new/kernels.json") { notes.add($0) })
    #expect(cache.choices(for: "a").isEmpty)
    cache.keep(["forward x 1": "thin", "filter x 2": "library"], for: "a")
    cache.keep(["forward x 1": "winograd4"], for: "b")
    cache.keep(["forward x 1": "library"], for: "a")
    #expect(cache.choices(for: "a") == ["forward x 1": "library", "filter x 2": "library"])
    #expect(cache.choices(for: "b") == ["forward x 1": "winograd4"])
    #expect(notes.count == 0)
  }

  @Test(
    "a damaged file is told of and made anew",
    arguments: ["", "{\"a\": {\"x\"", "[1, 2]", "{\"a\": 3}", "\u{0}\u{1}"])
  func damaged(_ text: String) throws {
    let folder = try Scratch()
    let path = "\(folder.path)/kernels.json"
    try folder.write("kernels.json", Array(text.utf8))
    let notes = Notes()
    let cache = try #require(AutotuneCache(path: path) { notes.add($0) })
    #expect(cache.choices(for: "a").isEmpty)
    if text != "{\"a\": 3}" { #expect(notes.count == 1) }
    cache.keep(["x": "thin"], for: "a")
    #expect(cache.choices(for: "a") == ["x": "thin"])
  }

  @Test("a folder that cannot be written is told of")
  func unwritable() throws {
    let notes = Notes()
    let cache = try #require(AutotuneCache(path: "/proc/none/kernels.json") { notes.add($0) })
    cache.keep(["x": "thin"], for: "a")
    #expect(notes.count == 1 && cache.choices(for: "a").isEmpty)
  }
}
