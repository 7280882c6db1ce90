import StriateCore
import StriateIR
import StriateRuntime

extension Explainer {
  /// Where the evidence for a class lies: Grad-CAM.
  ///
  /// `relu(Σ α[c]·A[c])` over the channels of a layer's answer `A`, `α[c]` the mean over space of the gradient of the
  /// class's logit in `A[c]`. Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, "Grad-CAM: Visual explanations from
  /// deep networks via gradient-based localization", ICCV 2017, equations 1 and 2.
  ///
  /// - Parameters:
  ///   - image: `[C, H, W]`, as the network takes it.
  ///   - layer: a layer of `layers()`; by default the last one.
  ///   - label: the class; by default the network's answer.
  /// - Throws: `InspectError` where something does not fit, or the device's error.
  public func gradCAM(
    _ image: HostTensor, layer: Tap? = nil, label: Int? = nil
  ) throws -> HeatMap {
    let tap = try layer ?? self.layer(nil)
    let label = try self.label(label, image)
    let answers = try run(image) { builder, _, logits in
      guard let maps = tap.tensor(in: builder) else {
        throw InspectError(.usage, "no layer is called '\(tap)'")
      }
      let gradient = builder.gradients(of: score(logits, label), in: [maps])[0]
      let weights = gradient.mean(over: [2, 3], keepingAxes: true)
      builder.output("map", relu((maps * weights).sum(over: [1])))
    }
    return try Self.map(answers["map"])
  }

  /// A map from `[1, H, W]`.
  static func map(_ tensor: HostTensor?) throws -> HeatMap {
    guard let tensor, tensor.shape.rank == 3 else {
      throw InspectError(.mismatch, "a map has two axes, found \(tensor?.shape ?? .scalar)")
    }
    return HeatMap(
      height: tensor.shape[1], width: tensor.shape[2], values: tensor.scalars(as: Float.self))
  }
}
