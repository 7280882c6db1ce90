import StriateCore
import StriateFormats
import StriateIR

/// Weights of another training as the first ones of a new one, for other classes if need be.
///
/// Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?", NIPS 2014.
///
/// ```swift
/// let transfer = try WeightTransfer(file.tensors, into: Naming(model), path: "resnet50.pth")
/// options.initialWeights = transfer.weights  // all but those of `fc`
/// ```
public struct WeightTransfer: Sendable {
  /// The tensors that are taken.
  public let weights: NamedTensors
  /// The keys that keep the new network's own first values: those of classifiers for other classes, and what the file
  /// lacks and may lack.
  public let renewed: [String]

  /// Compares tensors with a network.
  ///
  /// Only tensors that have a row a class may differ, and those in their number of rows: the last learned tensor says
  /// how many classes either side tells apart. Counts of batches, which old files lack, start at zero.
  ///
  /// - Parameter optional: the keys that may be missing: those of a classifier, or of auxiliary heads.
  /// - Throws: `FormatError` naming what else does not fit.
  public init(
    _ found: NamedTensors, into naming: Naming, optional: Set<String> = [], path: String? = nil
  ) throws(FormatError) {
    let expected = naming.parameters.map { (name: $0.path, type: $0.parameter.type) }
    var found = found
    for (name, type) in expected
    where name.hasSuffix(".num_batches_tracked") && found[name] == nil {
      found[name] = HostTensor(zeros: type)
    }
    let last = naming.parameters.last { $0.parameter.role == .weight }
    let new = last?.parameter.type.shape.dims.first
    let old = last.flatMap { found[$0.path]?.shape.dims.first }
    let report = LoadReport(found, expected: expected)
    let others = report.wrongShape.filter { mismatch in
      let (a, b) = (mismatch.expected.shape.dims, mismatch.found.shape.dims)
      return new != old && a.first == new && b.first == old && a.dropFirst() == b.dropFirst()
    }.map(\.name)
    let absent = report.missing.filter(optional.contains)
    let renewed = expected.map(\.name).filter { others.contains($0) || absent.contains($0) }
    let kept = expected.filter { !renewed.contains($0.name) }
    try LoadReport(found, expected: kept).requireComplete(path: path)
    var weights = NamedTensors()
    for (name, _) in kept { weights[name] = found[name] }
    self.weights = weights
    self.renewed = renewed
  }
}
