import Foundation
import Striate
import StriateTestSupport
import Testing

/// Ways to explain, on a network of one convolution, whose answers can be told by hand.
@Suite struct ExplainTests {
  /// Two 1×1 filters, ReLU, the mean over space, and a classifier.
  struct Small: Layer {
    let conv: Conv2D
    let pool = GlobalAveragePool()
    let fc: Linear

    init() {
      conv = Conv2D(in: 1, out: 2, kernel: 1)
      fc = Linear(in: 2, out: 2)
    }

    func forward(_ x: Tensor) -> Tensor { fc(pool(relu(conv(x)))) }
  }

  /// Channel 0 is the pixel, channel 1 its negative; class 0 wants channel 0, class 1 channel 1.
  private static func explainer(on device: Device) throws -> Explainer {
    let weights: [(String, [Float], Shape)] = [
      ("conv.weight", [1, -1], [2, 1, 1, 1]), ("conv.bias", [0, 0], [2]),
      ("fc.weight", [4, -2, -4, 8], [2, 2]), ("fc.bias", [0, 0], [2]),
    ]
    var tensors = NamedTensors()
    for (name, values, shape) in weights { tensors[name] = try HostTensor(values, shape: shape) }
    return try Explainer(Small(), weights: tensors, input: [1, 2, 2], classes: 2, on: device)
  }

  private static let devices =
    [Device.reference] + ((try? Device.cpu(threads: 2)).map { [$0] } ?? [])
  private let image = Result { try HostTensor([3, -1, 0.5, 2] as [Float], shape: [1, 2, 2]) }

  @Test func gradCAMIsItsEquation() throws {
    for device in Self.devices {
      let explainer = try Self.explainer(on: device)
      let tap = try explainer.layer("conv")
      // The gradient of logit 0 in conv's channels: 4/4 where the pixel is above zero, −2/4 where below; its means
      // over four places are 3/4 and −1/8.
      let map = try explainer.gradCAM(image.get(), layer: tap, label: 0)
      #expect((map.height, map.width) == (2, 2))
      let expected = [3, -1, 0.5, 2].map { max(0.75 * $0 + 0.125 * $0, 0) as Float }
      for (a, b) in zip(map.values, expected) { #expect(Swift.abs(a - b) < 1e-5) }
      #expect(map.peak == (0, 0))
    }
  }

  @Test func rectifiersLetBackWhatEachMethodSays() throws {
    for device in Self.devices {
      let explainer = try Self.explainer(on: device)
      // Logit 0 by ReLUs' rule of guided backpropagation: of the gradients 1 and −1/2 only the first, above zero.
      let guided = try explainer.guidedBackprop(image.get(), label: 0)
      for (a, b) in zip(guided.tensor.scalars(as: Float.self), [1, 0, 1, 1] as [Float]) {
        #expect(Swift.abs(a - b) < 1e-6)
      }
      // Unit 1's greatest answer of the convolution is 1, at the second pixel; it goes back through its filter, −1.
      let back = try explainer.deconvnet(image.get(), layer: explainer.layer("conv"), unit: 1)
      #expect(back.tensor.scalars(as: Float.self) == [0, -1, 0, 0])
      // Without a unit the one that answers most.
      #expect(try explainer.deconvnet(image.get(), layer: explainer.layer("conv")).unit == 0)
    }
  }

  @Test func occlusionIsTheFallOfProbability() throws {
    let explainer = try Self.explainer(on: .reference)
    let map = try explainer.occlusion(image.get(), label: 0, size: 1, step: 1)
    func probability(_ pixels: [Double]) -> Double {
      let on = pixels.reduce(0) { $0 + max($1, 0) } / 4
      let off = pixels.reduce(0) { $0 + max(-$1, 0) } / 4
      return 1 / (1 + Foundation.exp(8 * -on + 10 * off))
    }
    let whole = probability([3, -1, 0.5, 2])
    for place in 0..<4 {
      var hidden = [3, -1, 0.5, 2]
      hidden[place] = 0
      #expect(Swift.abs(Double(map.values[place]) - (whole - probability(hidden))) < 1e-5)
    }
  }

  @Test func climbingRaisesTheLogit() throws {
    let explainer = try Self.explainer(on: .reference)
    let climb = try explainer.activationMaximisation(label: 1, steps: 20)
    #expect(climb.after > climb.before + 0.5)
    #expect(climb.image.scalars(as: Float.self).allSatisfy { $0 < 0 })
  }

  @Test func faultsAreTold() throws {
    let explainer = try Self.explainer(on: .reference)
    let wrong = try HostTensor([0] as [Float], shape: [1, 1, 1])
    #expect(throws: InspectError.self) { try explainer.layer("convv") }
    #expect(throws: InspectError.self) { try explainer.layer("fc") }
    #expect(throws: InspectError.self) { try explainer.gradCAM(image.get(), label: 2) }
    #expect(throws: InspectError.self) { try explainer.gradCAM(wrong) }
    #expect(throws: InspectError.self) { try explainer.deconvnet(image.get(), unit: 2) }
    #expect(throws: InspectError.self) { try explainer.occlusion(image.get(), size: 3) }
    #expect(throws: InspectError.self) { try explainer.activationMaximisation(label: -1) }
  }

  @Test func ranksCorrelate() {
    #expect(RankCorrelation.spearman([1, 2, 3], [10, 20, 90]) == 1)
    #expect(RankCorrelation.spearman([1, 2, 3], [3, 2, 1]) == -1)
    #expect(RankCorrelation.spearman([1, 1, 1], [3, 2, 1]) == 0)
    // 1 − 6·Σd²/(n(n² − 1)) with ranks 0 1 2 3 and 1 0 2 3: 1 − 12/60.
    #expect(Swift.abs(RankCorrelation.spearman([1, 2, 3, 4], [2, 1, 3, 4]) - 0.8) < 1e-12)
  }

  @Test func mapsAreResizedBetweenMiddles() {
    let map = HeatMap(height: 1, width: 2, values: [0, 1]).resized(height: 1, width: 4)
    #expect(map.values == [0, 0.25, 0.75, 1])
  }
}
