/// A value of a pickle.
///
/// What is no plain value and no tensor becomes an object that has a class's name and what the pickle hands to it, and is
/// never built: no file runs code.
indirect enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer of more than 64 bits, little-endian.
  case long([UInt8])
  case float(Double)
  case text(String)
  case bytes
  /// Values, and how deeply tuples are nested in it.
  case tuple([PickleValue], depth: Int)
  case list(PickleList)
  case dictionary(PickleDictionary)
  /// A name of a Python module: `torch.FloatStorage`.
  case global(String)
  case storage(PickledStorage)
  case tensor(PickledTensor)
  case object(PickleObject)

  /// The kind in words.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .int, .long: "an integer"
    case .float: "a number"
    case .text: "a text"
    case .bytes: "bytes"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let name): "the name \(name)"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .object(let object): "an object of \(object.name)"
    }
  }

  var int: Int? { if case .int(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var tuple: [PickleValue]? { if case .tuple(let values, _) = self { values } else { nil } }
  var isNone: Bool { if case .none = self { true } else { false } }
  var global: String? { if case .global(let name) = self { name } else { nil } }

  /// The whole numbers of a tuple; nil where it is none, or holds something else.
  var integers: [Int]? {
    guard let values = tuple else { return nil }
    let found = values.compactMap(\.int)
    return found.count == values.count ? found : nil
  }
}

/// A list while it is being filled: the pickle may hold it in several places.
final class PickleList { var values: [PickleValue] = [] }

/// A dictionary while it is being filled; of its keys texts and whole numbers are kept.
final class PickleDictionary {
  var names: [String] = []
  var values: [String: PickleValue] = [:]

  func set(_ key: PickleValue, _ value: PickleValue) {
    guard let name = key.text ?? key.int.map(String.init) else { return }
    if values.updateValue(value, forKey: name) == nil { names.append(name) }
  }
}

/// An object of a class that is not built here, or a call that is not made.
final class PickleObject {
  /// The class or function: `argparse.Namespace`.
  let name: String
  /// What it is called with, given as its state, or what is put into it.
  var held: [PickleValue]

  init(_ name: String, _ held: [PickleValue] = []) { (self.name, self.held) = (name, held) }
}

/// All lists, dictionaries and objects of a pickle.
///
/// They may hold each other in any depth or in circles: emptied one after the other, they go without recursion.
final class PickleArena {
  private var lists: [PickleList] = []
  private var dictionaries: [PickleDictionary] = []
  private var objects: [PickleObject] = []

  func list(_ values: [PickleValue] = []) -> PickleValue {
    let list = PickleList()
    list.values = values
    lists.append(list)
    return .list(list)
  }

  func dictionary() -> PickleDictionary {
    dictionaries.append(PickleDictionary())
    return dictionaries[dictionaries.count - 1]
  }

  func object(_ name: String, _ held: [PickleValue] = []) -> PickleValue {
    objects.append(PickleObject(name, held))
    return .object(objects[objects.count - 1])
  }

  deinit {
    for list in lists { list.values = [] }
    for dictionary in dictionaries { dictionary.values = [:] }
    for object in objects { object.held = [] }
  }
}
