import CDNNL
import StriateCore
import StriateRuntime

/// Resident tensors of a CPU device, each in the layout that the last program wanted.
final class CPUState: ResidentState, @unchecked Sendable {
  /// One tensor's memory.
  final class Entry {
    let layout: Layout
    let memory: UnsafeMutableRawPointer

    init(_ layout: Layout) {
      self.layout = layout
      memory = .allocate(byteCount: max(layout.byteCount, 64), alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
    }

    deinit { memory.deallocate() }
  }

  private let engine: EngineThread
  private var entries: [String: Entry] = [:]
  private(set) var order: [String] = []
  /// Changes whenever some tensor moves to other memory.
  private(set) var generation = 0
  /// Changes whenever a tensor's values may have.
  private(set) var version = 0

  init(engine: EngineThread) { self.engine = engine }

  var names: [String] { order }

  /// Notes that a run changed values.
  func markChanged() { version += 1 }

  func write(_ tensors: NamedTensors) throws {
    try engine.perform {
      version += 1
      for (name, value) in tensors {
        let source = try Entry(.plain(value.type))
        value.withUnsafeBytes { bytes in
          if let base = bytes.baseAddress {
            source.memory.copyMemory(from: base, byteCount: bytes.count)
          }
        }
        if let known = entries[name], known.layout.type == value.type {
          try engine.reorder(from: source, to: known)
        } else {
          if entries.updateValue(source, forKey: name) == nil { order.append(name) }
          generation += 1
        }
      }
    }
  }

  func read(_ names: [String]) throws -> NamedTensors {
    try engine.perform {
      var result = NamedTensors()
      for name in names {
        let entry = try entry(name)
        let plain = try Entry(.plain(entry.layout.type))
        try engine.reorder(from: entry, to: plain)
        result[name] = HostTensor(type: entry.layout.type) { bytes in
          bytes.copyMemory(from: UnsafeRawBufferPointer(start: plain.memory, count: bytes.count))
        }
      }
      return result
    }
  }

  /// The memory of a tensor in the wanted layout, converted if it lies otherwise.
  ///
  /// To be called on the engine's thread.
  func memory(_ name: String, as layout: Layout) throws -> UnsafeMutableRawPointer {
    let known = try entry(name)
    if known.layout.type != layout.type {
      throw CPUError(
        .badState,
        "the state holds \(name) as \(known.layout.type), the program takes \(layout.type)")
    }
    if known.layout.matches(layout) { return known.memory }
    let moved = Entry(layout)
    try engine.reorder(from: known, to: moved)
    entries[name] = moved
    generation += 1
    return moved.memory
  }

  private func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else {
      throw TensorError(
        .missing, "the state has no tensor \(name); \(NearMiss.hint(for: name, among: order))")
    }
    return entry
  }
}

extension EngineThread {
  /// Converts between two layouts of one tensor, now.
  func reorder(from source: CPUState.Entry, to target: CPUState.Entry) throws {
    if source.layout.matches(target.layout) {
      target.memory.copyMemory(from: source.memory, byteCount: source.layout.byteCount)
      return
    }
    // A grouped filter is seen with an axis more; the plain side takes the other's view.
    let from =
      try source.layout.isPlain
      ? Layout.plain(source.layout.type, as: target.layout.dims) : source.layout
    let to =
      try target.layout.isPlain
      ? Layout.plain(target.layout.type, as: source.layout.dims) : target.layout
    if from.dims != to.dims {
      let middle = try CPUState.Entry(.plain(source.layout.type))
      try reorder(from: source, to: middle)
      try reorder(from: middle, to: target)
      return
    }
    let descriptor = try PrimitiveDescriptor("a reorder") {
      dn_reorder_primitive_desc_create(&$0, from.descriptor, engine, to.descriptor, engine, nil)
    }
    let primitive = try Primitive(descriptor)
    var memories: [dn_memory?] = [nil, nil]
    try check(dn_memory_create(&memories[0], from.descriptor, engine, source.memory), "memory")
    try check(dn_memory_create(&memories[1], to.descriptor, engine, target.memory), "memory")
    defer { for memory in memories { dn_memory_destroy(memory) } }
    let arguments = [
      dn_exec_arg(arg: Int32(DN_ARG_SRC), memory: memories[0]),
      dn_exec_arg(arg: Int32(DN_ARG_DST), memory: memories[1]),
    ]
    try check(dn_primitive_execute(primitive.pointer, stream, 2, arguments), "a reorder")
    try check(dn_stream_wait(stream), "a reorder")
  }
}
