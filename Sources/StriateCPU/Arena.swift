/// Places buffers with known lifetimes into one block of memory.
///
/// Greedy by size: the largest buffers first, each at the lowest offset at which it overlaps none that lives
/// at the same time (Pisarchyk and Lee, 2020, "greedy by size").
package struct Arena {
  /// A buffer's size and the steps during which it lives.
  package struct Request {
    package var bytes: Int
    package var first: Int
    package var last: Int

    package init(bytes: Int, first: Int, last: Int) {
      self.bytes = bytes
      self.first = first
      self.last = last
    }
  }

  /// The offset of every request.
  package let offsets: [Int]
  /// The size of the block.
  package let byteCount: Int

  /// A placement of the requests.
  package init(_ requests: [Request], alignment: Int = 64) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var placed: [(offset: Int, end: Int, request: Request)] = []
    var total = 0
    let order = requests.indices.sorted {
      (requests[$0].bytes, requests[$1].first, $1) > (requests[$1].bytes, requests[$0].first, $0)
    }
    for index in order {
      let request = requests[index]
      let size = (max(request.bytes, 1) + alignment - 1) / alignment * alignment
      var offset = 0
      for other in placed
      where other.request.first <= request.last && request.first <= other.request.last {
        if offset + size <= other.offset { break }
        offset = max(offset, other.end)
      }
      offsets[index] = offset
      total = max(total, offset + size)
      let position = placed.firstIndex { $0.offset > offset } ?? placed.count
      placed.insert((offset, offset + size, request), at: position)
    }
    self.offsets = offsets
    byteCount = total
  }
}
