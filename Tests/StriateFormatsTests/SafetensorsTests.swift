import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

@Suite struct SafetensorsTests {
  @Test func roundTrip() throws {
    let folder = try Scratch()
    let path = folder.path + "/w.safetensors"
    let tensors = try everyType()
    try Safetensors.write(tensors, metadata: ["format": "pt", "épreuve": "\"1\""], to: path)
    let content = try Safetensors.read(path)
    #expect(Set(content.tensors.names) == Set(tensors.names))
    for (name, value) in tensors { #expect(content.tensors[name] == value, "\(name)") }
    #expect(content.metadata == ["format": "pt", "épreuve": "\"1\""])
    #expect(folder.names == ["w.safetensors"])
  }

  @Test func bytesAreThoseOfTheReference() throws {
    let tensors: NamedTensors = [
      "b": HostTensor([1, 2] as [Float]), "z": HostTensor([3] as [Int64]),
      "a": try HostTensor([4] as [Float], shape: [1, 1]), "m": HostTensor([true]),
    ]
    let bytes = try Safetensors.encode(tensors, metadata: ["format": "pt"])
    let header =
      #"{"__metadata__":{"format":"pt"},"z":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
      + #""a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},"#
      + #""m":{"dtype":"BOOL","shape":[1],"data_offsets":[20,21]}}"#
    let text = String(decoding: bytes.dropFirst(8).dropLast(21), as: UTF8.self)
    #expect(text.count % 8 == 0)
    #expect(text == header + String(repeating: " ", count: text.count - header.count))
    #expect(Int(bytes[0]) + Int(bytes[1]) << 8 == text.count)
    #expect(bytes.suffix(21).first == 3)
  }

  static let lies: [(String, String, Int)] = [
    ("no JSON", "abc", 0),
    ("no object", "[]", 0),
    ("no offsets", #"{"a":{"dtype":"F32","shape":[1]}}"#, 4),
    ("end past the file", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4),
    ("bytes left over", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8),
    ("shape and bytes differ", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4),
    ("end before begin", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4),
    ("negative offset", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4),
    ("negative extent", #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4),
    ("fraction", #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4),
    (
      "huge extents",
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4
    ),
    (
      "huge extent, huge offset",
      #"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#,
      4
    ),
    ("extent beyond 64 bits", #"{"a":{"dtype":"U8","shape":[1e30],"data_offsets":[0,4]}}"#, 4),
    ("unknown type", #"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, 8),
    (
      "overlap",
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#, 6
    ),
    (
      "gap",
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}"#, 6
    ),
    (
      "name twice",
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2
    ),
    ("metadata no texts", #"{"__metadata__":{"a":1}}"#, 0),
    ("metadata no object", #"{"__metadata__":[]}"#, 0),
  ]

  @Test(arguments: lies) func refusesLies(what: String, header: String, data: Int) {
    let length = header.utf8.count
    let bytes =
      [UInt8(length & 255), UInt8(length >> 8), 0, 0, 0, 0, 0, 0] + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
    let error = #expect(throws: FormatError.self) { try Safetensors.decode(bytes) }
    #expect(error?.message.contains("\n") == false)
  }

  @Test(arguments: [
    [] as [UInt8], [1, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255],
    [255, 255, 255, 255, 255, 255, 255, 127], [9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D],
  ])
  func refusesLyingLengths(bytes: [UInt8]) {
    #expect(throws: FormatError.self) { try Safetensors.decode(bytes) }
  }

  @Test func halfPrecisionIsWidened() throws {
    let header =
      #"{"h":{"dtype":"F16","shape":[5],"data_offsets":[0,10]},"#
      + #""b":{"dtype":"BF16","shape":[2],"data_offsets":[10,14]}}"#
    let halves: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7C00, 0x8000, 0x3F80, 0xC040]
    let bytes =
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
      + halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let tensors = try Safetensors.decode(bytes).tensors
    #expect(tensors["h"]?.scalars(as: Float.self) == [1, -2, 0x1p-24, .infinity, -0.0])
    #expect(tensors["b"]?.scalars(as: Float.self) == [1, -3])
  }

  @Test func everyTruncationThrows() throws {
    let bytes = try Safetensors.encode(try everyType(), metadata: ["a": "b"])
    for length in 0..<bytes.count {
      #expect(throws: FormatError.self) { try Safetensors.decode(Array(bytes.prefix(length))) }
    }
  }

  @Test func bitFlipsNeverTrap() throws {
    let bytes = try Safetensors.encode(try everyType(), metadata: ["a": "b"])
    var random = RandomStream(seed: 0, "flips")
    for _ in 0..<3000 {
      var damaged = bytes
      for _ in 0...Int(random.next() % 3) {
        damaged[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
      }
      do { _ = try Safetensors.decode(damaged) } catch { #expect(error is FormatError) }
    }
  }

  @Test func missingFilesSaySo() {
    let error = #expect(throws: FormatError.self) { try Safetensors.read("/no/such.safetensors") }
    #expect(error?.code == .unreadable)
    #expect(
      error?.description == "/no/such.safetensors: cannot be read: No such file or directory")
  }
}
