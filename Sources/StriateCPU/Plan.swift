import CDNNL
import StriateCore
import StriateIR
import StriateRuntime

/// The number of a piece of memory in a lowered program.
struct BufferID: Hashable {
  let index: Int
}

/// Where a piece of memory lives.
enum Home {
  /// In the arena, for as long as steps need it.
  case arena(bytes: Int)
  /// The resident tensor at this position of the graph's states.
  case state(Int)
  /// The host's memory of an input.
  case input(Int)
  /// The host's memory of an output.
  case output(Int)
  /// Part of the program.
  case constant(HostTensor)
}

/// A tensor in memory.
struct Placed {
  let buffer: BufferID
  let layout: Layout
}

/// Gives the address of a buffer once memory is planned.
typealias Resolver = (BufferID) -> UnsafeMutableRawPointer

/// One thing that a lowered program does.
struct Step {
  enum Body {
    /// A library kernel with its operands and its scratch space.
    case primitive(Primitive, [(argument: Int, operand: Placed)], scratch: BufferID?)
    /// One of our kernels; the closure makes its operand struct.
    case kernel(dn_body, isParallel: Bool, (Resolver) -> KernelContext)
    /// A node that the interpreter runs, because no kernel of this engine does.
    case interpreted(InterpretedNode)
  }

  var body: Body
  var reads: [BufferID]
  var writes: [BufferID]
  var kernel: ExecutionReport.Kernel
}

/// The operand struct of one of our kernels, at a fixed address.
final class KernelContext {
  let pointer: UnsafeRawPointer
  private let free: () -> Void

  init<T>(_ value: T, keeping kept: AnyObject? = nil) {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
    memory.initialize(to: value)
    pointer = UnsafeRawPointer(memory)
    free = {
      memory.deinitialize(count: 1)
      memory.deallocate()
      withExtendedLifetime(kept) {}
    }
  }

  deinit { free() }
}

/// A lowered program before its memory is bound.
struct Plan {
  var steps: [Step] = []
  var homes: [Home] = []
  /// How each state lies in memory, in the order of the graph's states.
  var stateLayouts: [Layout] = []
  var reorders = 0
  var fused = 0
  /// How many of the first steps run only where a state was written since they ran last.
  private(set) var onceCount = 0

  mutating func buffer(_ home: Home) -> BufferID {
    homes.append(home)
    return BufferID(index: homes.count - 1)
  }
}

extension Plan {
  /// Moves the steps to the front that make the same of the same states at every run: folded filters, other
  /// layouts of them.
  ///
  /// What they make is kept from run to run.
  mutating func separateFixedSteps() {
    var writers = [Int](repeating: 0, count: homes.count)
    for step in steps { for id in step.writes { writers[id.index] += 1 } }
    var stems = [Bool](repeating: false, count: homes.count)
    func isConstant(_ id: BufferID) -> Bool {
      if case .constant = homes[id.index] { true } else { false }
    }
    for (index, home) in homes.enumerated() {
      if case .state = home { stems[index] = writers[index] == 0 }
    }
    var first: [Step] = []
    var rest: [Step] = []
    for step in steps {
      let isFixed =
        step.reads.contains { stems[$0.index] }
        && step.reads.allSatisfy { stems[$0.index] || isConstant($0) }
        && step.writes.allSatisfy { id in
          if case .arena = homes[id.index] { writers[id.index] == 1 } else { false }
        }
      if isFixed {
        for id in step.writes { stems[id.index] = true }
        first.append(step)
      } else {
        rest.append(step)
      }
    }
    onceCount = first.count
    steps = first + rest
  }

  /// A step's kernel with the memory that it touches; scratch space counts as neither read nor written.
  func kernel(of step: Step, in graph: Graph) -> ExecutionReport.Kernel {
    var kernel = step.kernel
    var scratch: BufferID?
    if case .primitive(_, _, let space) = step.body { scratch = space }
    kernel.reads = step.reads.filter { $0 != scratch }.map(\.index)
    kernel.writes = step.writes.filter { $0 != scratch }.map(\.index)
    kernel.bytes = (kernel.reads + kernel.writes).reduce(0) { sum, index in
      let (total, overflow) = sum.addingReportingOverflow(byteCount(homes[index], in: graph))
      return overflow ? .max : total
    }
    return kernel
  }

  private func byteCount(_ home: Home, in graph: Graph) -> Int {
    switch home {
    case .arena(let bytes): bytes
    case .state(let index): stateLayouts[index].byteCount
    case .input(let index): graph.type(graph.inputs[index].value).byteCount
    case .output(let index): graph.type(graph.outputs[index].value).byteCount
    case .constant(let tensor): tensor.type.byteCount
    }
  }
}
