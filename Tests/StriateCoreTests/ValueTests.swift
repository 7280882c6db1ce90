import StriateCore
import Testing

@Suite struct ValueTests {
  @Test func copiesAreValues() throws {
    let a = try HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    var b = a
    b.withUnsafeMutableBytes { $0.storeBytes(of: 9, as: Float.self) }
    #expect(a.scalars(as: Float.self) == [1, 2, 3, 4])
    #expect(b.scalars(as: Int32.self) == [9, 2, 3, 4])
    #expect(throws: TensorError.self) { try HostTensor([1] as [Float], shape: [2]) }
  }

  @Test(arguments: [
    (Double.nan, Int32(0)), (1e30, .max), (-1e30, .min), (-2.9, -2), (2.9, 2),
  ])
  func integersSaturate(value: Double, expected: Int32) {
    #expect(Int32(fromDouble: value) == expected)
  }

  @Test func namesKeepTheirOrder() {
    var tensors: NamedTensors = [
      "b": HostTensor(scalar: 1 as Float), "a": HostTensor(scalar: 2 as Float),
    ]
    tensors["b"] = HostTensor(scalar: 3 as Float)
    #expect(tensors.names == ["b", "a"])
    tensors["b"] = nil
    #expect(tensors.names == ["a"])
  }

  @Test(arguments: [
    ("resnet5O", ["resnet50"]), ("lenet", ["lenet5"]), ("mobilenet", []),
  ])
  func nearMisses(name: String, expected: [String]) {
    let known = ["lenet5", "resnet50", "vgg16"]
    #expect(NearMiss.suggestions(for: name, among: known) == expected)
  }

  @Test func filesThatCannotBeReadSayWhy() {
    #expect(throws: SystemFailure("open", number: 2)) { try InputFile.contents("/no/such/file") }
    #expect(throws: SystemFailure("open", number: 21)) { try InputFile.contents("/") }
    #expect(SystemFailure("open", number: 2).description == "open: No such file or directory")
  }
}
