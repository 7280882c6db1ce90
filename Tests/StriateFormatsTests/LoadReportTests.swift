import StriateCore
import StriateFormats
import Testing

@Suite struct LoadReportTests {
  let found: NamedTensors = [
    "conv1.weight": HostTensor(zeros: TensorType(.float32, [6, 1, 5, 5])),
    "fc.weight": HostTensor(zeros: TensorType(.float32, [10, 84])),
    "fc.bais": HostTensor(zeros: TensorType(.float32, [10])),
    "steps": HostTensor(zeros: TensorType(.int32, [])),
  ]

  @Test func namesEveryFault() {
    let report = LoadReport(
      found,
      expected: [
        ("conv1.weight", TensorType(.float32, [6, 1, 5, 5])),
        ("fc.weight", TensorType(.float32, [100, 84])),
        ("fc.bias", TensorType(.float32, [10])),
        ("steps", TensorType(.int64, [])),
      ])
    #expect(report.matched == 1)
    #expect(
      report.lines == [
        "missing: fc.bias",
        "wrong shape: fc.weight is f32[10, 84], expected f32[100, 84]",
        "wrong type: steps is i32[], expected i64[]",
        "unexpected: fc.bais, meant as fc.bias?",
      ])
    #expect(!report.isComplete)
    let error = #expect(throws: FormatError.self) { try report.requireComplete() }
    #expect(error?.code == .mismatch)
  }

  @Test func unexpectedTensorsDoNotCount() throws {
    let report = LoadReport(found, expected: [("fc.weight", TensorType(.float32, [10, 84]))])
    #expect(report.isComplete)
    #expect(!report.isExact)
    try report.requireComplete()
  }
}
