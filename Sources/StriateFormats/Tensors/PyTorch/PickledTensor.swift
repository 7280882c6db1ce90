/// Elements that tensors are views of.
struct PickledStorage {
  var key: String
  /// The storage's class: `torch.FloatStorage`.
  var type: String
  /// Elements that it has, as the pickle claims.
  var count: Int
  /// Where it begins in the storage of its key, in elements.
  var start = 0

  /// How its numbers are stored; nil where that is not known here.
  var element: StoredElement? { Self.elements[type] }
  /// Bytes an element takes; nil where that is not known here.
  var size: Int? { element?.size ?? Self.quantised[type] }

  private static let elements: [String: StoredElement] = [
    "torch.DoubleStorage": .float64, "torch.FloatStorage": .float32, "torch.HalfStorage": .float16,
    "torch.BFloat16Storage": .bfloat16, "torch.LongStorage": .int64, "torch.IntStorage": .int32,
    "torch.ShortStorage": .int16, "torch.CharStorage": .int8, "torch.ByteStorage": .uint8,
    "torch.BoolStorage": .bool, "torch.ComplexDoubleStorage": .complex128,
    "torch.ComplexFloatStorage": .complex64, "torch.UntypedStorage": .uint8,
    "torch.storage.UntypedStorage": .uint8,
  ]
  /// Numbers that mean something only with a scale beside them.
  private static let quantised = [
    "torch.QInt8Storage": 1, "torch.QUInt8Storage": 1, "torch.QInt32Storage": 4,
    "torch.QUInt4x2Storage": 1, "torch.QUInt2x4Storage": 1,
  ]
}

/// A view of a storage, or a tensor of which only is known why it cannot be read.
struct PickledTensor {
  var storage: PickledStorage
  var element: StoredElement
  var offset = 0
  var extents: [Int] = []
  var strides: [Int] = []
  var isNegated = false
  var refusal: String?

  /// A tensor that cannot be read.
  static func refused(_ reason: String, extents: [Int] = []) -> PickledTensor {
    PickledTensor(
      storage: PickledStorage(key: "", type: "", count: 0), element: .uint8, extents: extents,
      refusal: reason)
  }

  /// PyTorch's names for element types.
  static let dtypes: [String: StoredElement] = [
    "torch.float64": .float64, "torch.double": .float64, "torch.float32": .float32,
    "torch.float": .float32, "torch.float16": .float16, "torch.half": .float16,
    "torch.bfloat16": .bfloat16, "torch.float8_e4m3fn": .float8e4m3fn,
    "torch.float8_e5m2": .float8e5m2, "torch.float8_e4m3fnuz": .float8e4m3fnuz,
    "torch.float8_e5m2fnuz": .float8e5m2fnuz, "torch.float8_e8m0fnu": .float8e8m0,
    "torch.int64": .int64, "torch.long": .int64, "torch.int32": .int32, "torch.int": .int32,
    "torch.int16": .int16, "torch.short": .int16, "torch.int8": .int8, "torch.uint8": .uint8,
    "torch.uint16": .uint16, "torch.uint32": .uint32, "torch.uint64": .uint64,
    "torch.bool": .bool, "torch.complex128": .complex128, "torch.complex64": .complex64,
    "torch.complex32": .complex32, "torch.cdouble": .complex128, "torch.cfloat": .complex64,
    "torch.chalf": .complex32,
  ]
}

/// What `torch.save` calls to build a tensor again.
///
/// Every argument is honoured, or the tensor is refused where it is needed: a lazily negated tensor is stored as it was
/// before, with a word beside it.
enum TensorRebuilding {
  /// The tensor that a call gives; nil where the function builds none.
  static func tensor(_ function: String, _ arguments: [PickleValue]) -> PickledTensor? {
    switch function {
    case "torch._utils._rebuild_tensor": return view(arguments, dtype: nil, facts: nil)
    case "torch._utils._rebuild_tensor_v2":
      return view(arguments, dtype: nil, facts: arguments.count > 6 ? arguments[6] : nil)
    case "torch._utils._rebuild_tensor_v3":
      guard arguments.count > 6 else { return .refused("is built by \(function) of too little") }
      return view(
        arguments, dtype: arguments[6], facts: arguments.count > 7 ? arguments[7] : nil)
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
      // What follows is whether it learns, hooks, and attributes of Python: nothing of its values.
      if case .tensor(let tensor)? = arguments.first { return tensor }
      return .refused("is a parameter of \(arguments.first?.kind ?? "nothing")")
    case "torch._tensor._rebuild_from_type_v2":
      guard arguments.count >= 3, let inner = arguments[0].global, let type = arguments[1].global,
        let rest = arguments[2].tuple
      else { return .refused("is built by \(function) in an unknown way") }
      let plain = [
        "torch.Tensor", "torch._tensor.Tensor", "torch.nn.parameter.Parameter",
        "torch.nn.parameter.Buffer",
      ]
      guard plain.contains(type) else { return .refused("is of the class \(type)") }
      return tensor(inner, rest) ?? .refused("is built by \(inner)")
    default:
      let isRebuilding =
        function.hasPrefix("torch._utils._rebuild_") || function.hasPrefix("torch._tensor._rebuild")
      return isRebuilding ? .refused("is built by \(function), which is not read here") : nil
    }
  }

  /// `(storage, offset, extents, strides, …)`.
  private static func view(
    _ arguments: [PickleValue], dtype: PickleValue?, facts: PickleValue?
  ) -> PickledTensor? {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      let offset = arguments[1].int, let extents = arguments[2].integers,
      let strides = arguments[3].integers, extents.count == strides.count
    else { return nil }
    func refused(_ reason: String) -> PickledTensor { .refused(reason, extents: extents) }
    var element = storage.element
    if let dtype {
      guard let name = dtype.global, let named = PickledTensor.dtypes[name] else {
        return refused("is of the type \(dtype.global ?? dtype.kind)")
      }
      element = named
    }
    guard let element else { return refused("lies in a \(storage.type)") }
    var tensor = PickledTensor(
      storage: storage, element: element, offset: offset, extents: extents, strides: strides)
    switch facts {
    case nil, .some(.none): break
    case .dictionary(let facts)?:
      for name in facts.names {
        let value = facts.values[name]
        guard case .bool(let isSo)? = value, ["neg", "conj"].contains(name) else {
          return refused("is stored with '\(name)', which is not known here")
        }
        if isSo, name == "neg" { tensor.isNegated = true }
        // Only of complex numbers, which are not read anyway.
        if isSo, name == "conj", !element.isComplex {
          return refused("is stored as the conjugate of \(element.rawValue) numbers")
        }
      }
    case .some(let other): return refused("is stored with \(other.kind) that is not known here")
    }
    return tensor
  }
}
