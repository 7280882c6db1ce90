import StriateCore
import StriateFormats
import StriateIR
import StriateRuntime

extension Profile {
  /// By what kernels are put together in a table.
  public enum Grouping: String, Sendable, Hashable, CaseIterable {
    /// What they compute, in which phase.
    case op
    /// The layer that they stem from.
    case layer
    /// Not at all.
    case kernel
  }

  /// Kernels put together.
  public struct Row: Sendable, Hashable {
    /// The op or the layer.
    public var name: String
    /// The part of the step; nil where kernels of several are together.
    public var phase: Phase?
    /// Who computes it: one implementation, or how many.
    public var implementation: String
    /// The type of what one kernel computes; nil for several.
    public var output: TensorType?
    /// Kernels a step.
    public var calls: Int
    /// Milliseconds a step.
    public var milliseconds: Double
    /// The share of all kernels' time.
    public var share: Double
    /// Multiply–accumulate operations a step.
    public var macs: Int
    /// Bytes read and written a step if every operand travels once.
    public var bytes: Int

    /// Billions of floating-point operations a second; nil where nothing is multiplied.
    public var gflops: Double? {
      macs > 0 && milliseconds > 0 ? 2 * Double(macs) / milliseconds / 1e6 : nil
    }
    /// Billions of bytes a second.
    public var gigabytesPerSecond: Double? {
      bytes > 0 && milliseconds > 0 ? Double(bytes) / milliseconds / 1e6 : nil
    }
  }

  /// The kernels put together, the slowest first; kernels by themselves in the order in which they run.
  public func rows(by grouping: Grouping) -> [Row] {
    let total = max(kernelMilliseconds, .leastNormalMagnitude)
    var rows: [Row] = []
    var implementations: [[String]] = []
    var places: [String: Int] = [:]
    for (position, entry) in kernels.enumerated() {
      let kernel = entry.kernel
      let name: String
      let key: String
      switch grouping {
      case .op: (name, key) = (kernel.name, "\(kernel.phase.rawValue) \(kernel.name)")
      case .layer:
        name = kernel.path.isEmpty ? "(\(model))" : kernel.path
        key = name
      case .kernel: (name, key) = (kernel.name, "\(position)")
      }
      let time = entry.milliseconds
      if let place = places[key] {
        rows[place].calls += 1
        rows[place].milliseconds += time
        rows[place].share += time / total
        rows[place].macs = plus(rows[place].macs, entry.macs)
        rows[place].bytes = plus(rows[place].bytes, kernel.bytes)
        if rows[place].phase != kernel.phase { rows[place].phase = nil }
        if rows[place].output != entry.output { rows[place].output = nil }
        if !implementations[place].contains(kernel.implementation) {
          implementations[place].append(kernel.implementation)
        }
        continue
      }
      places[key] = rows.count
      implementations.append([kernel.implementation])
      rows.append(
        Row(
          name: grouping == .kernel && !kernel.path.isEmpty ? "\(name) \(kernel.path)" : name,
          phase: kernel.phase, implementation: "", output: entry.output, calls: 1,
          milliseconds: time, share: time / total, macs: entry.macs, bytes: kernel.bytes))
    }
    for (place, names) in implementations.enumerated() {
      rows[place].implementation = names.count == 1 ? names[0] : "\(names.count) kinds"
    }
    if grouping == .kernel { return rows }
    return rows.enumerated().sorted {
      ($1.element.milliseconds, $0.offset) < ($0.element.milliseconds, $1.offset)
    }.map(\.element)
  }

  /// The kernels' milliseconds of each phase, in the order of the phases.
  public var phases: [(phase: Phase, milliseconds: Double)] {
    [Phase.forward, .backward, .update].compactMap { phase in
      let own = kernels.filter { $0.kernel.phase == phase }
      return own.isEmpty ? nil : (phase, own.reduce(0) { $0 + $1.milliseconds })
    }
  }
}
