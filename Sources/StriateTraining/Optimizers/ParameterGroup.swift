import StriateCore
import StriateIR

/// Parameters that are learned at a rate or with a weight decay of their own.
///
/// ```swift
/// config.groups = [
///   ParameterGroup(matching: .path("layer1"), rate: 0.1),  // a tenth of the rate
///   ParameterGroup(matching: .normalization, weightDecay: 0),
/// ]
/// ```
///
/// Of several groups that match a parameter the last one that says something counts, for the rate and for
/// the decay each.
public struct ParameterGroup: Sendable, Hashable {
  /// What a parameter must be to belong to a group.
  public enum Match: Sendable, Hashable {
    /// It lies at or under this path: `layer1`, `fc.weight`.
    case path(String)
    /// It has at most one axis: biases, and what normalisation scales and shifts channels by.
    case vectors
    /// Its name is `bias`, or an LSTM's `bias_…`.
    case biases
    /// It belongs to a layer whose type's name holds `Norm`.
    case normalization
  }

  /// What a parameter must be to belong to the group.
  public var match: Match
  /// What the learning rate is multiplied by; nil leaves it.
  public var rate: Double?
  /// The strength of weight decay; nil leaves the optimiser's.
  public var weightDecay: Double?

  /// A group of parameters.
  public init(matching match: Match, rate: Double? = nil, weightDecay: Double? = nil) {
    self.match = match
    self.rate = rate
    self.weightDecay = weightDecay
  }

  /// Whether a parameter belongs to the group.
  func holds(_ path: String, _ parameter: Parameter, in naming: Naming) -> Bool {
    switch match {
    case .path(let prefix): prefix.isEmpty || path == prefix || path.hasPrefix(prefix + ".")
    case .vectors: parameter.type.shape.rank <= 1
    case .biases: path.isBias
    case .normalization: naming.layerKind(holding: path)?.contains("Norm") ?? false
    }
  }
}

extension String {
  /// Whether the last component of a path names a bias.
  fileprivate var isBias: Bool {
    let name = split(separator: ".").last ?? ""
    return name == "bias" || name.hasPrefix("bias_")
  }
}

/// The optimisers that the groups ask for: one for every pair of a rate's factor and a decay.
struct UpdateVariants {
  /// An optimiser with what the learning rate is multiplied by for it.
  struct Variant {
    let optimizer: any Optimizer
    let rate: Double
  }

  /// The optimisers; the first one is that of parameters without a group.
  private(set) var all: [Variant]
  private var places: [String: Int] = [:]

  /// - Throws: `TrainingError` where a group matches nothing or asks for what the optimiser has not.
  init(
    _ optimizer: any Optimizer, _ groups: [ParameterGroup],
    of weights: [(path: String, parameter: Parameter)], naming: Naming
  ) throws(TrainingError) {
    all = [Variant(optimizer: optimizer, rate: 1)]
    for group in groups {
      guard case .path(let prefix) = group.match else { continue }
      let known = naming.parameters.map(\.path)
      if !naming.parameters.contains(where: { group.holds($0.path, $0.parameter, in: naming) }) {
        throw TrainingError(
          .mismatch,
          "no parameter lies at or under the group's path '\(prefix)'; "
            + NearMiss.hint(for: prefix, among: known))
      }
    }
    var decays: [Double?] = [nil]
    for (path, parameter) in weights {
      var (rate, decay) = (1.0, Double?.none)
      for group in groups where group.holds(path, parameter, in: naming) {
        rate = group.rate ?? rate
        decay = group.weightDecay ?? decay
      }
      if let known = all.indices.first(where: { all[$0].rate == rate && decays[$0] == decay }) {
        places[path] = known
        continue
      }
      var own = optimizer
      if let decay {
        guard var decaying = optimizer as? any WeightDecaying else {
          throw TrainingError(
            .invalidSetting,
            "a parameter group sets a weight decay, which \(type(of: optimizer)) does not have")
        }
        decaying.weightDecay = decay
        own = decaying
      }
      places[path] = all.count
      all.append(Variant(optimizer: own, rate: rate))
      decays.append(decay)
    }
  }

  /// The number of a parameter's optimiser.
  func place(of path: String) -> Int { places[path] ?? 0 }
}
