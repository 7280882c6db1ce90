import StriateCore
import StriateRuntime

extension ResidentState {
  /// Which rows of a weight, over so many leading axes, hold anything: what is zero throughout has learned nothing.
  ///
  /// - Throws: `TensorError` where there is no such weight.
  func learnedRows(_ path: String, axes: Int) throws -> [Bool] {
    guard let weights = try read([path])[path] else { return [] }
    let values = weights.scalars(as: Float.self)
    let rows = weights.shape.dims.prefix(axes).reduce(1, *)
    let width = values.count / max(rows, 1)
    return (0..<rows).map { row in
      values[(row * width)..<((row + 1) * width)].contains { $0 != 0 }
    }
  }
}
