import StriateCore

extension Pass {
  /// Multiplies a convolution's filters by what its channels are multiplied by, where neither changes in a run.
  ///
  /// A batch norm in use then costs nothing: `(w∗x + b)·a` becomes `(a·w)∗x + a·b`.
  public static let foldChannelScale = Pass("fold-channel-scale") { graph in
    let facts = FixedValues(graph)
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      guard let scaled = ScaledConvolution(node, facts) else {
        rewriter.copy(node, from: graph)
        continue
      }
      scaled.rewrite(node, graph, &rewriter)
    }
    return rewriter.finish(graph)
  }

  /// Adds two numbers a channel up before they are added to a tensor, where neither changes in a run.
  ///
  /// `(x + b) + c` becomes `x + (b + c)`.
  public static let foldChannelShift = Pass("fold-channel-shift") { graph in
    let facts = FixedValues(graph)
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      guard let (value, outer) = facts.channelOperand(of: node, .add),
        let inner = facts.onlyMaker(of: value),
        let (source, first) = facts.channelOperand(of: inner, .add)
      else {
        rewriter.copy(node, from: graph)
        continue
      }
      let type = graph.type(first)
      let sum = rewriter.insert(
        .binary(Binary(.add)), [rewriter.new(first), rewriter.new(outer)], type, beside: node)
      let spread = rewriter.spread(sum, over: graph.type(source), beside: node)
      rewriter.replace(
        node, by: .binary(Binary(.add)), [rewriter.new(source), spread],
        type: graph.type(node.outputs[0]))
    }
    return rewriter.finish(graph)
  }

  /// What makes fixed arithmetic on channels part of the weights; for graphs whose states a run only reads.
  public static let folding: [Pass] = [.foldChannelScale, .foldChannelShift, .eliminateDeadCode]
}

/// A convolution whose result, perhaps shifted, is multiplied by a fixed number a channel.
private struct ScaledConvolution {
  let convolution: Node
  /// The fixed shift before the multiplication, `[C]`.
  let shift: ValueID?
  /// The fixed factors, `[C]`.
  let factors: ValueID

  init?(_ node: Node, _ facts: FixedValues) {
    guard let (value, factors) = facts.channelOperand(of: node, .multiply),
      var maker = facts.onlyMaker(of: value)
    else { return nil }
    var shift: ValueID?
    if let (source, vector) = facts.channelOperand(of: maker, .add),
      let inner = facts.onlyMaker(of: source)
    {
      (maker, shift) = (inner, vector)
    }
    guard case .convolution = maker.op, facts.isFixed(maker.inputs[1]) else { return nil }
    (convolution, self.shift, self.factors) = (maker, shift, factors)
  }

  /// Adds the folded convolution in place of the multiplication; the old one is left without a reader.
  func rewrite(_ node: Node, _ graph: Graph, _ rewriter: inout GraphRewriter) {
    let filter = graph.type(convolution.inputs[1])
    let result = graph.type(node.outputs[0])
    let column = Shape([filter.shape[0]] + filter.shape.dims.dropFirst().map { _ in 1 })
    let factors = rewriter.new(self.factors)
    let stood = rewriter.insert(
      .reshape(Reshape(column)), [factors], TensorType(filter.dtype, column), beside: node)
    let spread = rewriter.insert(.broadcast(Broadcast(filter.shape)), [stood], filter, beside: node)
    let scaled = rewriter.insert(
      .binary(Binary(.multiply)), [rewriter.new(convolution.inputs[1]), spread], filter,
      beside: node)
    let operands = [rewriter.new(convolution.inputs[0]), scaled]
    guard let shift else {
      return rewriter.replace(node, by: convolution.op, operands, type: result)
    }
    let folded = rewriter.insert(convolution.op, operands, result, beside: node)
    let moved = rewriter.insert(
      .binary(Binary(.multiply)), [rewriter.new(shift), factors], graph.type(shift), beside: node)
    let shifts = rewriter.spread(moved, over: result, beside: node)
    rewriter.replace(node, by: .binary(Binary(.add)), [folded, shifts], type: result)
  }
}

extension GraphRewriter {
  /// A vector `[C]` repeated over `[N, C, …]`.
  fileprivate mutating func spread(
    _ vector: ValueID, over type: TensorType, beside node: Node
  ) -> ValueID {
    let ones = type.shape.dims.dropFirst(2).map { _ in 1 }
    let row = Shape([1, type.shape[1]] + ones)
    let reshaped = insert(
      .reshape(Reshape(row)), [vector], TensorType(type.dtype, row), beside: node)
    return insert(.broadcast(Broadcast(type.shape)), [reshaped], type, beside: node)
  }
}
