import StriateCore
import StriateFormats
import StriateIR

/// A network whose convolutions and fully connected layers compute in 8-bit integers.
///
/// It traces the network that it was made of, and puts integer layers in place of those that were quantised;
/// between them numbers stay 8 bits wide. Filters are constants of the program. It answers only: a trace for
/// training is refused.
public struct QuantizedModel: Layer {
  private let content: Content

  /// What it was made of; not walked for parameters, since the quantised layers have none.
  final class Content: Sendable {
    let base: any Layer
    let layers: [String: QuantizedLayer]
    let tensors: NamedTensors

    init(_ base: any Layer, _ layers: [QuantizedLayer], _ tensors: NamedTensors) {
      self.base = base
      self.layers = Dictionary(layers.map { ($0.name, $0) }) { first, _ in first }
      self.tensors = tensors
    }
  }

  /// A quantised network.
  ///
  /// - Parameters:
  ///   - base: the network in floating point.
  ///   - tensors: of each quantised layer `NAME.weight` in int8, `NAME.weight_scale`, perhaps `NAME.bias`;
  ///     of the others their parameters.
  init(_ base: any Layer, layers: [QuantizedLayer], tensors: NamedTensors) {
    content = Content(base, layers, tensors)
  }

  /// The names of the quantised layers.
  public var layerNames: [String] { content.layers.keys.sorted() }

  /// Maps what the network maps.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let builder = x.builder
    guard builder.options.mode == .inference else {
      return builder.refuse(
        "quantized", "a quantised network answers and does not learn; train the one it was made of",
        operands: [x])
    }
    do {
      let graph = try Graph.inference(of: content.base, input: x.type)
      var replay = try QuantizedReplay(graph, content.layers, content.tensors, into: builder)
      return try replay.run(x)
    } catch {
      return builder.refuse("quantized", "\(error)", operands: [x])
    }
  }
}

extension Graph {
  /// A network's answer from `input` to `output`, after the standard passes.
  ///
  /// - Throws: `TraceError` with every fault of the network.
  static func inference(of model: some Layer, input: TensorType) throws -> Graph {
    let options = TraceOptions(mode: .inference)
    let builder = GraphBuilder(options: options, naming: Naming(model))
    builder.output("output", model(builder.input("input", input)))
    return try builder.finish().applying()
  }
}
