import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

/// TensorBoard event files: what is written is read again, and damage is named.
@Suite struct TensorBoardTests {
  private static let values: [TensorBoardEvent.Tagged] = [
    .init("Loss/train", .scalar(0.25)), .init("zero", .scalar(0)),
    .init("negative", .scalar(-.greatestFiniteMagnitude)),
    .init("weights/conv1", .histogram(Histogram(HostTensor([-1, 0, 0.5, 3] as [Float])))),
    .init("samples", .image(width: 3, height: 2, png: [137, 80, 78, 71, 0, 255])),
    .init("config/text_summary", .text("| lr | `0.1` | — ü")),
  ]

  private func written(_ steps: [Int], after: Int = 0) throws -> (Scratch, String) {
    let scratch = try Scratch()
    let writer = try EventFileWriter(folder: scratch.path, firstStep: after)
    for step in steps { try writer.write(Self.values, step: step) }
    try writer.sync()
    return (scratch, writer.path)
  }

  @Test func recordsComeBack() throws {
    let (scratch, path) = try written([1, 2, 1 << 40])
    defer { withExtendedLifetime(scratch) {} }
    let events = try EventFileReader.events(path)
    #expect(events.map(\.step) == [0, 0, 1, 2, 1 << 40])
    #expect(events[0].content == .version("brain.Event:2"))
    #expect(events[1].content == .start)
    for event in events.dropFirst(2) { #expect(event.content == .values(Self.values)) }
    #expect(events.allSatisfy { $0.time > 1.7e9 })
  }

  /// The bytes that TensorFlow's own writer makes of a record, field by field.
  @Test func aScalarIsTheBytesOfTensorFlow() throws {
    let (scratch, path) = try written([])
    let writer = try EventFileWriter(folder: scratch.path, firstStep: 5)
    try writer.write([.init("a", .scalar(1))], step: 7)
    let bytes = try InputFile.contents(writer.path)
    // wall_time (9 bytes), step 7, summary { value { tag "a", simple_value 1 } }
    let tail: [UInt8] = [
      0x10, 7, 0x2A, 10, 0x0A, 8, 0x0A, 1, 0x61, 0x15, 0, 0, 0x80, 0x3F,
    ]
    #expect(Array(bytes.dropLast(4).suffix(tail.count)) == tail)
    // The head of a file: 24 bytes of wall_time and "brain.Event:2", with the known sum of that length.
    #expect(Array(bytes.prefix(12)) == [24, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22])
    #expect(path < writer.path)
    #expect(EventFileWriter.files(in: scratch.path) == [path, writer.path])
    let events = try EventFileReader.events(writer.path)
    #expect(events[1].step == 5)
  }

  @Test func everyCutIsNamedAndWhatPrecedesItIsRead() throws {
    let (scratch, path) = try written([1, 2])
    let bytes = try InputFile.contents(path)
    defer { withExtendedLifetime(scratch) {} }
    var ends: [Int] = [0]
    var whole = EventFileReader(bytes: bytes)
    while try whole.next() != nil { ends.append(whole.offset) }
    #expect(ends.last == bytes.count && ends.count == 5)
    for length in 0..<bytes.count {
      var reader = EventFileReader(bytes: Array(bytes.prefix(length)))
      do {
        while try reader.next() != nil {}
        #expect(ends.contains(length))
      } catch {
        #expect(error.code == .truncated)
        #expect(reader.offset == ends.last { $0 <= length })
      }
    }
  }

  @Test func everyFlippedBitIsFound() throws {
    let (scratch, path) = try written([1])
    let bytes = try InputFile.contents(path)
    defer { withExtendedLifetime(scratch) {} }
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      var reader = EventFileReader(bytes: damaged)
      #expect(throws: FormatError.self) { while try reader.next() != nil {} }
    }
  }

  /// Messages that are damaged beneath a sound check sum neither trap nor hang.
  @Test func randomMessagesAreReadOrRefused() throws {
    let (scratch, path) = try written([1])
    defer { withExtendedLifetime(scratch) {} }
    var reader = EventFileReader(bytes: try InputFile.contents(path))
    while try reader.next() != nil {}
    var random = RandomStream(seed: 3, "messages")
    let message = TensorBoardEvent(time: 1, step: 2, .values(Self.values)).encoded
    for _ in 0..<3000 {
      var damaged = message
      for _ in 0..<3 {
        damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      _ = try? TensorBoardEvent(decoding: damaged)
    }
    #expect(try TensorBoardEvent(decoding: message).content == .values(Self.values))
  }

  @Test func histogramsCountEveryNumberOnce() throws {
    let numbers: [Float] = [-2, -1e-13, 0, 0, 1e-13, 0.5, 0.5, 1e30, .nan, .infinity]
    let histogram = Histogram(HostTensor(numbers))
    #expect(histogram.count == 8 && histogram.counts.reduce(0, +) == 8)
    #expect(histogram.least == -2 && histogram.greatest == Double(Float(1e30)))
    #expect(histogram.limits == histogram.limits.sorted())
    for (index, limit) in histogram.limits.enumerated() {
      let below = index == 0 ? -Double.infinity : histogram.limits[index - 1]
      let inside = numbers.filter { $0.isFinite && Double($0) >= below && Double($0) < limit }
      #expect(histogram.counts[index] == Double(inside.count))
    }
    let empty = Histogram(HostTensor([] as [Float]))
    #expect(empty.count == 0 && empty.counts == [0])
    #expect(Histogram(HostTensor([3] as [Int64])).sum == 3)
  }

  @Test func failuresAreOneError() throws {
    let error = #expect(throws: FormatError.self) {
      try EventFileWriter(folder: "/no/such", firstStep: 0)
    }
    #expect(error?.code == .unwritable)
    #expect(error?.description.contains("/no/such/events.out.tfevents.") == true)
  }
}
