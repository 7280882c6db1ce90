import StriateCore
import StriateFormats
import StriateTestSupport
import Testing

@Suite struct NPYTests {
  @Test func roundTrip() throws {
    let folder = try Scratch()
    for (name, tensor) in try everyType() {
      let path = "\(folder.path)/\(name).npy"
      try NPY.write(tensor, to: path)
      #expect(try NPY.read(path) == tensor, "\(name)")
      #expect(NPY.encode(tensor).count % 64 == tensor.type.byteCount % 64)
    }
  }

  /// The digest of what NumPy writes for `np.arange(6, dtype='<f4').reshape(2, 3)` and `np.int64(5)`.
  @Test func bytesAreThoseOfNumPy() throws {
    let matrix = try HostTensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])
    #expect(
      SHA256.hex(of: NPY.encode(matrix))
        == "47d9cb788e60cfff38faf2237400d94063bde1f42a0ad39297e02642caca6b56")
    let scalar = HostTensor(scalar: 5 as Int64)
    #expect(
      SHA256.hex(of: NPY.encode(scalar))
        == "dc828d995d1b8f2c2acdaf08b050ca87b6e49251edf2d08420132b9b7cc56876")
    let vector = HostTensor([true, false])
    #expect(
      SHA256.hex(of: NPY.encode(vector))
        == "4257418724eeadfcfc6affd95584b6da87d3ac25effd1de68ad2f9907cbe104c")
    let bytes = HostTensor([-128, 127, 0] as [Int8])
    #expect(
      SHA256.hex(of: NPY.encode(bytes))
        == "6c0801fd56f83854b1027af54f6df3706c86f882103783debeb760af1defe0fc")
  }

  static func file(_ header: String, version: UInt8 = 1, data: Int = 0) -> [UInt8] {
    let length = header.utf8.count
    let sizes = (0..<(version == 1 ? 2 : 4)).map { UInt8(length >> (8 * $0) & 255) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + sizes + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  @Test func readsOtherSpellings() throws {
    let text = "{\"shape\":(2,),\"fortran_order\":True,\"descr\":\"<f4\"}\n"
    #expect(
      try NPY.decode(NPYTests.file(text, version: 2, data: 8)).type == TensorType(.float32, [2]))
  }

  @Test(arguments: [
    "", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), ",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }",
    "{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<c8', 'fortran_order': False, 'shape': (), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1), } x",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f4, 'fortran_order': False, 'shape': (1,), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
  ])
  func refuses(header: String) {
    #expect(throws: FormatError.self) { try NPY.decode(NPYTests.file(header, data: 4)) }
  }

  @Test func damageNeverTraps() throws {
    let bytes = NPY.encode(try HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2]))
    for length in 0..<bytes.count {
      #expect(throws: FormatError.self) { try NPY.decode(Array(bytes.prefix(length))) }
    }
    var random = RandomStream(seed: 0, "flips")
    for _ in 0..<2000 {
      var damaged = bytes
      damaged[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
      do { _ = try NPY.decode(damaged) } catch { #expect(error is FormatError) }
    }
  }
}
