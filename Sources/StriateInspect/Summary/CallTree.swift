import StriateIR

/// A graph's layer calls by nesting: which call was made inside which.
struct CallTree {
  /// The calls, innermost first, as the graph lists them.
  let calls: [Graph.LayerCall]
  /// For every call the one that made it.
  private(set) var parents: [Int?]
  /// For every call those that it made, in order.
  private(set) var children: [[Int]]

  init(_ graph: Graph) {
    calls = graph.calls
    parents = [Int?](repeating: nil, count: calls.count)
    children = [[Int]](repeating: [], count: calls.count)
    var open: [Int] = []
    for (index, call) in calls.enumerated() {
      let path = call.path.plainPath
      // A layer that no property holds shares its caller's path.
      while let last = open.last,
        calls[last].path.plainPath.isUnder(path) || calls[last].path == call.path
      {
        open.removeLast()
        parents[last] = index
        children[index].insert(last, at: 0)
      }
      open.append(index)
    }
  }

  /// The calls around a call and itself, outermost first.
  func lineage(_ index: Int) -> [Int] {
    var line: [Int] = []
    var next: Int? = index
    while let call = next {
      line.insert(call, at: 0)
      next = parents[call]
    }
    return line
  }

  /// The outermost call of each path, by the path with its call number.
  var outermost: [String: Int] {
    var found: [String: Int] = [:]
    for (index, call) in calls.enumerated() { found[call.path] = index }
    return found
  }
}

extension String {
  /// A layer's path without its call's number.
  var plainPath: String {
    guard let mark = lastIndex(of: "#"), self[index(after: mark)...].allSatisfy(\.isNumber) else {
      return self
    }
    return String(self[..<mark])
  }

  /// Whether this path lies beneath another; everything lies beneath the root.
  func isUnder(_ path: String) -> Bool {
    path.isEmpty ? !isEmpty : hasPrefix(path + ".")
  }

  /// Whether this path is another's and one component more.
  func isDirectly(under path: String) -> Bool {
    isUnder(path) && !dropFirst(path.isEmpty ? 0 : path.count + 1).contains(".")
  }

  /// The components of the path.
  var pathDepth: Int { isEmpty ? 0 : split(separator: ".").count }
}
