import StriateCore
import StriateIR
import StriateRuntime

/// The end of a step whose gradients were accumulated over micro-batches: one update by their mean.
///
/// Reads the sums that `TrainingStep` made, clips them, updates weights, slots and averages, and sets the
/// sums back to zero.
final class UpdateStep: Sendable {
  let program: Program
  private let ports: BatchPorts
  private let feed: UpdateFeed

  /// Compiles the update of what a training step has learned.
  init(
    _ objective: Objective, rule: UpdateRule, learned: LearnedTensors, frozen: Set<String>,
    scalars: DType = .float32, on device: Device
  ) throws {
    let variants = try UpdateVariants(
      rule.optimizer, rule.groups, of: objective.trainable(frozen: frozen),
      naming: objective.naming)
    let update = UpdateBuilder(rule: rule, variants: variants, scalars: scalars)
    program = try Program(on: device, naming: objective.naming) { builder in
      builder.phase = .update
      let weights = learned.weights.map { path, type in
        (path: path, weight: builder.state(path, type))
      }
      let sums = learned.weights.map { path, type in
        builder.state(OptimizerNames.sum(of: path), type)
      }
      update.update(weights, by: sums, in: builder)
      let buffers = learned.buffers.map { path, type in
        (name: path, value: builder.state(path, type))
      }
      let new = learned.weights.compactMap { path, _ in
        builder.graph.states.first { $0.name == path }?.update.map {
          (name: path, value: Tensor(builder: builder, id: $0))
        }
      }
      update.average(new + buffers, in: builder)
      for (path, type) in learned.weights {
        builder.update(OptimizerNames.sum(of: path), builder.fill(0, type))
      }
    }
    ports = try BatchPorts(program)
    feed = UpdateFeed(update, into: ports)
  }

  /// Updates; gives the norm of the mean gradient where it is computed.
  func run(at context: StepContext, state: any ResidentState) throws -> Double? {
    feed.set(ports, at: context)
    try program.executable.run(ports.buffers, state: state)
    return ports.gradientNorm
  }
}
