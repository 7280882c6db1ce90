import StriateCore
import StriateIR

/// A look at a value inside a network: what a layer's call returns, or the gradient that reaches it.
///
/// As text it is `PATH`, `PATH#n` for the layer's call n (the first is 0), `PATH:k` for its output k,
/// `PATH.grad` for the gradient: `recur#2:1.grad`.
public struct Tap: Sendable, Hashable, CustomStringConvertible {
  /// The layer call's path, as the trace has it.
  public var path: String
  /// Which of the call's outputs.
  public var output: Int
  /// Whether the gradient of the loss in it is meant.
  public var isGradient: Bool

  /// A look at a value.
  public init(_ path: String, output: Int = 0, isGradient: Bool = false) {
    self.path = path
    self.output = output
    self.isGradient = isGradient
  }

  /// The text that names it.
  public var description: String {
    path + (output == 0 ? "" : ":\(output)") + (isGradient ? ".grad" : "")
  }

  /// Reads the text that names a value of a graph.
  ///
  /// - Throws: `InspectError` with what may have been meant where there is no such value.
  public init(_ text: String, in graph: Graph) throws(InspectError) {
    let known = Tap.all(in: graph)
    if let exact = known.first(where: { $0.tap.path == text }) {
      self = exact.tap
      return
    }
    var rest = text[...]
    isGradient = rest.hasSuffix(".grad")
    if isGradient { rest = rest.dropLast(5) }
    output = 0
    if let mark = rest.lastIndex(of: ":"), let number = Int(rest[rest.index(after: mark)...]) {
      output = number
      rest = rest[..<mark]
    }
    path = rest.hasSuffix("#0") ? String(rest.dropLast(2)) : String(rest)
    let (path, output) = (self.path, self.output)
    let outputs = known.filter { $0.tap.path == path }
    guard !outputs.isEmpty else {
      let names = known.map(\.tap.description)
      let hint = NearMiss.hint(for: path, among: names)
      throw InspectError(
        .usage,
        "no layer is called '\(path)'; \(hint.isEmpty ? "" : hint + "; ")'list' in its place shows all "
          + "\(names.count), of which the last are \(names.suffix(3).joined(separator: ", "))")
    }
    guard outputs.contains(where: { $0.tap.output == output }) else {
      throw InspectError(
        .usage,
        "\(path) has \(outputs.count) output\(outputs.count == 1 ? "" : "s"), counted from 0; "
          + "found '\(text)'")
    }
  }

  /// The values of a traced graph that can be looked at, in the order in which they are made, with the
  /// layers' kinds.
  public static func all(in graph: Graph) -> [(tap: Tap, kind: String, type: TensorType)] {
    let outermost = CallTree(graph).outermost
    return graph.calls.enumerated().flatMap { index, call -> [(Tap, String, TensorType)] in
      if call.path.isEmpty || outermost[call.path] != index { return [] }
      return call.outputs.enumerated().filter { $0.element != .poison }.map { output, id in
        (Tap(call.path, output: output), call.kind, graph.type(id))
      }
    }
  }

  /// The value in a graph under construction; nil where there is none.
  public func tensor(in builder: GraphBuilder) -> Tensor? {
    guard let call = builder.graph.calls.last(where: { $0.path == path }),
      call.outputs.indices.contains(output), call.outputs[output] != .poison
    else { return nil }
    return Tensor(builder: builder, id: call.outputs[output])
  }
}
