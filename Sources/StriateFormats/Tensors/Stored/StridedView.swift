/// Elements that lie in steps.
struct StridedView {
  let extents, strides: [Int]

  /// The elements in the order of rows.
  ///
  /// - Parameters:
  ///   - bytes: the elements from the view's first one to its last one.
  ///   - size: bytes of an element: 1, 2, 4, 8 or another number.
  func gathered(_ bytes: [UInt8], size: Int) -> [UInt8] {
    let count = extents.reduce(1, *)
    return [UInt8](unsafeUninitializedCapacity: count * size) { rows, filled in
      bytes.withUnsafeBytes { from in
        let to = UnsafeMutableRawBufferPointer(rows)
        switch size {
        case 1: gather(UInt8.self, from, to)
        case 2: gather(UInt16.self, from, to)
        case 4: gather(UInt32.self, from, to)
        default: gather(UInt64.self, from, to)
        }
      }
      filled = count * size
    }
  }

  private func gather<Word: BitwiseCopyable>(
    _: Word.Type, _ from: UnsafeRawBufferPointer, _ to: UnsafeMutableRawBufferPointer
  ) {
    let source = from.bindMemory(to: Word.self)
    let target = to.bindMemory(to: Word.self)
    guard let inner = extents.last, let step = strides.last else {
      if let first = source.first, !target.isEmpty { target[0] = first }
      return
    }
    var index = [Int](repeating: 0, count: extents.count - 1)
    var (row, place) = (0, 0)
    while row < target.count {
      for column in 0..<inner { target[row + column] = source[place + column * step] }
      row += inner
      for axis in index.indices.reversed() {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < extents[axis] { break }
        place -= extents[axis] * strides[axis]
        index[axis] = 0
      }
    }
  }
}

/// The order of the bytes of a number.
enum ByteOrder {
  /// Turns the bytes of each number round.
  static func swap(_ bytes: inout [UInt8], size: Int) {
    guard size > 1 else { return }
    for start in stride(from: 0, through: bytes.count - size, by: size) {
      bytes[start..<start + size].reverse()
    }
  }
}
