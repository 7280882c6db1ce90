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
/// A line `control` shows that the probe sees the allocations of Swift code. Where allocation cannot be
/// watched or oneDNN is missing it prints `unavailable`.
@main
enum Main {
  static func main() throws {
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
    for id in ["lenet5", "resnet20"] { try measure(id, on: device) }
  }

  private final class Box {}

  private static func measure(_ id: String, on device: Device) throws {
    let entry = try Catalog.find(id)
    func objective(_ model: some Layer) -> Objective { Objective(model) }
    let size = 32
    let batch = Batch(
      inputs: HostTensor(
        zeros: TensorType(.float32, Shape([size] + entry.input.dims))),
      labels: HostTensor([Int32](repeating: 1, count: size)), indices: Array(0..<size))
    let rule = GradientDescent(
      objective(entry.model()), optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), on: device)
    let start = try rule.initialState(seed: 1)
    let state = device.backend.makeState()
    try state.write(start.weights)
    try state.write(start.slots)
    let step = try rule.trainingStep(batch.inputs.type)
    var total = StepMetrics()
    func run(_ steps: Range<Int>) throws {
      for index in steps {
        let context = StepContext(step: index, seed: 1, learningRate: 0.01)
        total = try total + step.run(batch, at: context, state: state)
      }
    }
    try run(0..<10)
    let steps = id == "lenet5" ? 100 : 5
    ap_start()
    try run(10..<(10 + steps))
    ap_stop()
    print("\(id) steps=\(steps) ours=\(ap_ours()) libraries=\(ap_libraries())")
    if ap_ours() > 0 { ap_print_first() }
    precondition(total.count == size * (steps + 10))
  }
}
