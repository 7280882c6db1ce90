import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// How long the gradients of a network's filters and matrices are, layer by layer.
package enum GradientNorms {
  /// The norm of the gradient of each weight with two or more axes, from the input on, at given weights.
  ///
  /// The loss is the mean cross-entropy, those of auxiliary heads added.
  ///
  /// - Throws: The device's error.
  package static func measure(
    _ model: some Layer, weights: NamedTensors, on batch: Batch, device: Device
  ) throws -> [(path: String, norm: Double)] {
    let naming = Naming(model)
    let filters = naming.parameters.filter {
      $0.parameter.role == .weight && $0.parameter.type.shape.rank > 1
    }
    let program = try Program(
      on: device, options: TraceOptions(mode: .training), naming: naming
    ) { builder in
      let labels = builder.input("labels", batch.labels.type)
      let logits = model(builder.input("input", batch.inputs.type))
      let heads = builder.auxiliaryAnswers
      let loss = heads.reduce(CrossEntropyLoss()(logits, labels)) {
        $0 + CrossEntropyLoss()($1.logits, labels) * $1.weight
      }
      let gradients = builder.gradients(of: loss, in: filters.map { builder.read($0.parameter) })
      for (filter, gradient) in zip(filters, gradients) {
        builder.output(
          filter.path, sqrt(square(gradient).sum(over: Array(gradient.shape.dims.indices))))
      }
    }
    var inputs = ["labels": batch.labels, "input": batch.inputs]
    if program.graph.inputs.contains(where: { $0.name == "random.key" }) {
      inputs["random.key"] = HostTensor([Int64(0), 0])
    }
    let found = try program.run(inputs, state: program.state(weights))
    return filters.map { path, _ in (path, Double(found[path]?.scalars(as: Float.self).first ?? 0))
    }
  }
}
