import StriateCPU
import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTasks
import StriateTestSupport
import StriateTraining
import Testing

/// Networks that answer every pixel are trained and tested without code that is slow.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct SegmentationKernelTests {
  @Test(
    "no kernel is naive or interpreted",
    arguments: ["unet-small", "enet", "fcn_resnet50", "lraspp_mobilenet_v3_large"])
  func kernels(_ id: String) throws {
    let device = try Device.cpu(threads: 2)
    let task = Segmentation(classes: 3)
    let batch = BatchType(
      Signature([
        Port("input", .float32, [3, 64, 64], role: .input),
        Port("labels", .int32, [64, 64], role: .target),
      ]), count: 2)
    func programs(_ model: some SegmentationNetwork) throws -> [Program] {
      let objective = Objective(model, task: task)
      return [
        try TrainingStep(
          objective, rule: UpdateRule(SGD(momentum: 0.9)), batch: batch, on: device
        ).program,
        try EvaluationStep(objective, batch: batch, on: device).program,
      ]
    }
    for program in try programs(SegmentationNetworks.find(id).model(classes: 3)) {
      let slow = program.executable.report.kernels.filter { $0.isNaive || $0.reason != nil }
      #expect(slow.isEmpty, "\(slow.map { "\($0.path) \($0.name): \($0.implementation)" })")
    }
  }
}
