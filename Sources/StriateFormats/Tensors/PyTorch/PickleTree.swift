import StriateCore

/// The tensors of a pickled value under their places in it, and what there is besides.
///
/// A state dictionary is found by what it is, not by what it is called: tensors lie in dictionaries, in whatever depth, and
/// the place of one is the keys on the way to it joined by dots. Those of optimisers are counted only.
struct PickleTree {
  private(set) var index = WeightsIndex()
  private var visits: [ObjectIdentifier: Int] = [:]
  private let storage: (PickledStorage) throws -> StoredTensor.Storage

  /// A dictionary may stand in several places, and values may hold each other in circles.
  private static let mostVisits = 4

  /// What is to be looked at: a value, its place, and the dictionary that it lies in.
  private struct Place {
    var value: PickleValue
    var name: String
    var group: String
    /// Why tensors here are not taken: what they lie behind.
    var barrier: Barrier?
  }

  private enum Barrier {
    case optimizer, list
    case object(String, place: String)
  }

  init(_ container: PyTorchContainer) {
    storage = container.storage
    var waiting = [Place(value: container.value, name: "", group: "")]
    // The next value is taken from the end: what lies in a dictionary keeps its order.
    while let place = waiting.popLast() { waiting += visit(place).reversed() }
  }

  /// Notes a value; what lies in it follows.
  private mutating func visit(_ place: Place) -> [Place] {
    func name(_ key: String) -> String { place.name.isEmpty ? key : "\(place.name).\(key)" }
    switch place.value {
    case .tensor(let tensor): note(tensor, place)
    case .dictionary(let dictionary):
      guard isNew(dictionary) else { return [] }
      let isOptimizer =
        dictionary.values["state"] != nil && dictionary.values["param_groups"] != nil
      return dictionary.names.map { key in
        Place(
          value: dictionary.values[key] ?? .none, name: name(key), group: place.name,
          barrier: place.barrier ?? (isOptimizer ? .optimizer : nil))
      }
    case .list(let list):
      guard isNew(list) else { return [] }
      return items(list.values, place)
    case .tuple(let values, _): return items(values, place)
    case .object(let object):
      guard isNew(object) else { return [] }
      if let state = Self.scriptState(object) {
        return state.names.map { key in
          Place(
            value: state.values[key] ?? .none, name: name(key), group: place.group,
            barrier: place.barrier)
        }
      }
      if place.barrier == nil { index.objects.append((place.name, object.name)) }
      return object.held.map {
        Place(
          value: $0, name: place.name, group: place.group,
          barrier: place.barrier ?? .object(object.name, place: place.name))
      }
    case .none, .bool, .int, .long, .float, .text, .bytes, .global, .storage:
      index.values += 1
    }
    return []
  }

  /// Dictionaries in a list are as good as others; tensors that only have a number are not taken.
  private func items(_ values: [PickleValue], _ place: Place) -> [Place] {
    values.enumerated().map { position, value in
      var barrier = place.barrier
      if case .tensor = value, barrier == nil { barrier = .list }
      return Place(
        value: value, name: place.name.isEmpty ? "\(position)" : "\(place.name).\(position)",
        group: place.name, barrier: barrier)
    }
  }

  private mutating func isNew(_ object: AnyObject) -> Bool {
    visits[ObjectIdentifier(object), default: 0] += 1
    return visits[ObjectIdentifier(object), default: 0] <= Self.mostVisits
  }

  /// What an object of TorchScript holds: its parameters and parts under their names.
  private static func scriptState(_ object: PickleObject) -> PickleDictionary? {
    guard object.name.hasPrefix("__torch__.") else { return nil }
    for case .dictionary(let state) in object.held { return state }
    return nil
  }

  private mutating func note(_ tensor: PickledTensor, _ place: Place) {
    switch place.barrier {
    case .optimizer: index.optimizerTensors += 1
    case .object(let name, let place):
      index.hidden[place, default: (name, 0)].count += 1
    case .list: index.looseTensors += 1
    case nil: index.add(stored(tensor), place.name, in: place.group)
    }
  }

  private func stored(_ tensor: PickledTensor) -> StoredTensor {
    let shape = Shape(tensor.extents)
    if let refusal = tensor.refusal { return StoredTensor(refused: refusal, shape: shape) }
    let (find, storage) = (storage, tensor.storage)
    return StoredTensor(
      shape: shape,
      StoredTensor.Numbers(
        element: tensor.element, strides: tensor.strides, offset: tensor.offset,
        isNegated: tensor.isNegated, key: "\(storage.key)+\(storage.start)",
        storage: { try find(storage) }))
  }
}
