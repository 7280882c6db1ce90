import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

/// The loss of logits against labels.
private func value(
  _ loss: any Loss, _ x: [Float], _ shape: Shape, labels: [Int32], _ target: Shape
) throws -> [Double] {
  let program = try Program(on: .reference) {
    $0.output(
      "loss",
      loss($0.input("x", TensorType(.float32, shape)), $0.input("t", TensorType(.int32, target))))
  }
  let fed = ["x": try HostTensor(x, shape: shape), "t": try HostTensor(labels, shape: target)]
  return try program.run(fed, state: program.state())["loss"]?.scalars(as: Double.self) ?? []
}

@Test(
  "a label that is no class gives NaN, never a loss that looks right",
  arguments: [
    CrossEntropyLoss(), CrossEntropyLoss(weights: [1, 2, 3]), CrossEntropyLoss(ignoring: 9),
    CrossEntropyLoss(smoothing: 0.1, weights: [1, 2, 3], ignoring: 9),
    NegativeLogLikelihoodLoss(), NegativeLogLikelihoodLoss(weights: [1, 2, 3], ignoring: 9),
  ] as [any Loss], [-1, 3, .max] as [Int32])
func labelsThatAreNoClasses(loss: any Loss, label: Int32) throws {
  let found = try value(loss, [1, 2, 3, 4, 5, 6], [2, 3], labels: [0, label], [2])
  #expect(found.count == 1 && found.allSatisfy { $0.isNaN })
}

@Test func aMeanOverNothingIsNotANumber() throws {
  let loss = CrossEntropyLoss(ignoring: 7)
  #expect(try value(loss, [1, 2], [1, 2], labels: [7], [1]).allSatisfy { $0.isNaN })
  let sum = CrossEntropyLoss(ignoring: 7, reduction: .sum)
  #expect(try value(sum, [1, 2], [1, 2], labels: [7], [1]) == [0])
}

@Test func ignoredPlacesGetNoGradient() throws {
  let loss = CrossEntropyLoss(ignoring: -100)
  let program = try Program(on: .reference) {
    let x = $0.input("x", TensorType(.float32, [1, 2, 2, 1]))
    let y = loss(x, $0.input("t", TensorType(.int32, [1, 2, 1])))
    $0.output("dx", $0.gradients(of: y, in: [x])[0])
  }
  let x = try HostTensor([Float(1), 2, 3, 5], shape: [1, 2, 2, 1])
  let labels = try HostTensor([Int32(-100), 1], shape: [1, 2, 1])
  let dx = try program.run(["x": x, "t": labels], state: program.state())["dx"]
  let values = try #require(dx).scalars(as: Double.self)
  #expect(values[0] == 0 && values[2] == 0)
  #expect(values[1] > 0 && values[3] < 0 && abs(values[1] + values[3]) < 1e-6)
}

/// A loss of one's own: how far the answers' sum is from the target's.
private struct SumLoss: Loss {
  func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    abs(output.sum() - target.converted(to: output.dtype).sum())
  }
}

@Test func anyValueWithTheMethodIsALoss() throws {
  #expect(try value(SumLoss(), [1, 2, 3], [3], labels: [1, 1, 1], [3]) == [3])
}

@Test func hingeIsTheShortfall() throws {
  let x: [Float] = [2, 0.5, -1, -3]
  let plain = try value(HingeLoss(reduction: .none), x, [4], labels: [1, 1, 1, -1], [4])
  #expect(plain == [0, 0.5, 2, 0])
  let squared = HingeLoss(squared: true, reduction: .sum)
  #expect(try value(squared, x, [4], labels: [1, 1, 1, -1], [4]) == [4.25])
}
