import StriateCore
import StriateFormats
import StriateIR
import StriateNN

/// One line of layers.json or losses.json: a module of PyTorch with its answers and gradients.
struct LayerGolden: Sendable, CustomStringConvertible {
  let name: String
  let kind: String
  let attributes: Attributes
  let isTraining: Bool
  let inputs, keys, outputs: [String]
  /// How far PyTorch's own single precision is from its double, for every tensor that it computed.
  let single: [String: Double]

  /// Every case of a table; empty where it cannot be read, which a test refuses.
  static func all(_ table: String) -> [LayerGolden] {
    ((try? JSON(path: "\(Golden.folder)/\(table).json"))?.array ?? []).map { LayerGolden($0) }
  }

  private init(_ line: JSON) {
    func list(_ key: String) -> [String] { line[key]?.array?.compactMap(\.string) ?? [] }
    name = line["name"]?.string ?? ""
    kind = line["kind"]?.string ?? ""
    attributes = Attributes(json: line["attrs"] ?? .null)
    isTraining = line["training"]?.bool ?? false
    (inputs, keys, outputs) = (list("inputs"), list("params"), list("outputs"))
    var single: [String: Double] = [:]
    for (key, error) in line["single"]?.object ?? [:] { single[key] = error.double }
    self.single = single
  }

  var description: String { name }

  /// The graph `in.<name>, cot.<name> → <name of every tensor that PyTorch computed>`.
  ///
  /// - Throws: `TraceError` where the layer refuses its operands.
  func graph(_ golden: Golden) throws -> Graph {
    guard let built = built else { throw MissingLayer(kind: kind) }
    let mode: TraceOptions.Mode = isTraining ? .training : .inference
    let naming = Naming(built.model)
    let builder = GraphBuilder(options: TraceOptions(mode: mode), naming: naming)
    func input(_ kind: String, _ name: String) throws -> Tensor {
      let type = try golden["\(self.name).\(kind).\(name)"].type
      let dtype = type.dtype.isFloatingPoint ? DType.float32 : type.dtype
      return builder.input("\(kind).\(name)", TensorType(dtype, type.shape))
    }
    var operands: [String: Tensor] = [:]
    for name in inputs { operands[name] = try input("in", name) }
    let results = built.call(operands)
    var seeds: [(tensor: Tensor, cotangent: Tensor)] = []
    for (name, result) in zip(outputs, results) {
      builder.output("out.\(name)", result)
      seeds.append((result, try input("cot", name)))
    }
    for state in builder.graph.states {
      guard let update = state.update else { continue }
      builder.output("state.\(state.name)", Tensor(builder: builder, id: update))
    }
    let targets =
      operands.map { ("grad.in.\($0.key)", $0.value) }
      + naming.parameters.map { ("grad.param.\($0.path)", builder.read($0.parameter)) }
    let wanted = targets.filter { single[$0.0] != nil }
    for (target, gradient) in zip(wanted, builder.gradients(of: seeds, in: wanted.map(\.1))) {
      builder.output(target.0, gradient)
    }
    return try builder.finish()
  }

  struct MissingLayer: Error { let kind: String }

  /// A layer or loss of ours, and how it is called.
  struct Built {
    let model: any Sendable
    let call: ([String: Tensor]) -> [Tensor]

    init(_ layer: any Layer) {
      model = layer
      call = { operands in operands["x"].map { [layer($0)] } ?? [] }
    }

    init(_ loss: any Loss) {
      model = loss
      call = { operands in
        guard let x = operands["x"], let target = operands["target"] else { return [] }
        return [loss(x, target)]
      }
    }

    init<M: Model>(_ model: M) where M.Input == Tensor, M.Output == RecurrentOutput {
      self.model = model
      call = { operands in
        operands["x"].map { x in model(x).namedTensors.map(\.tensor) } ?? []
      }
    }

    init(_ model: any Sendable, call: @escaping ([String: Tensor]) -> [Tensor]) {
      self.model = model
      self.call = call
    }
  }

  /// The attributes of a case.
  struct Attributes: Sendable {
    let json: JSON

    func int(_ key: String) -> Int { json[key]?.int ?? 0 }
    func optionalInt(_ key: String) -> Int? { json[key]?.int }
    func double(_ key: String, _ fallback: Double = 0) -> Double { json[key]?.double ?? fallback }
    func bool(_ key: String, _ fallback: Bool = false) -> Bool { json[key]?.bool ?? fallback }
    func string(_ key: String) -> String { json[key]?.string ?? "" }
    func ints(_ key: String) -> [Int] { json[key]?.array?.compactMap(\.int) ?? [] }
    func doubles(_ key: String) -> [Double]? { json[key]?.array?.compactMap(\.double) }

    /// A number for both axes, or a list of two.
    func pair(_ key: String) -> Pair {
      let list = ints(key)
      return list.count == 2 ? Pair(list[0], list[1]) : Pair(int(key))
    }
  }
}
