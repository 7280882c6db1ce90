import StriateCore
import StriateIR
import StriateNN

/// How large a network is.
struct NetworkSize: Hashable {
  /// Learned numbers.
  let parameters: Int
  /// Products of a forward pass.
  let macs: Int

  /// The size of a network for inputs of this shape, without the axis of samples.
  ///
  /// - Throws: `TraceError` where the network does not fit the input.
  init(_ network: some Layer, input: Shape) throws {
    let naming = Naming(network)
    parameters = naming.parameters.filter { $0.parameter.role == .weight }.reduce(0) {
      $0 + $1.parameter.type.shape.count
    }
    let builder = GraphBuilder(naming: naming)
    builder.output(
      "logits", network(builder.input("input", TensorType(.float32, Shape([1] + input.dims)))))
    macs = try builder.finish().cost.macs
  }
}
