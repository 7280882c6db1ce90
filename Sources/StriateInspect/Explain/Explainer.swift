import StriateCore
import StriateIR
import StriateNN
import StriateRuntime

/// A trained classifier with ways to ask why it answers as it does.
///
/// ```swift
/// let explainer = try Explainer(trained, on: .best)
/// let map = try explainer.gradCAM(image)  // where the evidence for its first answer lies
/// ```
public struct Explainer {
  let model: any Layer
  let input: Shape
  let classes: Int
  let device: Device
  let naming: Naming
  let state: any ResidentState

  /// A network with its weights on a device.
  ///
  /// - Throws: The device's error.
  public init(
    _ model: any Layer, weights: NamedTensors, input: Shape, classes: Int, on device: Device
  ) throws {
    self.model = model
    self.input = input
    self.classes = classes
    self.device = device
    naming = Naming(model)
    state = device.backend.makeState()
    try state.write(weights)
  }

  /// The layers whose answers are maps `[N, C, H, W]` of more than one place, in the order of their calls.
  ///
  /// - Throws: `TraceError` with every fault of the model.
  public func layers() throws -> [Tap] {
    let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    builder.output("logits", model(builder.input("input", type)))
    return Tap.all(in: try builder.finish()).filter { entry in
      let dims = entry.type.shape.dims
      return dims.count == 4 && dims[2] > 1 && dims[3] > 1
    }.map(\.tap)
  }

  /// The layer with this name; without one the last whose answer is a map.
  ///
  /// - Throws: `InspectError` where there is none, with those that may have been meant.
  public func layer(_ name: String?) throws -> Tap {
    let known = try layers()
    guard let name else {
      if let last = known.last { return last }
      throw InspectError(
        .mismatch, "no layer of the network answers with a map; a convolutional one is needed")
    }
    if let found = known.first(where: { $0.description == name }) { return found }
    throw InspectError(
      .usage,
      "no layer '\(name)' answers with a map of more than one place; "
        + NearMiss.hint(for: name, among: known.map(\.description)))
  }

  /// The type of a batch of one image.
  var type: TensorType { TensorType(.float32, Shape([1] + input.dims)) }

  /// Runs a graph over one image in use: what `build` makes of input, logits and builder.
  func run(
    _ image: HostTensor, _ inputs: [String: HostTensor] = [:],
    _ build: (GraphBuilder, _ input: Tensor, _ logits: Tensor) throws -> Void
  ) throws -> [String: HostTensor] {
    guard image.shape == input else {
      throw InspectError(.mismatch, "the model takes \(input), found an image \(image.shape)")
    }
    let program = try Program(
      on: device, options: TraceOptions(mode: .inference), naming: naming
    ) { builder in
      let x = builder.input("input", type)
      try build(builder, x, model(x))
    }
    var feeds = inputs
    feeds["input"] = try HostTensor(image.scalars(as: Float.self), shape: type.shape)
    return try program.run(feeds, state: state)
  }

  /// The logit of a class, of a graph with one image.
  func score(_ logits: Tensor, _ label: Int) -> Tensor {
    logits.slice(axis: 1, from: label, to: label + 1).reshaped([1])
  }

  /// The class that is asked about: the given one, else the network's answer.
  ///
  /// - Throws: `InspectError` where the network does not know it.
  public func label(_ given: Int?, _ image: HostTensor) throws -> Int {
    if let given {
      guard (0..<classes).contains(given) else {
        throw InspectError(
          .usage, "the network tells \(classes) classes apart, counted from 0; found \(given)")
      }
      return given
    }
    let logits = try run(image) { builder, _, logits in builder.output("logits", logits) }
    let values = logits["logits"]?.scalars(as: Float.self) ?? []
    return values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
  }
}
