#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the learning rate changes from step to step; computed on the host in double precision.
public enum Schedule: Sendable, Hashable {
  /// The same at every step.
  case constant
  /// Multiplied by `factor` after every so many steps: PyTorch's `StepLR`.
  case step(every: Int, factor: Double)
  /// Multiplied by `factor` after each of these numbers of steps.
  case multistep(milestones: [Int], factor: Double)
  /// From each of these shares of the run on, multiplied by the factor beside it and by no other.
  case staged(shares: [Double], factors: [Double])
  /// Multiplied by `factor` after every step: PyTorch's `ExponentialLR`.
  case exponential(factor: Double)
  /// Down to `minimum` over the run, as `(1 − step/total)^power`: PyTorch's `PolynomialLR`.
  case polynomial(power: Double, minimum: Double = 0)
  /// Half a cosine from the rate down to `minimum` over the run (Loshchilov and Hutter, 2017).
  case cosine(minimum: Double = 0)
  /// Up to the rate for a share of the run and down to nearly nothing, both along half a cosine.
  ///
  /// Smith and Topin, "Super-convergence", 2018, in PyTorch's form: from `rate/initialDivisor` to the rate
  /// over the first `warmup` of the run, then to `rate/(initialDivisor·finalDivisor)`. Momentum stays.
  case oneCycle(warmup: Double = 0.3, initialDivisor: Double = 25, finalDivisor: Double = 1e4)
  /// Multiplied by the plateau's factor where the test loss no longer falls.
  case plateau(Plateau = Plateau())

  /// Multiplied by `factor` in the course of an epoch of so many steps, evenly.
  public static func exponential(perEpoch factor: Double, steps: Int) -> Schedule {
    .exponential(factor: steps > 0 ? pow(factor, 1 / Double(steps)) : factor)
  }

  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - step: counted from 0.
  ///   - total: steps of the whole run.
  ///   - base: the rate that the schedule shapes: the greatest one of a cycle. What a plateau lowers is
  ///     kept in its `Plateau.State`; here it counts as constant.
  public func rate(step: Int, total: Int, base: Double) -> Double {
    switch self {
    case .constant, .plateau:
      return base
    case .step(let every, let factor):
      return base * pow(factor, Double(every > 0 ? step / every : 0))
    case .exponential(let factor):
      return base * pow(factor, Double(step))
    case .polynomial(let power, let minimum):
      let left = total > 0 ? 1 - Double(min(step, total)) / Double(total) : 0
      return minimum + (base - minimum) * pow(left, power)
    case .multistep(let milestones, let factor):
      return base * pow(factor, Double(milestones.count { $0 <= step }))
    case .staged(let shares, let factors):
      let begun = zip(shares, factors).filter { $0.0 * Double(total) <= Double(step) + 0.5 }
      return base * (begun.last?.1 ?? 1)
    case .cosine(let minimum):
      return anneal(base, minimum, Double(step), over: Double(total))
    case .oneCycle(let warmup, let initialDivisor, let finalDivisor):
      let initial = base / initialDivisor
      let peak = warmup * Double(total) - 1
      if Double(step) <= peak { return anneal(initial, base, Double(step), over: peak) }
      return anneal(
        base, initial / finalDivisor, Double(step) - peak, over: Double(total) - 1 - peak)
    }
  }

  /// Half a cosine from one number to another; the other where there is no way between.
  private func anneal(_ from: Double, _ to: Double, _ done: Double, over all: Double) -> Double {
    let share = all > 0 ? min(max(done / all, 0), 1) : 1
    return to + (from - to) / 2 * (1 + cos(.pi * share))
  }
}
