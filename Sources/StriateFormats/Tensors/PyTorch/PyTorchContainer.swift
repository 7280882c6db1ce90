import StriateCore

/// What a file of `torch.save` holds: one value, and where the storages of its tensors are.
struct PyTorchContainer {
  let value: PickleValue
  /// What keeps the value: to be held as long as it is used.
  let arenas: [PickleArena]
  /// Where a storage's bytes are.
  let storage: (PickledStorage) throws -> StoredTensor.Storage
}

/// The ZIP file of PyTorch 1.6 and later: `NAME/data.pkl`, and an entry a storage, `NAME/data/KEY`.
enum PyTorchZip {
  /// The name of the entry that holds the value; nil where the archive is none of `torch.save`.
  static func main(of archive: ZipArchive) -> String? {
    archive.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }.min()
  }

  static func read(
    _ archive: ZipArchive, _ main: String, _ source: ByteSource
  ) throws -> PyTorchContainer {
    let folder = main.dropLast("data.pkl".count)
    // What was unpacked and packed again may be compressed.
    func storage(_ name: String) throws -> StoredTensor.Storage {
      guard let entry = archive.entries[folder + name] else {
        throw FormatError(.malformed, "the ZIP file has no \(folder)\(name)", offset: 0)
      }
      if entry.isStored {
        return StoredTensor.Storage(source: source, offset: entry.offset, count: entry.count)
      }
      let bytes = try ZipArchive.content(of: entry, named: folder + name, in: source)
      return StoredTensor.Storage(source: ByteSource(bytes: bytes), offset: 0, count: bytes.count)
    }
    if archive.entries[folder + "byteorder"] != nil {
      let order = try storage("byteorder")
      let text = try order.source.bytes(at: order.offset, count: min(order.count, 6))
      guard text == Array("little".utf8) else {
        throw FormatError(.unsupported, "the file's numbers are big-endian", offset: order.offset)
      }
    }
    let pickle = try storage("data.pkl")
    var unpickler = Unpickler(
      pickle.source, from: pickle.offset, to: pickle.offset + pickle.count)
    let value = try unpickler.value()
    return PyTorchContainer(value: value, arenas: [unpickler.arena]) {
      try storage("data/\($0.key)")
    }
  }
}

/// The row of pickles of PyTorch 0.1.10 to 1.5, which `_use_new_zipfile_serialization=False` writes still.
enum PyTorchLegacy {
  static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Whether a file begins with a pickle of the number that all such files begin with.
  static func isAtStart(of source: ByteSource) -> Bool {
    guard let head = try? source.bytes(at: 0, count: 14) else { return false }
    return head[0] == 0x80 && Array(head[2...]) == [0x8A, 10] + magic
  }

  static func read(_ source: ByteSource) throws -> PyTorchContainer {
    var position = 0
    let arena = PickleArena()
    var known: [String: PickledStorage] = [:]
    func next() throws -> PickleValue {
      var unpickler = Unpickler(source, from: position, arena: arena)
      let value = try unpickler.value()
      position = unpickler.position
      known.merge(unpickler.storages) { old, _ in old }
      return value
    }
    // The magic number, the version of the format, and facts about the machine.
    for _ in 0..<3 { _ = try next() }
    let value = try next()
    guard case .list(let keys) = try next() else {
      throw FormatError(.malformed, "the list of storages is missing", offset: position)
    }
    // The storages follow, each with its count; how large their elements are, the pickle tells.
    var places: [String: StoredTensor.Storage] = [:]
    for key in keys.values {
      guard let key = key.text else {
        throw FormatError(.malformed, "a storage's key is no text", offset: position)
      }
      guard let size = known[key]?.size else {
        throw FormatError(
          .unsupported,
          "the storage \(key) is \(known[key].map { "a \($0.type)" } ?? "of no tensor"), whose length is not known",
          offset: position)
      }
      let stored = try PyTorchStorage.read(source, at: position, size: size, "storage \(key)")
      places[key] = stored
      position = stored.offset + stored.count
    }
    return PyTorchContainer(value: value, arenas: [arena]) { storage in
      guard let place = places[storage.key] else {
        throw FormatError(.malformed, "the storage \(storage.key) is missing", offset: position)
      }
      return try PyTorchStorage.view(place, storage)
    }
  }
}

/// The tar archive of PyTorch 0.1.9 and before: `storages`, `tensors` and `pickle`, whose tensors are places in a table.
enum PyTorchTar {
  static func read(_ members: TarMembers, _ source: ByteSource) throws -> PyTorchContainer {
    func member(_ name: String) throws -> TarMembers.Member {
      guard let member = members[name] else {
        throw FormatError(.malformed, "the archive has no \(name): it is none of torch.save")
      }
      return member
    }
    let arena = PickleArena()
    var places: [String: StoredTensor.Storage] = [:]
    let table = try table(
      storages: member("storages"), tensors: member("tensors"), source, arena, &places)
    let pickle = try member("pickle")
    var unpickler = Unpickler(
      source, from: pickle.offset, to: pickle.offset + pickle.count, table: table, arena: arena)
    let value = try unpickler.value()
    let found = places
    return PyTorchContainer(value: value, arenas: [arena]) { storage in
      guard let place = found[storage.key] else {
        throw FormatError(.malformed, "the storage \(storage.key) is missing")
      }
      return try PyTorchStorage.view(place, storage)
    }
  }

