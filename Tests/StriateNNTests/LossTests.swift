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
    SoftmaxFocalLoss(), SoftmaxFocalLoss(gamma: 1, weights: [1, 2, 3], ignoring: 9), DiceLoss(),
    DiceLoss(ignoring: 9), JaccardLoss(ignoring: 9), LovaszSoftmaxLoss(),
    LovaszSoftmaxLoss(ignoring: 9), SummedLoss((1, CrossEntropyLoss()), (0.5, DiceLoss())),
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

@Test("losses of masks are those of hand-made ones")
func lossesOfMasks() throws {
  // Two pixels, of class 0 and 1, of which the first is certain and right and the second certain and wrong.
  let (x, labels): ([Float], [Int32]) = ([60, 60, 0, 0], [0, 1])
  func found(_ loss: any Loss) throws -> Double {
    try #require(try value(loss, x, [1, 2, 2, 1], labels: labels, [1, 2, 1]).first)
  }
  // Class 0: both 1, answered 2, so 1; class 1: both 0, answered 0, so 1.
  #expect(abs(try found(DiceLoss(smoothing: 1)) - (1 - (3.0 / 4 + 1.0 / 2) / 2)) < 1e-6)
  #expect(abs(try found(JaccardLoss(smoothing: 1)) - (1 - (2.0 / 3 + 1.0 / 2) / 2)) < 1e-6)
  // Of hard answers the extension is the Jaccard loss: 1 − 1/2 and 1 − 0.
  #expect(abs(try found(LovaszSoftmaxLoss()) - 0.75) < 1e-6)
  #expect(abs(try found(SoftmaxFocalLoss()) - 30) < 1e-4)
  let sum = SummedLoss((2, DiceLoss(smoothing: 1)), (1, JaccardLoss(smoothing: 1)))
  #expect(abs(try found(sum) - (2 * 0.375 + 1 - (2.0 / 3 + 0.5) / 2)) < 1e-6)
}

@Test(
  "nothing to count costs nothing, or is not a number where it is a mean",
  arguments: [
    (DiceLoss(ignoring: 7), 0), (JaccardLoss(ignoring: 7), 0), (LovaszSoftmaxLoss(ignoring: 7), 0),
    (SoftmaxFocalLoss(ignoring: 7, reduction: .sum), 0), (SoftmaxFocalLoss(ignoring: 7), .nan),
  ] as [(any Loss, Double)])
func nothingToCount(loss: any Loss, expected: Double) throws {
  let found = try value(loss, [1, 2], [1, 2], labels: [7], [1])
  #expect(found == [expected] || (expected.isNaN && found.allSatisfy(\.isNaN)))
}

@Test(
  "impossible settings of losses are refused when they are traced",
  arguments: [
    DiceLoss(smoothing: 0), DiceLoss(smoothing: .nan), JaccardLoss(smoothing: -1),
    SoftmaxFocalLoss(gamma: 0.5), SoftmaxFocalLoss(gamma: .infinity),
    SoftmaxFocalLoss(weights: [1]), SummedLoss(),
  ] as [any Loss])
func impossibleLosses(loss: any Loss) {
  #expect(throws: TraceError.self) { try value(loss, [1, 2], [1, 2], labels: [0], [1]) }
}

@Test("weights by frequency are the papers'")
func balance() {
  // Frequencies 0.5, 0.25 and 0.1 of the images that show them; the last class occurs nowhere.
  let pixels = [50, 25, 5, 0]
  let balanced = ClassBalance.balanced.weights(pixels: pixels, area: [100, 100, 50, 0])
  // All pixels are counted alike however rare their class is.
  let known = zip(pixels, balanced).filter { $0.0 > 0 }.map { Double($0) * $1 }
  #expect(known.allSatisfy { abs($0 - known[0]) < 1e-9 })
  #expect(zip(pixels, balanced).allSatisfy { $0 > 0 || $1 == 0 })
  let median = ClassBalance.medianFrequency.weights(pixels: pixels, area: [100, 100, 50, 0])
  #expect(zip(median, [0.5, 1, 2.5, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
  let logarithmic = ClassBalance.logarithmic.weights(pixels: pixels, area: [100, 100, 50, 0])
  #expect(abs(logarithmic[3] - 50.498_350) < 1e-4 && logarithmic[0] < logarithmic[1])
  #expect(ClassBalance.medianFrequency.weights(pixels: [], area: []).isEmpty)
  #expect(ClassBalance.medianFrequency.weights(pixels: [0], area: [0]) == [0])
}
