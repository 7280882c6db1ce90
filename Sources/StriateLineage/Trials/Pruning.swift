import StriateCore

/// Which filters' and matrices' elements stay; all others become zero.
package enum Pruning {
  /// By what elements are chosen.
  package enum Order {
    /// The greatest of each tensor stay.
    case magnitude
    /// They are drawn.
    case chance(seed: UInt64)
  }

  /// Weights of which a share of each filter or matrix is left, counted from all its elements.
  package static func keep(
    _ share: Double, of weights: NamedTensors, by order: Order
  ) throws -> NamedTensors {
    try changed(weights) { name, values in
      var marks: [Float]
      switch order {
      case .magnitude: marks = values.map(abs)
      case .chance(let seed):
        var random = RandomStream(seed: seed, "pruning", name)
        marks = values.map { $0 == 0 ? 0 : Float.random(in: 0.5..<1, using: &random) }
      }
      return zeroed(values, marks, keeping: Int(share * Double(values.count)))
    }
  }

  /// Weights of which a share of what is not zero is left, the greatest of each tensor.
  package static func keep(_ share: Double, ofThoseLeftIn weights: NamedTensors) throws
    -> NamedTensors
  {
    try changed(weights) { _, values in
      let left = values.count { $0 != 0 }
      return zeroed(values, values.map(abs), keeping: Int(share * Double(left)))
    }
  }

  /// Other weights, zero where these are.
  package static func values(_ others: NamedTensors, where kept: NamedTensors) throws
    -> NamedTensors
  {
    try changed(others) { name, values in
      let marks = kept[name]?.scalars(as: Float.self) ?? values
      return zip(values, marks).map { $1 == 0 ? 0 : $0 }
    }
  }

  /// The share of the elements of filters and matrices that are not zero.
  package static func share(of weights: NamedTensors) -> Double {
    var (left, all) = (0, 0)
    for (_, value) in weights where value.shape.rank > 1 {
      left += value.scalars(as: Float.self).count { $0 != 0 }
      all += value.count
    }
    return Double(left) / Double(max(all, 1))
  }

  private static func changed(
    _ weights: NamedTensors, _ change: (String, [Float]) -> [Float]
  ) throws -> NamedTensors {
    var result = weights
    for (name, value) in weights where value.shape.rank > 1 {
      result[name] = try HostTensor(
        change(name, value.scalars(as: Float.self)), shape: value.shape)
    }
    return result
  }

  /// The values with the greatest marks; of equal ones the first.
  private static func zeroed(_ values: [Float], _ marks: [Float], keeping count: Int) -> [Float] {
    let order = marks.indices.sorted {
      marks[$0] != marks[$1] ? marks[$0] > marks[$1] : $0 < $1
    }
    var result = [Float](repeating: 0, count: values.count)
    for index in order.prefix(count) { result[index] = values[index] }
    return result
  }
}
