import StriateCore
import StriateIR

/// How much of the inputs a value's element sees, by the chain of windows that leads to it.
///
/// A window of reach `r` over elements that see `f` pixels and stand `j` apart sees `f + (r − 1)·j`; its
/// elements stand `j·stride` apart. A sum over an axis, or a linear layer over flattened images, is a window
/// of that axis' whole extent. Padding counts: LeNet-5's classifier sees 32 pixels of an image of 28.
/// Luo, Li, Urtasun and Zemel, "Understanding the effective receptive field", 2016, section 2.
struct ReceptiveFields {
  private struct View {
    /// Pixels seen along each spatial axis.
    var field: [Int]
    /// Pixels between neighbours along each spatial axis.
    var step: [Int]
    /// The value's extents along these axes.
    var extents: [Int]
    /// Whether the axes were joined by a reshape.
    var isFlat = false
  }

  private var views: [ValueID: View] = [:]

  /// The fields of a forward graph's values, seen from its inputs `[N, C, …]`.
  init(_ graph: Graph) {
    for port in graph.inputs {
      let spatial = Array(graph.type(port.value).shape.dims.dropFirst(2))
      if spatial.isEmpty { continue }
      views[port.value] = View(
        field: spatial.map { _ in 1 }, step: spatial.map { _ in 1 }, extents: spatial)
    }
    for node in graph.nodes {
      guard var view = joined(node.inputs) else { continue }
      switch node.op {
      case .convolution(let op): slide(&view, op.window)
      case .maxPool(let op): slide(&view, op.window)
      case .averagePool(let op): slide(&view, op.window)
      case .convolutionBackwardInput(let op): spread(&view, op.convolution.window)
      case .matmul: if view.isFlat { sum(&view, over: Array(view.field.indices)) }
      case .reduce(let op): sum(&view, over: op.axes.map { $0 - 2 })
      case .slice(let op):
        for axis in view.step.indices where op.step.indices.contains(axis + 2) {
          view.step[axis] = times(view.step[axis], op.step[axis + 2])
        }
      default: break
      }
      for output in node.outputs {
        var view = view
        let spatial = Array(graph.type(output).shape.dims.dropFirst(2))
        if spatial.count == view.field.count {
          view.extents = spatial
          view.isFlat = false
        } else {
          view.isFlat = true
        }
        views[output] = view
      }
    }
  }

  /// The pixels that an element sees along each spatial axis; nil where the input has no such axes.
  subscript(id: ValueID) -> [Int]? { views[id]?.field }

  /// What an element sees that is made of elements of several values.
  private func joined(_ inputs: [ValueID]) -> View? {
    let found = inputs.compactMap { views[$0] }
    guard var first = found.first else { return nil }
    for other in found.dropFirst() where other.field.count == first.field.count {
      for axis in first.field.indices {
        first.field[axis] = max(first.field[axis], other.field[axis])
        first.step[axis] = max(first.step[axis], other.step[axis])
      }
    }
    return first
  }

  private func slide(_ view: inout View, _ window: Window) {
    for axis in view.field.indices where window.kernel.indices.contains(axis) {
      let reach = times(window.reach(axis) - 1, view.step[axis])
      view.field[axis] = plus(view.field[axis], reach)
      view.step[axis] = times(view.step[axis], window.stride[axis])
    }
  }

  /// A transposed convolution: an element sees those whose windows cover it.
  private func spread(_ view: inout View, _ window: Window) {
    for axis in view.field.indices where window.kernel.indices.contains(axis) {
      let stride = max(window.stride[axis], 1)
      view.field[axis] = plus(
        view.field[axis], times((window.reach(axis) - 1) / stride, view.step[axis]))
      view.step[axis] = max(view.step[axis] / stride, 1)
    }
  }

  private func sum(_ view: inout View, over axes: [Int]) {
    for axis in axes where view.field.indices.contains(axis) {
      view.field[axis] = plus(view.field[axis], times(view.extents[axis] - 1, view.step[axis]))
      view.extents[axis] = 1
    }
  }

  private func times(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
  }
}
