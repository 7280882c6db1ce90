import StriateCore
import StriateIR

/// A rule by which gradients change weights, built into the step's program.
///
/// What it keeps about a weight are slots: tensors of the weight's type, zeros at first, that stay on the
/// device under `optimizer.<slot>.<weight>`. What changes from step to step, such as the learning rate, are
/// scalars: numbers that the host computes in double precision and feeds to the program.
public protocol Optimizer: Sendable {
  /// The names of what it keeps about each weight.
  var slots: [String] { get }
  /// The names of the numbers it is fed at each step.
  var scalars: [String] { get }

  /// The number that is fed.
  ///
  /// - Parameters:
  ///   - index: its place in `scalars`.
  ///   - step: counted from 1.
  ///   - learningRate: as the schedule says.
  func scalar(_ index: Int, step: Int, learningRate: Double) -> Double

  /// Builds the new weight and the new slots.
  ///
  /// - Parameters:
  ///   - slots: what is kept about this weight, in the order of `slots`.
  ///   - scalars: the fed numbers, in the order of `scalars`.
  func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor])
}

/// The names under which a training's further tensors and numbers stand beside the weights.
public enum OptimizerNames {
  /// The state that a slot of a weight is.
  public static func slot(_ slot: String, of weight: String) -> String {
    "optimizer.\(slot).\(weight)"
  }

  /// The input that a scalar is.
  public static func scalar(_ scalar: String) -> String { "optimizer.\(scalar)" }
}
