import StriateCore

extension Graph {
  /// The positions of an input that a region of an output depends on, and no others' values.
  ///
  /// The receptive field of the region, cut off at the image's border: whatever stands outside, the region's values
  /// are the same. Padding is no position.
  ///
  /// - Parameters:
  ///   - region: positions of the output, `[N, C, …]`.
  ///   - output: a value of the graph, as a rule an output.
  ///   - input: a value `[N, C, …]` without a node.
  /// - Throws: `GlobalOperation` where some operation between the two reads all of its input.
  public func wanted(
    _ region: Region, of output: ValueID, from input: ValueID
  ) throws(GlobalOperation) -> Region {
    try regions(wantedFor: region, of: output, from: input)[input.index]
      ?? Region(type(input).shape.dims.dropFirst(2).map { _ in 0..<0 })
  }

  /// The positions of every value that depends on an input and that a region of an output depends on; nil of others.
  func regions(
    wantedFor region: Region, of output: ValueID, from input: ValueID
  ) throws(GlobalOperation) -> [Region?] {
    let depends = dependents(of: input)
    var wanted = [Region?](repeating: nil, count: types.count)
    guard depends[output.index] else { return wanted }
    wanted[output.index] = region
    let producers = producers
    func maker(_ value: ValueID) -> Node? { producers[value.index].map { nodes[$0] } }
    for node in nodes.reversed() {
      var region: Region?
      for output in node.outputs {
        if let part = wanted[output.index] { region = region.map { $0.joined(part) } ?? part }
      }
      guard let region else { continue }
      for (operand, value) in node.inputs.enumerated() where depends[value.index] {
        let axes = try reads(node, operand: operand, depends: depends, maker: maker)
        let extents = type(value).shape.dims.dropFirst(2)
        let read = Region(
          zip(zip(axes, extents), region.axes).map { $0.0.reads($1, extent: $0.1) })
        wanted[value.index] = wanted[value.index].map { $0.joined(read) } ?? read
      }
    }
    return wanted
  }

  /// Which values depend on an input.
  func dependents(of input: ValueID) -> [Bool] {
    var depends = [Bool](repeating: false, count: types.count)
    if depends.indices.contains(input.index) { depends[input.index] = true }
    for node in nodes where node.inputs.contains(where: { depends[$0.index] }) {
      for output in node.outputs { depends[output.index] = true }
    }
    return depends
  }
}
