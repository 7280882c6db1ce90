import StriateCore

/// The tensor of a file that becomes one of a network, and what must be done to it.
struct WeightSource: Sendable {
  /// What is done to a tensor.
  enum Change: Sendable {
    /// Only its shape is another one, of as many numbers.
    case reshape(Shape)
    /// The axes come in this order, then have this shape.
    case transpose([Int], from: Shape, to: Shape)
    /// Another tensor is subtracted where it is there: a bias before a norm, taken from the norm's mean.
    case subtract(String)
  }

  var name: String
  var change: Change?

  /// Whether the tensor is taken as it is.
  var isUnchanged: Bool { if case nil = change { true } else { false } }
  /// The other tensor that is needed where it is there.
  var subtracted: String? { if case .subtract(let other)? = change { other } else { nil } }

  init(_ name: some StringProtocol, _ change: Change? = nil) {
    (self.name, self.change) = (String(name), change)
  }

  /// The network's tensor; nil where the file has none or another number of values.
  ///
  /// - Parameter find: the file's tensor of a name.
  func tensor(_ find: (String) throws -> HostTensor?) rethrows -> HostTensor? {
    guard let found = try find(name) else { return nil }
    switch change {
    case nil: return found
    case .reshape(let shape):
      // The number of classes may be another one.
      guard shape.rank > 0, found.shape.rank > 0 else { return nil }
      return try? found.reshaped(Shape([found.shape[0]] + shape.dims.dropFirst()))
    case .transpose(let order, let from, let to):
      return Self.transposed(found, order, from: from, to: to)
    case .subtract(let other):
      guard let bias = try find(other) else { return found }
      let (a, b) = (found.scalars(as: Float.self), bias.scalars(as: Float.self))
      return a.count == b.count ? try? HostTensor(zip(a, b).map(-), shape: found.shape) : nil
    }
  }

  /// `from` says how the values are to be read; its last axis, which may be of classes, is the tensor's own.
  private static func transposed(
    _ tensor: HostTensor, _ order: [Int], from: Shape, to: Shape
  ) -> HostTensor? {
    guard let outputs = tensor.shape.dims.last else { return nil }
    let dims = Array(from.dims.dropLast()) + [outputs]
    guard Shape(dims).count == tensor.count, order.count == dims.count else { return nil }
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dims[axis + 1]
    }
    let (shape, steps) = (order.map { dims[$0] }, order.map { strides[$0] })
    let old = tensor.scalars(as: Float.self)
    var new: [Float] = []
    new.reserveCapacity(old.count)
    var place = [Int](repeating: 0, count: shape.count)
    var offset = 0
    for _ in old {
      new.append(old[offset])
      var axis = shape.count - 1
      while axis >= 0 {
        place[axis] += 1
        offset += steps[axis]
        if place[axis] < shape[axis] { break }
        offset -= place[axis] * steps[axis]
        place[axis] = 0
        axis -= 1
      }
    }
    return try? HostTensor(new, shape: Shape([outputs] + to.dims.dropFirst()))
  }
}
