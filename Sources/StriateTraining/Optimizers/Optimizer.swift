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

/// An optimiser with weight decay, whose strength a parameter group may set to another value.
///
/// Neither `slots` nor what they mean may depend on the strength.
public protocol WeightDecaying: Optimizer {
  /// The strength of the decay.
  var weightDecay: Double { get set }
}

/// The names under which a training's further tensors and numbers stand beside the weights.
public enum OptimizerNames {
  /// The state that a slot of a weight is.
  public static func slot(_ slot: String, of weight: String) -> String {
    "optimizer.\(slot).\(weight)"
  }

  /// The input that a scalar is; of the parameters with rates or decays of their own, by their number.
  public static func scalar(_ scalar: String, variant: Int = 0) -> String {
    variant == 0 ? "optimizer.\(scalar)" : "optimizer.\(scalar).\(variant)"
  }

  /// The state that the sum of a weight's gradients over micro-batches is.
  public static func sum(of weight: String) -> String { "accumulated.\(weight)" }

  /// The state that a weight's or a buffer's running average is.
  public static func average(of name: String) -> String { "average.\(name)" }

  /// The input that a micro-batch's share of its step's samples is.
  public static let share = "accumulation.share"
  /// The input that says by 1, not 0, that a micro-batch ends its step.
  public static let isLast = "accumulation.last"
  /// The input that the average's decay is.
  public static let decay = "average.decay"
}
