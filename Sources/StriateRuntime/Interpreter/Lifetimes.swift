import StriateCore
import StriateIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The values that nobody reads after each node, and the most bytes that live at one time as the
/// interpreter holds them.
func lifetimes(_ graph: Graph) -> (dying: [[ValueID]], peak: Int) {
  var last = [Int](repeating: -1, count: graph.types.count)
  for (position, node) in graph.nodes.enumerated() {
    for id in node.inputs + node.outputs where last.indices.contains(id.index) {
      last[id.index] = position
    }
  }
  for id in graph.results where last.indices.contains(id.index) { last[id.index] = -1 }
  var dying = [[ValueID]](repeating: [], count: graph.nodes.count)
  for (index, position) in last.enumerated() where position >= 0 {
    dying[position].append(ValueID(index))
  }

  func bytes(_ id: ValueID) -> Int {
    let type = graph.type(id)
    let (product, overflow) = type.shape.count.multipliedReportingOverflow(
      by: type.dtype == .bool ? 1 : 8)
    return overflow ? 1 << 60 : min(product, 1 << 60)
  }
  var live = 0
  var peak = 0
  func add(_ id: ValueID) {
    live = min(live + bytes(id), 1 << 61)
    peak = max(peak, live)
  }
  for id in graph.inputs.map(\.value) + graph.states.map(\.value) { add(id) }
  for (position, node) in graph.nodes.enumerated() {
    for id in node.outputs { add(id) }
    for id in dying[position] { live -= bytes(id) }
  }
  return (dying, peak)
}

/// The machine's memory in bytes.
let physicalMemory: Int = {
  let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
  return pages > 0 && size > 0 ? pages * size : .max
}()
