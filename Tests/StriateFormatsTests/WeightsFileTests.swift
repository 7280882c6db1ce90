import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

/// Files of weights of every kind, and files that are none.
@Suite struct WeightsFileTests {
  static let foreign: [(String, [UInt8], String)] = [
    (
      "git LFS", Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8),
      "git lfs pull"
    ),
    ("a page", Array("\n<!DOCTYPE html><html></html>".utf8), "HTML page"),
    ("a page without doctype", Array("<HTML>".utf8), "HTML page"),
    ("HDF5", [0x89] + Array("HDF\r\n\u{1A}\n        ".utf8), "HDF5"),
    ("gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "gunzip"),
    ("bzip2", Array("BZh91AY&SY".utf8), "bunzip2"),
    ("xz", [0xFD] + Array("7zXZ\0\0".utf8), "unxz"),
    ("zstd", [0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0], "unzstd"),
    ("TFLite", [28, 0, 0, 0] + Array("TFL3\0\0\0\0".utf8), "TFLite"),
    ("an image", [0x89] + Array("PNG\r\n\u{1A}\n".utf8), "an image"),
    ("one array", NPY.encode(HostTensor([1, 2] as [Float])), ".npz"),
    ("JSON", Array("{\"a\": 1}".utf8), "JSON text"),
    ("nothing", [], "at least 8 bytes"),
    ("an empty ZIP file", [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18), "empty ZIP"),
    ("random bytes", [UInt8](repeating: 0xA7, count: 64), "no file of weights that is known"),
  ]

  @Test("what a file is instead is named with the remedy", arguments: foreign)
  func otherKinds(_ what: String, _ bytes: [UInt8], _ words: String) throws {
    let scratch = try Scratch()
    try scratch.write("weights", bytes)
    let error = #expect(throws: FormatError.self) { try WeightsFile("\(scratch.path)/weights") }
    #expect(error?.message.contains(words) == true, "\(what): \(error?.message ?? "")")
    #expect(error?.location.path == "\(scratch.path)/weights")
  }

