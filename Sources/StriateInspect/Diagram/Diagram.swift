/// Boxes, the scopes around them, and what flows between them: a graph ready to be laid out.
struct Diagram {
  /// Which of the picture's columns a box stands in.
  enum Column: Int, CaseIterable {
    case forward, backward, update
  }

  /// What a box does, which is its colour.
  enum Category: String, CaseIterable {
    case port, convolution, matmul, norm, pool, activation, pointwise, loss, reduction, movement
    case random, update
  }

  /// Something that computes, or an input or output.
  struct Box {
    var title: String
    /// Smaller lines beneath the title.
    var lines: [String] = []
    var category: Category
    var column = Column.forward
    /// The scope that it stands in; nil outside all.
    var scope: Int?
    /// The shape of what it gives, shown where its edges begin.
    var label = ""
    /// For a gradient the box that it is the gradient of, beside which it stands.
    var partner: Int?
  }

  /// A frame around boxes: a layer that calls others.
  struct Scope {
    var title: String
    var column: Column
    var parent: Int?
  }

  /// Values that flow from one box to another.
  struct Edge: Hashable {
    var from: Int
    var to: Int
  }

  /// The heading.
  var title: String
  /// What is said beneath it.
  var subtitle: String
  var boxes: [Box] = []
  var scopes: [Scope] = []
  private(set) var edges: [Edge] = []
  private var known: Set<Edge> = []

  init(title: String, subtitle: String) {
    self.title = title
    self.subtitle = subtitle
  }

  /// Adds a box and gives its number.
  mutating func add(_ box: Box) -> Int {
    boxes.append(box)
    return boxes.count - 1
  }

  /// Adds an edge between two boxes; one that is there is not added again.
  mutating func connect(_ from: Int, _ to: Int) {
    let edge = Edge(from: from, to: to)
    if from != to, known.insert(edge).inserted { edges.append(edge) }
  }

  /// The scopes around a box, outermost first.
  func scopes(around box: Int) -> [Int] {
    var line: [Int] = []
    var next = boxes[box].scope
    while let scope = next {
      line.insert(scope, at: 0)
      next = scopes[scope].parent
    }
    return line
  }
}

extension Diagram.Category {
  /// The category that a layer's or an op's name tells; nil where it tells none.
  init?(name: String) {
    let name = name.lowercased()
    let words: [(Diagram.Category, [String])] = [
      (.movement, ["convert"]), (.convolution, ["conv"]), (.norm, ["norm", "standardi"]),
      (.pool, ["pool"]),
      (.loss, ["cross_entropy", "loss"]), (.matmul, ["matmul", "linear"]),
      (.random, ["random", "dropout"]), (.reduction, ["reduce", "arg_max", "arg_min", "cumul"]),
      (
        .activation,
        ["relu", "tanh", "sigmoid", "softmax", "gate", "elu", "silu", "softplus", "hard"]
      ),
      (
        .movement,
        [
          "reshape", "transpose", "slice", "pad", "concat", "broadcast", "gather", "scatter",
          "resize", "flatten", "shortcut", "reorder", "one_hot", "reverse", "fill",
        ]
      ),
    ]
    guard let found = words.first(where: { entry in entry.1.contains { name.contains($0) } }) else {
      return nil
    }
    self = found.0
  }
}
