import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// The zoo runs on fast kernels alone, at whole batches and at the last ones of an epoch.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct NaiveKernelTests {
  struct Row: Sendable, CustomStringConvertible {
    let model: String
    let batch: Int
    var description: String { "\(model) at batch \(batch)" }
  }

  /// 128; what 60,000 samples leave over, what 50,000 do, what 10,000 do; a single image.
  static let rows = ["lenet5", "resnet20", "densenet-mini"].flatMap { model in
    [128, 60_000 % 128, 50_000 % 128, 10_000 % 128, 1].map { Row(model: model, batch: $0) }
  }

  @Test("no step falls back to generic code", arguments: rows)
  func kernels(_ row: Row) throws {
    let device = try #require(TestDevice.cpu)
    let entry = try Catalog.find(row.model)
    let input = TensorType(.float32, Shape([row.batch] + entry.input.dims))
    func objective(_ model: some Layer) -> Objective { Objective(model) }
    let objective = objective(entry.model())
    let step = try TrainingStep(
      objective, optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), input: input, on: device)
    let evaluation = try EvaluationStep(objective, input: input, on: device)
    for program in [step.program, evaluation.program] {
      // The library's batch norm of channels one behind the other is generic code as well.
      let naive = program.executable.report.kernels.filter {
        $0.isNaive || $0.implementation.hasPrefix("ncsp")
      }
      #expect(naive.isEmpty, "\(naive.map { "\($0.path) \($0.name): \($0.implementation)" })")
    }
  }

  @Test("whole updates run on fast kernels alone", arguments: ["lenet5", "resnet20"])
  func updates(_ model: String) throws {
    let device = try #require(TestDevice.cpu)
    let entry = try Catalog.find(model)
    func objective(_ model: some Layer) -> Objective { Objective(model) }
    for optimizer in [LARS(weightDecay: 1e-4), RMSProp(momentum: 0.9, isCentered: true)]
      as [any Optimizer]
    {
      var rule = UpdateRule(optimizer)
      rule.clipping = GradientClipping(norm: 1, value: 0.5)
      rule.accumulation = 2
      rule.average = WeightAverage(warmsUp: true)
      let step = try TrainingStep(
        objective(entry.model()), rule: rule, mixing: Mixing(mixup: 0.2),
        batch: BatchType(Signature.classification(entry.input), count: 16), on: device)
      let slow = step.program.executable.report.kernels.filter {
        ($0.isNaive || $0.implementation == "reference") && $0.phase == .update
      }
      #expect(slow.isEmpty, "\(slow.map { "\($0.path) \($0.name): \($0.implementation)" })")
    }
  }

  @Test(
    "images need neither generic code nor the interpreter, forward or backward",
    arguments: convolutionCases + poolingCases + standardizationCases + localResponseCases
      + resizeCases)
  func spatialOps(_ opCase: OpCase) throws {
    let device = try #require(TestDevice.cpu)
    let report = try device.backend.compile(opCase.gradientGraph().applying()).report
    let slow = report.kernels.filter { $0.isNaive || $0.reason != nil }
    #expect(slow.isEmpty, "\(slow.map { "\($0.name): \($0.implementation), \($0.reason ?? "")" })")
  }

  @Test("what the interpreter runs has its reason in the report")
  func reasons() throws {
    let device = try #require(TestDevice.cpu)
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float64, [1, 2, 4, 4]))
    builder.output("y", maxPool(x, kernel: [2, 2]))
    let kernels = try device.backend.compile(builder.finish()).report.kernels
    #expect(kernels.compactMap(\.reason) == ["float64 runs in the interpreter"])
  }
}
