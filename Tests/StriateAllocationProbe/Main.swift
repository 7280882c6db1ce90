import CAllocationProbe
import StriateCPU
import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// Counts what steps allocate once they are warm, and prints a line a network:
/// `lenet5 steps=100 ours=0 libraries=0`.
///
/// Given a folder of images, it prints instead what a loader of them leaves in memory; see `LoaderProbe`.
/// A line `control` shows that the probe sees the allocations of Swift code. Where allocation cannot be
/// watched or oneDNN is missing it prints `unavailable`.
@main
enum Main {
  static func main() throws {
    if CommandLine.arguments.count > 1 { return try LoaderProbe.run(on: CommandLine.arguments[1]) }
    guard ap_is_available(), let device = try? Device.cpu() else {
      print("unavailable")
      return
    }
    var kept: [Box] = []
    kept.reserveCapacity(4)
    ap_start()
    kept.append(Box())
    ap_stop()
    print("control steps=\(kept.count) ours=\(ap_ours()) libraries=\(ap_libraries())")
    for id in ["lenet5", "resnet20"] {
      try measure(id, id, UpdateRule(SGD(momentum: 0.9, weightDecay: 1e-4)), on: device)
    }
    var rule = UpdateRule(LARS(weightDecay: 1e-4))
    rule.groups = [ParameterGroup(matching: .vectors, rate: 2, weightDecay: 0)]
    rule.clipping = GradientClipping(norm: 1, value: 0.5)
    rule.average = WeightAverage(warmsUp: true)
    let mixing = Mixing(mixup: 0.2, cutmix: 1)
    try measure("everything", "lenet5", rule, mixing, on: device)
    rule.accumulation = 2
    try measure("accumulated", "lenet5", rule, mixing, on: device)
  }

  private final class Box {}

  private static func measure(
    _ name: String, _ id: String, _ rule: UpdateRule, _ mixing: Mixing? = nil, on device: Device
  ) throws {
    let entry = try Catalog.find(id)
    func objective(_ model: some Layer) -> Objective { Objective(model) }
    let size = 32
    let batch = Batch(
      inputs: HostTensor(
        zeros: TensorType(.float32, Shape([size] + entry.input.dims))),
      labels: HostTensor([Int32](repeating: 1, count: size)), indices: Array(0..<size))
    let descent = GradientDescent(
      objective(entry.model()), rule: rule, mixing: mixing, on: device)
    let start = try descent.initialState(seed: 1)
    let state = device.backend.makeState()
    try start.write(to: state)
    let parts = rule.accumulation
    var total = StepMetrics()
    func run(_ steps: Range<Int>) throws {
      for index in steps {
        var context = StepContext(step: index / parts, seed: 1, learningRate: 0.01)
        context.part.index = index % parts
        context.part.share = 1 / Double(parts)
        context.part.isLast = index % parts == parts - 1
        total = try total + descent.step(state, batch, at: context)
      }
    }
    try run(0..<10)
    let steps = id == "lenet5" ? 100 : 5
    ap_start()
    try run(10..<(10 + steps))
    ap_stop()
    print("\(name) steps=\(steps) ours=\(ap_ours()) libraries=\(ap_libraries())")
    if ap_ours() > 0 { ap_print_first() }
    precondition(total.count == size * (steps + 10))
  }
}
