import StriateCore

/// The number of a value in its graph.
public struct ValueID: Sendable, Hashable, CustomStringConvertible {
  /// The position in `Graph.types`; negative for the poisoned value.
  public let index: Int

  /// The value with this number.
  public init(_ index: Int) { self.index = index }

  /// The value that stands for the result of a refused operation.
  public static let poison = ValueID(-1)

  /// `%12`.
  public var description: String { "%\(index)" }
}

/// Which part of a training step a node belongs to.
public enum Phase: String, Sendable, Hashable { case forward, backward, update }

/// One operation applied to values.
public struct Node: Sendable {
  /// The operation and its attributes.
  public var op: Op
  /// The values it reads.
  public var inputs: [ValueID]
  /// The values it makes.
  public var outputs: [ValueID]
  /// The layer call it stems from: `layer1.0.conv1`, or `recur#2` for a third call.
  public var path: String
  /// Whether it computes the answer, a gradient or an update.
  public var phase: Phase
  /// The line of model code it stems from.
  public var location: SourceLocation?

  /// An operation applied to values.
  public init(
    op: Op, inputs: [ValueID], outputs: [ValueID], path: String, phase: Phase,
    location: SourceLocation? = nil
  ) {
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.path = path
    self.phase = phase
    self.location = location
  }
}

/// A pure computation: nodes in an order in which every value is made before it is read.
///
/// Values without a node are inputs, fed at every run, or states, which stay on the device from run to
/// run and may be replaced at a run's end.
public struct Graph: Sendable {
  /// A value with a name, at the graph's edge.
  public struct Port: Sendable, Hashable {
    /// The name under which the host feeds or reads the value.
    public var name: String
    /// The value.
    public var value: ValueID

    /// A value with a name.
    public init(name: String, value: ValueID) {
      self.name = name
      self.value = value
    }
  }

  /// A value that stays on the device.
  public struct State: Sendable, Hashable {
    /// The name under which it is saved: `conv1.weight`.
    public var name: String
    /// The value that a run finds.
    public var value: ValueID
    /// The value that a run leaves; nil where it is only read.
    public var update: ValueID?

    /// A value with a name that a run reads, and perhaps replaces.
    public init(name: String, value: ValueID, update: ValueID? = nil) {
      self.name = name
      self.value = value
      self.update = update
    }
  }

  /// One call of a layer: for summaries, taps and explanations.
  public struct LayerCall: Sendable {
    /// The layer's path, with `#n` for its later calls.
    public var path: String
    /// The layer's type name.
    public var kind: String
    /// The tensors it was given.
    public var inputs: [ValueID]
    /// The tensors it returned.
    public var outputs: [ValueID]
  }

  /// The type of every value, by its number.
  public var types: [TensorType] = []
  /// The operations in order.
  public var nodes: [Node] = []
  /// What a run is fed.
  public var inputs: [Port] = []
  /// What stays on the device.
  public var states: [State] = []
  /// What a run returns.
  public var outputs: [Port] = []
  /// The layer calls, innermost first.
  public var calls: [LayerCall] = []

  /// An empty graph.
  public init() {}

  /// The type of a value.
  public func type(_ id: ValueID) -> TensorType {
    types.indices.contains(id.index) ? types[id.index] : TensorType(.float32, .scalar)
  }

  /// Adds a value of a type.
  public mutating func addValue(_ type: TensorType) -> ValueID {
    types.append(type)
    return ValueID(types.count - 1)
  }

  /// For every value the node that makes it, or nil for inputs and states.
  public var producers: [Int?] {
    var result = [Int?](repeating: nil, count: types.count)
    for (position, node) in nodes.enumerated() {
      for output in node.outputs { result[output.index] = position }
    }
    return result
  }

  /// For every value the nodes that read it.
  public var consumers: [[Int]] {
    var result = [[Int]](repeating: [], count: types.count)
    for (position, node) in nodes.enumerated() {
      for input in Set(node.inputs) { result[input.index].append(position) }
    }
    return result
  }

  /// The values that must survive to the end of a run.
  public var results: [ValueID] { outputs.map(\.value) + states.compactMap(\.update) }

  /// The work of one run.
  public var cost: Cost {
    nodes.reduce(Cost()) { $0 + $1.op.rule.cost($1.inputs.map(type), $1.outputs.map(type)) }
  }
}