  /// A file whose header describes two bytes-tensors: the first of a type, the second plain.
  private func file(_ dtype: String, _ bytes: [UInt8], shape: String, metadata: String = "")
    -> [UInt8]
  {
    let header =
      "{\(metadata)\"a.x\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":[0,\(bytes.count)]},"
      + "\"b.y\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[\(bytes.count),\(bytes.count + 2)]}}"
    let length = header.utf8.count
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + bytes
      + [7, 8]
  }

  @Test("numbers of other types are read as those that hold them")
  func types() throws {
    for (dtype, bytes, shape, type, values) in [
      ("I16", [0xFF, 0xFF, 2, 0], "[2]", TensorType(.int32, [2]), [-1, 2]),
      ("U16", [0xFF, 0xFF, 2, 0], "[2]", TensorType(.int32, [2]), [65535, 2]),
      ("U32", [0xFF, 0xFF, 0xFF, 0xFF], "[1]", TensorType(.int64, [1]), [4_294_967_295]),
      ("U64", [5, 0, 0, 0, 0, 0, 0, 0], "[1]", TensorType(.int64, [1]), [5]),
      ("F16", [0, 0x3C, 0, 0xC0], "[2]", TensorType(.float32, [2]), [1, -2]),
      // Largest, smallest, one, minus two.
      (
        "F8_E4M3", [0x7E, 0x01, 0x38, 0xC0], "[4]", TensorType(.float32, [4]), [448, 0x1p-9, 1, -2]
      ),
      (
        "F8_E5M2", [0x7B, 0x01, 0x3C, 0xC0], "[4]", TensorType(.float32, [4]),
        [57344, 0x1p-16, 1, -2]
      ),
      ("F8_E8M0", [127, 130, 126], "[3]", TensorType(.float32, [3]), [1, 8, 0.5]),
      ("F8_E4M3FNUZ", [0x7F, 0x40], "[2]", TensorType(.float32, [2]), [240, 1]),
      ("F8_E5M2FNUZ", [0x7F, 0x40], "[2]", TensorType(.float32, [2]), [57344, 1]),
    ] as [(String, [UInt8], String, TensorType, [Double])] {
      let found = try Safetensors.decode(
        file(dtype, bytes, shape: shape, metadata: "\"__metadata__\":null,")
      ).tensors
      #expect(found["a.x"]?.type == type, "\(dtype)")
      #expect(found["a.x"]?.scalars(as: Double.self) == values, "\(dtype)")
      #expect(found["b.y"]?.scalars(as: UInt8.self) == [7, 8])
    }
  }

  @Test(
    "a type that no tensor holds refuses that tensor alone",
    arguments: [
      ("C64", 8, "[1]"), ("F4", 1, "[2]"), ("F6_E2M3", 3, "[4]"), ("X9", 5, "[3]"),
    ])
  func unreadable(_ dtype: String, _ count: Int, _ shape: String) throws {
    let scratch = try Scratch()
    try scratch.write(
      "w.safetensors", file(dtype, [UInt8](repeating: 0, count: count), shape: shape))
    let opened = try WeightsFile("\(scratch.path)/w.safetensors")
    #expect(try opened.read("b.y").scalars(as: UInt8.self) == [7, 8])
    #expect(opened["a.x"]?.refusal?.contains(dtype) == true)
    let error = #expect(throws: FormatError.self) { try opened.read("a.x") }
    #expect(error?.message.contains("\"a.x\"") == true && error?.message.contains(dtype) == true)
    // A 64-bit number without a sign that is too large.
    try scratch.write("u.safetensors", file("U64", [UInt8](repeating: 255, count: 8), shape: "[1]"))
    #expect(throws: FormatError.self) {
      try WeightsFile("\(scratch.path)/u.safetensors").read("a.x")
    }
  }

  @Test("arrays in the other byte order, in Fortran's and of half precision are read")
  func arrays() throws {
    func array(_ header: String, _ bytes: [UInt8]) throws -> HostTensor {
      try NPY.decode(NPYTests.file(header, data: 0) + bytes)
    }
    let big = try array(
      "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
      [0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0])
    #expect(big.scalars(as: Float.self) == [1, -2])
    let columns = try array(
      "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6])
    #expect(columns == (try HostTensor([1, 2, 3, 4, 5, 6] as [UInt8], shape: [2, 3])))
    let half = try array(
      "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", [0, 0x3C, 0, 0xC0])
    #expect(half.scalars(as: Float.self) == [1, -2])
    let wide = try array("{'descr': '>i2', 'fortran_order': False, 'shape': (), }", [0xFF, 0xFE])
    #expect(wide == HostTensor(scalar: -2 as Int32))
  }

  @Test("an index of shards gives the tensors of all files, or the name of what is missing")
  func shards() throws {
    let scratch = try Scratch()
    let (a, b) = (HostTensor([1, 2] as [Float]), HostTensor([3] as [Float]))
    try scratch.write("one.safetensors", Safetensors.encode(["x.a": a]))
    try scratch.write("two.safetensors", Safetensors.encode(["x.b": b]))
    func index(_ second: String) -> [UInt8] {
      Array("{\"metadata\":{},\"weight_map\":{\"x.a\":\"one.safetensors\",\(second)}}".utf8)
    }
    let path = "\(scratch.path)/model.safetensors.index.json"
    try scratch.write("model.safetensors.index.json", index("\"x.b\":\"two.safetensors\""))
    #expect(try WeightsFile(path).whole() == ["x.a": a, "x.b": b])
    for (second, words) in [
      ("\"x.b\":\"three.safetensors\"", "three.safetensors"),
      ("\"x.c\":\"two.safetensors\"", "lacks it"),
      ("\"x.b\":\"../two.safetensors\"", "beside it"),
    ] {
      try scratch.write("model.safetensors.index.json", index(second))
      let error = #expect(throws: FormatError.self) { try WeightsFile(path) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }
}
