import StriateCore

/// What a reader of a format finds in a file of weights: tensors under their places, and a count of the rest.
struct WeightsIndex {
  /// The tensors' places in their order.
  private(set) var names: [String] = []
  private(set) var tensors: [String: StoredTensor] = [:]
  /// The place of the dictionary that each tensor lies in.
  private(set) var groups: [String: String] = [:]
  /// Texts beside the tensors.
  var metadata: [String: String] = [:]

  /// Tensors of optimisers, and those in lists.
  var optimizerTensors = 0
  var looseTensors = 0
  /// Numbers, texts and other plain values.
  var values = 0
  /// Objects that are not built: their places and classes.
  var objects: [(place: String, name: String)] = []
  /// Tensors that lie behind objects: the object's class and how many, under its place.
  var hidden: [String: (name: String, count: Int)] = [:]
  /// What a file without tensors holds.
  var emptiness: String?

  init() {}

  /// Notes a tensor; one of two in the same place is as good as the other, so that neither is taken.
  mutating func add(_ tensor: StoredTensor, _ name: String, in group: String = "") {
    if tensors.updateValue(tensor, forKey: name) == nil {
      names.append(name)
      groups[name] = group
    } else {
      tensors[name] = StoredTensor(refused: "is there twice", shape: tensor.shape)
    }
  }

  /// The same with only the tensors whose name the closure gives another one.
  func renamed(_ name: (String) -> String?, group: (String) -> String) -> WeightsIndex {
    var result = self
    (result.names, result.tensors, result.groups) = ([], [:], [:])
    for old in names {
      if let new = name(old), let tensor = tensors[old] {
        result.add(tensor, new, in: group(groups[old] ?? ""))
      }
    }
    return result
  }
}
