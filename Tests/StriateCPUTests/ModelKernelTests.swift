import StriateCPU
import StriateCore
import StriateIR
import StriateModels
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// How the zoo's networks are lowered: what is joined, how often layouts are converted, what is left to generic code.
///
/// A change of these numbers is a change of speed.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct ModelKernelTests {
  struct Row: Sendable, CustomStringConvertible {
    let model: String
    let input: [Int]
    /// Conversions between layouts, at most, and nodes inside other nodes' kernels, in training and in use; in use
    /// most conversions are of filters, once.
    let training, inference: Counts
    var description: String { model }
  }

  struct Counts: Sendable, Hashable, CustomStringConvertible {
    let reorders, fused: Int
    var description: String { "\(reorders) reorders, \(fused) fused" }
    init(_ reorders: Int, _ fused: Int) { (self.reorders, self.fused) = (reorders, fused) }
  }

  static let rows: [Row] = [
    Row(
      model: "lenet5", input: [1, 28, 28], training: Counts(7, 83),
      inference: Counts(2, 9)),
    Row(
      model: "resnet20", input: [3, 32, 32], training: Counts(12, 567),
      inference: Counts(24, 124)),
    Row(
      model: "alexnet", input: [3, 64, 64], training: Counts(6, 141),
      inference: Counts(1, 15)),
    Row(
      model: "vgg11_bn", input: [3, 32, 32], training: Counts(4, 353),
      inference: Counts(9, 69)),
    Row(
      model: "googlenet", input: [3, 64, 64], training: Counts(164, 1765),
      inference: Counts(109, 343)),
    Row(
      model: "resnet18", input: [3, 64, 64], training: Counts(11, 586),
      inference: Counts(21, 126)),
    Row(
      model: "resnet50", input: [3, 64, 64], training: Counts(43, 1524),
      inference: Counts(54, 331)),
    Row(
      model: "mobilenet_v2", input: [3, 64, 64], training: Counts(45, 1592),
      inference: Counts(53, 341)),
  ]

  @Test("nodes are fused as they were, reorders no more, naive kernels none", arguments: rows)
  func counts(_ row: Row) throws {
    let device = try Device.cpu(threads: 2)
    let model = try Catalog.find(row.model).model(classes: 10, input: Shape(row.input))
    func programs(_ model: some Layer) throws -> [Program] {
      let type = TensorType(.float32, Shape([4] + row.input))
      let step = try TrainingStep(
        Objective(model), optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), input: type, on: device)
      return [step.program, try Program(model, input: type, on: device)]
    }
    let reports = try programs(model).map(\.executable.report)
    for (report, expected) in zip(reports, [row.training, row.inference]) {
      let slow = report.kernels.filter { $0.isNaive || $0.reason != nil }
      #expect(slow.isEmpty, "\(slow.map { "\($0.path) \($0.name): \($0.implementation)" })")
      // The library's choices, and ours, are others on narrower vectors.
      if try DNNLibrary.load().instructionSet.hasPrefix("avx512") {
        let found = Counts(report.reorders, report.fused)
        #expect(found.fused == expected.fused && found.reorders <= expected.reorders, "\(found)")
      }
    }
  }
}