  /// Storages and tensors under the numbers that the value names them by.
  private static func table(
    storages: TarMembers.Member, tensors: TarMembers.Member, _ source: ByteSource,
    _ arena: PickleArena, _ places: inout [String: StoredTensor.Storage]
  ) throws -> [Int: PickleValue] {
    var table: [Int: PickleValue] = [:]
    var position = storages.offset
    var end = storages.offset + storages.count
    func fault(_ message: String) -> FormatError {
      FormatError(.malformed, message, offset: position)
    }
    func next() throws -> PickleValue {
      var unpickler = Unpickler(source, from: position, to: end, arena: arena)
      defer { position = unpickler.position }
      return try unpickler.value()
    }
    func count(_ what: String) throws -> Int {
      guard let count = try next().int, count >= 0, count <= source.count else {
        throw fault("the number of \(what) is missing")
      }
      return count
    }
    for _ in 0..<(try count("storages")) {
      // The key, where it was, and its class.
      guard let parts = try next().tuple, parts.count == 3, let key = parts[0].int,
        let type = parts[2].global
      else { throw fault("a storage is not described") }
      var storage = PickledStorage(key: "\(key)", type: type, count: 0)
      guard let size = storage.size else {
        throw FormatError(
          .unsupported, "the storage \(key) is a \(type), whose length is not known",
          offset: position)
      }
      let stored = try PyTorchStorage.read(source, at: position, size: size, "storage \(key)")
      guard stored.offset + stored.count <= end else { throw fault("a storage is cut off") }
      position = stored.offset + stored.count
      storage.count = stored.count / size
      places[storage.key] = stored
      table[key] = .storage(storage)
    }
    // Storages that are parts of others: their key, the other's, where they begin, how many elements they have.
    if case .list(let views) = try next() {
      for view in views.values {
        guard let parts = view.integers, parts.count == 4,
          case .storage(var storage)? = table[parts[1]]
        else { throw fault("a view of a storage is not described") }
        (storage.start, storage.count) = (parts[2], parts[3])
        table[parts[0]] = .storage(storage)
      }
    }
    (position, end) = (tensors.offset, tensors.offset + tensors.count)
    for _ in 0..<(try count("tensors")) {
      guard let parts = try next().tuple, parts.count == 3, let key = parts[0].int,
        let place = parts[1].int, case .storage(let storage)? = table[place]
      else { throw fault("a tensor is not described") }
      func number(_ size: Int) throws -> Int {
        defer { position += size }
        return Int(truncatingIfNeeded: try source.integer(at: position, bytes: size))
      }
      // The rank takes eight bytes, of which four count.
      let rank = try number(4)
      position += 4
      guard (0...64).contains(rank), position + 16 * rank + 8 <= end else {
        throw fault("a tensor of rank \(rank)")
      }
      let extents = try (0..<rank).map { _ in try number(8) }
      let strides = try (0..<rank).map { _ in try number(8) }
      let offset = try number(8)
      guard let element = storage.element else {
        table[key] = .tensor(.refused("lies in a \(storage.type)", extents: extents))
        continue
      }
      table[key] = .tensor(
        PickledTensor(
          storage: storage, element: element, offset: offset, extents: extents, strides: strides))
    }
    return table
  }
}

/// Storages that follow each other, each behind its count of elements.
private enum PyTorchStorage {
  static func read(
    _ source: ByteSource, at position: Int, size: Int, _ name: String
  ) throws -> StoredTensor.Storage {
    let count = Int(truncatingIfNeeded: try source.integer(at: position, bytes: 8))
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard count >= 0, !overflow, bytes <= source.count - position - 8 else {
      throw FormatError(
        .truncated, "the \(name) of \(count) elements does not fit into the file", offset: position)
    }
    return StoredTensor.Storage(source: source, offset: position + 8, count: bytes)
  }

  /// The part of a storage that another one is a view of.
  static func view(
    _ place: StoredTensor.Storage, _ storage: PickledStorage
  ) throws -> StoredTensor.Storage {
    guard storage.start != 0, let size = storage.size else { return place }
    let (begin, overflow) = storage.start.multipliedReportingOverflow(by: size)
    guard !overflow, begin >= 0, begin <= place.count else {
      throw FormatError(
        .malformed, "a view begins beyond the storage \(storage.key)", offset: place.offset)
    }
    return StoredTensor.Storage(
      source: place.source, offset: place.offset + begin, count: place.count - begin)
  }
}
