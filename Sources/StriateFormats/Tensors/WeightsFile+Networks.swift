import StriateCore

extension WeightsFile {
  /// A state dictionary of a file: the tensors of one network, or of a part of one.
  public struct Network: Sendable, Hashable {
    /// Where it lies: the keys on the way to it, joined by dots; empty where it is the whole file.
    public var place: String
    /// The names of its tensors within it.
    public var names: [String]

    /// The name in the file.
    public func full(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
  }

  /// The state dictionaries that are in the file.
  ///
  /// A dictionary with a tensor under a dotted name is one. Where there is none, dictionaries of plain names are parts of
  /// one network; tensors beside such dictionaries, a best accuracy or a state of random numbers, are not of it.
  public var networks: [Network] {
    let groups = Dictionary(grouping: names) { index.groups[$0] ?? "" }
    func own(_ name: String, _ place: String) -> String {
      place.isEmpty ? name : String(name.dropFirst(place.count + 1))
    }
    let strong = groups.filter { place, names in
      names.contains { own($0, place).contains(".") && (self[$0]?.shape.rank ?? 0) > 0 }
    }
    if !strong.isEmpty {
      let order = names.compactMap { index.groups[$0] }.uniqued()
      return order.filter { strong[$0] != nil }.map { place in
        Network(place: place, names: (strong[place] ?? []).map { own($0, place) })
      }
    }
    let leaves = names.filter { name in
      let place = index.groups[name] ?? ""
      return !groups.keys.contains { $0 != place && ($0.hasPrefix("\(place).") || place.isEmpty) }
    }
    guard !leaves.isEmpty else { return [] }
    let place = Self.common(leaves.compactMap { index.groups[$0] })
    return [Network(place: place, names: leaves.map { own($0, place) })]
  }

  /// The keys that all places begin with.
  private static func common(_ places: [String]) -> String {
    var keys = places.first.map { $0.split(separator: ".") } ?? []
    for place in places {
      let others = place.split(separator: ".")
      keys = Array(zip(keys, others).prefix { $0 == $1 }.map(\.0))
    }
    return keys.joined(separator: ".")
  }

  /// The file's one state dictionary.
  ///
  /// - Throws: `FormatError` where there is none, or several of which none was chosen.
  public func only() throws -> Network {
    let networks = networks
    guard let first = networks.first else { throw empty }
    // A network whose batches are averaged elsewhere may be there twice, as the very same numbers.
    if networks.count > 1 {
      let list = networks.map {
        "\(path)#\($0.place) (\(Numbers.counted($0.names.count, "tensor")))"
      }
      throw fault(
        .mismatch,
        "the file holds \(networks.count) state dictionaries; say which one: "
          + list.joined(separator: ", "))
    }
    return first
  }

  /// Why nothing can be taken from a file.
  public var empty: FormatError {
    if let (place, object) = index.hidden.min(by: { $0.key < $1.key }) {
      let where_ = place.isEmpty ? "" : " under '\(place)'"
      return fault(
        .unsupported,
        "the file's tensors lie in an object of \(object.name)\(where_), which is not built here, for that would "
          + "run its code; in Python, torch.save(that.state_dict(), FILE) writes tensors alone")
    }
    if index.optimizerTensors > 0 {
      return fault(
        .mismatch,
        "the file holds the state of an optimizer (\(Numbers.counted(index.optimizerTensors, "tensor"))), but no "
          + "network's weights")
    }
    return fault(
      .unsupported,
      "the file "
        + (index.emptiness ?? "holds no tensors")
        + (index.objects.first.map { " (\($0.name), which is not built here)" } ?? ""))
  }

  /// All tensors of the file's one state dictionary.
  ///
  /// - Throws: `FormatError` where there is none or several, or one of its tensors cannot be read.
  public func whole() throws -> NamedTensors {
    let network = try only()
    var tensors = NamedTensors()
    for name in network.names { tensors[name] = try read(network.full(name)) }
    return tensors
  }

  /// All tensors of the file's one state dictionary, and the texts beside them.
  ///
  /// - Throws: `FormatError` as `whole()`.
  public func content() throws -> Safetensors.Content {
    Safetensors.Content(tensors: try whole(), metadata: metadata)
  }

  /// The numbers of a tensor.
  ///
  /// - Throws: `FormatError` naming it where it is not there or cannot be read.
  public func read(_ name: String) throws -> HostTensor {
    guard let tensor = self[name] else { throw fault(.mismatch, "there is no tensor \"\(name)\"") }
    do {
      return try tensor.read()
    } catch let error as FormatError {
      var named = error
      named.message = "tensor \"\(name)\" \(error.message)"
      throw path.isEmpty ? named : named.at(path: path)
    }
  }

  /// What the file holds beside the networks, a line a kind.
  public var besides: [String] {
    let taken = networks.reduce(0) { $0 + $1.names.count }
    let loose = index.looseTensors + names.count - taken
    var lines: [String] = []
    if index.optimizerTensors > 0 {
      lines.append("\(Numbers.counted(index.optimizerTensors, "tensor")) of an optimizer")
    }
    if loose > 0 { lines.append("\(Numbers.counted(loose, "tensor")) beside the state dictionary") }
    if index.values > 0 { lines.append(Numbers.counted(index.values, "plain value")) }
    if !index.objects.isEmpty {
      let classes = index.objects.map(\.name).uniqued()
      let more = classes.count > 4 ? ", …" : ""
      lines.append(
        "\(Numbers.counted(index.objects.count, "object")) that \(index.objects.count == 1 ? "is" : "are") not built: "
          + classes.prefix(4).joined(separator: ", ") + more)
    }
    return lines
  }
}

extension WeightsIndex {
  /// The tensors under a prefix, which their names then lack.
  ///
  /// An empty prefix takes all; one may also begin within the dictionary that a tensor lies in.
  func chosen(_ prefix: String) throws(FormatError) -> WeightsIndex {
    if prefix.isEmpty { return self }
    let whole = "\(prefix)."
    func rest(_ group: String) -> String {
      group.hasPrefix(whole) ? String(group.dropFirst(whole.count)) : ""
    }
    let direct = renamed(
      { $0.hasPrefix(whole) ? String($0.dropFirst(whole.count)) : nil }, group: rest)
    if !direct.names.isEmpty { return direct }
    let groups = Set(groups.values).filter { group in
      names.contains { self.groups[$0] == group && $0.hasPrefix("\(group).\(whole)") }
    }
    if let group = groups.first, groups.count == 1 {
      let start = "\(group).\(whole)"
      return renamed({ $0.hasPrefix(start) ? String($0.dropFirst(start.count)) : nil }) { _ in "" }
    }
    let known =
      names.compactMap { name in
        let keys = name.split(separator: ".")
        return keys.count > 1 ? keys.dropLast().first.map(String.init) : nil
      }.uniqued() + Set(self.groups.values).filter { !$0.isEmpty }.sorted()
    throw FormatError(
      .mismatch,
      "no tensor lies under '\(prefix)'; they lie under "
        + known.uniqued().prefix(8).joined(separator: ", "))
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order in which they come first.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
