import StriateCore

/// A value of a pickle, of the few kinds that files of weights hold.
indirect enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer of more than 64 bits, little-endian.
  case long([UInt8])
  case float(Double)
  case text(String)
  /// Values, and how deeply tuples are nested in it.
  case tuple([PickleValue], depth: Int)
  case list(PickleList)
  case dictionary(PickleDictionary)
  /// A name of a Python module that is known here.
  case global(PickleGlobal)
  case storage(PickledStorage)
  case tensor(PickledTensor)

  /// The kind in words.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .int, .long: "an integer"
    case .float: "a number"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let name): "the name \(name.rawValue)"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }

  var int: Int? { if case .int(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var tuple: [PickleValue]? { if case .tuple(let values, _) = self { values } else { nil } }
}

/// All lists and dictionaries of a pickle.
///
/// They may hold each other in any depth or in circles: emptied one after the other, they go without recursion.
final class PickleArena {
  private var lists: [PickleList] = []
  private var dictionaries: [PickleDictionary] = []

  func list(_ values: [PickleValue] = []) -> PickleValue {
    let list = PickleList()
    list.values = values
    lists.append(list)
    return .list(list)
  }

  func dictionary() -> PickleValue {
    dictionaries.append(PickleDictionary())
    return .dictionary(dictionaries[dictionaries.count - 1])
  }

  deinit {
    for list in lists { list.values = [] }
    for dictionary in dictionaries { dictionary.values = [:] }
  }
}

/// A list while it is being filled: the pickle may hold it in several places.
final class PickleList { var values: [PickleValue] = [] }

/// A dictionary while it is being filled; only keys that are texts are kept.
final class PickleDictionary {
  var names: [String] = []
  var values: [String: PickleValue] = [:]

  func set(_ key: PickleValue, _ value: PickleValue) {
    guard let name = key.text else { return }
    if values.updateValue(value, forKey: name) == nil { names.append(name) }
  }
}

/// What a pickle may name: nothing else is built, so that no file runs code.
enum PickleGlobal: String {
  case orderedDict = "collections.OrderedDict"
  case rebuildTensor = "torch._utils._rebuild_tensor"
  case rebuildTensorV2 = "torch._utils._rebuild_tensor_v2"
  case rebuildParameter = "torch._utils._rebuild_parameter"
  case doubleStorage = "torch.DoubleStorage"
  case floatStorage = "torch.FloatStorage"
  case halfStorage = "torch.HalfStorage"
  case bfloat16Storage = "torch.BFloat16Storage"
  case longStorage = "torch.LongStorage"
  case intStorage = "torch.IntStorage"
  case charStorage = "torch.CharStorage"
  case byteStorage = "torch.ByteStorage"
  case boolStorage = "torch.BoolStorage"

  /// The element type of a storage; nil for other names.
  var element: Safetensors.Element? {
    switch self {
    case .doubleStorage: .plain(.float64)
    case .floatStorage: .plain(.float32)
    case .halfStorage: .float16
    case .bfloat16Storage: .bfloat16
    case .longStorage: .plain(.int64)
    case .intStorage: .plain(.int32)
    case .charStorage: .plain(.int8)
    case .byteStorage: .plain(.uint8)
    case .boolStorage: .plain(.bool)
    case .orderedDict, .rebuildTensor, .rebuildTensorV2, .rebuildParameter: nil
    }
  }
}

/// Elements that tensors are views of.
struct PickledStorage {
  let key: String
  let element: Safetensors.Element
  let count: Int
}

/// A view of a storage.
struct PickledTensor {
  let storage: PickledStorage
  let offset: Int
  let extents, strides: [Int]
}
