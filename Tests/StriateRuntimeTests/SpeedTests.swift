import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite("Speed of the reference device")
struct SpeedTests {
  @Test("LeNet-5's forward pass on 128 digits takes well under a second")
  func lenet() throws {
    let builder = GraphBuilder()
    func weight(_ name: String, _ shape: Shape) -> Tensor {
      builder.fill(0.01, TensorType(.float32, shape))
    }
    var x = builder.input("x", TensorType(.float32, [128, 1, 28, 28]))
    x = tanh(convolution(x, weight("c1", [6, 1, 5, 5]), padLow: [2, 2]))
    x = averagePool(x, kernel: [2, 2])
    x = tanh(convolution(x, weight("c2", [16, 6, 5, 5])))
    x = averagePool(x, kernel: [2, 2])
    x = tanh(convolution(x, weight("c3", [120, 16, 5, 5]))).flattened(from: 1)
    x = tanh(matmul(x, weight("f1", [84, 120]), transposingRight: true))
    builder.output("y", matmul(x, weight("f2", [10, 84]), transposingRight: true))
    let graph = try builder.finish()
    let feeds = ["x": CaseInput.normal([128, 1, 28, 28]).values(seed: 1, "x")]
    let clock = ContinuousClock()
    let time = try clock.measure { _ = try run(graph, feeds, on: .reference) }
    print("LeNet-5 forward, batch 128, reference: \(time)")
    #expect(time < .seconds(1))
  }
}
