import StriateCore
import StriateIR
import StriateRuntime
import Synchronization

/// Chooses the kernels of convolutions by trying them.
///
/// Rules choose between oneDNN's kernels, Winograd's and those for thin channels by arithmetic. Another machine may
/// see it otherwise: here each convolution of a program is run by itself with each of them, once for every shape, and
/// the rule's choice gives way to one that is at least 3 % faster. Choices decide the last bits of results: a run that
/// is to end as another did takes the other's.
public final class Autotune: Sendable {
  private struct Contents {
    var known: [String: String]
    var used: [String: String] = [:]
    var tried = 0
    var time = Duration.zero
  }

  private let contents: Mutex<Contents>
  private let tries: Bool
  private let observe: @Sendable (Autotune) -> Void

  /// Nothing is known; what is asked for is tried.
  ///
  /// - Parameter observe: told after each program for which something was tried.
  public init(observe: @escaping @Sendable (Autotune) -> Void = { _ in }) {
    contents = Mutex(Contents(known: [:]))
    tries = true
    self.observe = observe
  }

  /// The choices of another run; nothing is tried, and rules choose what that run did not have.
  public init(replaying choices: [String: String]) {
    contents = Mutex(Contents(known: choices, used: choices))
    tries = false
    observe = { _ in }
  }

  /// Adds choices that are known from before for this machine.
  public func adopt(_ choices: [String: String]) {
    contents.withLock { $0.known.merge(choices) { own, _ in own } }
  }

  /// All choices that are known: what is computed, and `library`, `winograd4`, `winograd2` or `thin`.
  public var known: [String: String] { contents.withLock(\.known) }

  /// Those that programs were compiled with.
  public var used: [String: String] { contents.withLock(\.used) }

  /// How many shapes have been tried, and how long that took.
  public var effort: (shapes: Int, time: Duration) { contents.withLock { ($0.tried, $0.time) } }

  /// Changes where kernels change so much that old choices mean nothing.
  public static let generation = 1

  /// The gain in time from which a kernel takes the place of the rule's.
  private static let margin = 0.97

  /// The kernels of a graph's convolutions; what is not known is tried now.
  ///
  /// - Throws: `CPUError` where a kernel cannot be made or run.
  func ways(
    for graph: Graph, on backend: CPUBackend
  ) throws -> [ConvolutionKey: ConvolutionWay] {
    var result: [ConvolutionKey: ConvolutionWay] = [:]
    let before = effort.shapes
    for key in ConvolutionKey.all(in: graph) {
      let name = key.text
      if let known = contents.withLock({ $0.known[name] }).flatMap(ConvolutionWay.init) {
        result[key] = known
      } else if tries {
        let start = ContinuousClock.now
        let best = try fastest(key, on: backend)
        contents.withLock {
          $0.known[name] = best.rawValue
          $0.tried += 1
          $0.time += ContinuousClock.now - start
        }
        result[key] = best
      }
      if let way = result[key] { contents.withLock { $0.used[name] = way.rawValue } }
    }
    if effort.shapes > before { observe(self) }
    return result
  }

  private func fastest(_ key: ConvolutionKey, on backend: CPUBackend) throws -> ConvolutionWay {
    let graph = try key.graph()
    let rule = try KernelTrial(graph, key, nil, on: backend)
    // In turns, so that what disturbs the machine disturbs all.
    let trials =
      try [rule]
      + ConvolutionWay.allCases.filter { $0 != rule.way }.compactMap { way in
        let trial = try KernelTrial(graph, key, way, on: backend)
        return trial.way == way ? trial : nil
      }
    guard trials.count > 1 else { return rule.way }
    let start = ContinuousClock.now
    for round in 0..<Self.mostRounds {
      for trial in trials { try trial.run() }
      if round >= Self.fewestRounds, ContinuousClock.now - start > Self.patience { break }
    }
    guard let best = trials.min(by: { $0.median < $1.median }) else { return rule.way }
    return best.median < rule.median * Self.margin ? best.way : rule.way
  }

  private static let fewestRounds = 4
  private static let mostRounds = 30
  private static let patience = Duration.milliseconds(150)
}
