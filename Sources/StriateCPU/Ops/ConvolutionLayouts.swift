import CDNNL
import StriateCore
import StriateIR

/// A convolution, or the gradient of one of its operands.
enum ConvolutionDirection: String, Sendable { case forward, inputGradient, filterGradient }

/// The types of a convolution's operands and the ways in which the library may be shown them.
struct ConvolutionTypes: Hashable, Sendable {
  let rule: Convolution
  let x, w, y: TensorType

  init(_ rule: Convolution, x: TensorType, w: TensorType, y: TensorType) {
    self.rule = rule
    (self.x, self.w, self.y) = (x, w, y)
  }

  /// The first way for which the library has a kernel that is not its generic code, else the first of all.
  ///
  /// - Parameter preferred: a way that comes before all others where there is a kernel of its own for it.
  /// - Throws: what the library said to the first way, where it takes none.
  func choose(
    preferring preferred: ConvolutionView? = nil,
    _ make: (ConvolutionView) throws -> ChosenConvolution
  ) throws -> ChosenConvolution {
    if let preferred, let chosen = try? make(preferred), !chosen.descriptor.isNaive,
      !chosen.descriptor.isMatrixProduct
    {
      return chosen
    }
    var naive: ChosenConvolution?
    var refusal: (any Error)?
    for view in views {
      do {
        let chosen = try make(view)
        if !chosen.descriptor.isNaive { return chosen }
        naive = naive ?? chosen
      } catch {
        refusal = refusal ?? error
      }
    }
    if let naive { return naive }
    throw refusal ?? CPUError(.callFailed, "oneDNN has no kernel for a convolution of \(x)")
  }

  /// The library's own choice of layouts first, then channels last, then rows.
  ///
  /// Depthwise sequences are shown as images of height 1, for which alone there are depthwise kernels.
  private var views: [ConvolutionView] {
    let isDepthwise = rule.groups > 1 && rule.groups == x.shape[1] && rule.groups == w.shape[0]
    var views = [ConvolutionView.Order.any, .channelsLast, .rows].map {
      ConvolutionView(types: self, order: $0, addsHeight: false)
    }
    if isDepthwise && x.shape.rank == 3 {
      views.insert(ConvolutionView(types: self, order: .any, addsHeight: true), at: 0)
    }
    return views
  }
}

/// One way to show a convolution to the library.
struct ConvolutionView {
  enum Order {
    case any, channelsLast, rows
    /// As another kernel wants its operands.
    case given(x: Layout, y: Layout)
  }

  let types: ConvolutionTypes
  let order: Order
  /// Whether a sequence is shown as an image of height 1.
  let addsHeight: Bool

  /// The window's attributes.
  var window: WindowArguments {
    var window = types.rule.window
    if addsHeight {
      window.kernel.insert(1, at: 0)
      window.stride.insert(1, at: 0)
      window.padLow.insert(0, at: 0)
      window.padHigh.insert(0, at: 0)
      window.dilation.insert(1, at: 0)
    }
    return WindowArguments(window)
  }

  /// The extents of images as the library sees them.
  func extents(_ type: TensorType) -> [Int64] {
    var dims = Layout.extents(type.shape)
    if addsHeight { dims.insert(1, at: 2) }
    return dims
  }

  /// The extents of the filter, grouped ones with an axis more, as the rest of the program sees them.
  var plainFilter: [Int64] {
    let dims = Layout.extents(types.w.shape)
    let groups = Int64(types.rule.groups)
    return groups == 1 ? dims : [groups, dims[0] / groups] + Array(dims.dropFirst())
  }

  /// The extents of the filter as the library sees them.
  var filter: [Int64] {
    var dims = plainFilter
    if addsHeight { dims.insert(1, at: dims.count - 1) }
    return dims
  }

  var x: Layout {
    get throws {
      if case .given(let x, _) = order { return x }
      return try layout(types.x)
    }
  }
  var w: Layout { get throws { try .any(types.w, as: filter) } }
  var y: Layout {
    get throws {
      if case .given(_, let y) = order { return y }
      return try layout(types.y)
    }
  }

  private func layout(_ type: TensorType) throws -> Layout {
    let dims = extents(type)
    switch order {
    case .any, .given: return try .any(type, as: dims)
    case .rows: return try .plain(type, as: dims)
    case .channelsLast:
      var strides = [Int64](repeating: 1, count: dims.count)
      var step = dims[1]
      for axis in (2..<dims.count).reversed() {
        strides[axis] = step
        step *= dims[axis]
      }
      strides[0] = step
      return try .strided(type, dims, strides)
    }
  }
}

/// A kernel for a convolution and how its operands lie.
struct ChosenConvolution {
  let descriptor: PrimitiveDescriptor
  let view: ConvolutionView
  let x, w, y: SeenLayout

  /// The kernel of a descriptor whose operands have these query codes.
  init(
    _ descriptor: PrimitiveDescriptor, _ view: ConvolutionView, x: Int, w: Int, y: Int
  ) throws {
    self.descriptor = descriptor
    self.view = view
    let types = view.types
    func seen(_ query: Int, _ type: TensorType, _ dims: [Int64], _ kept: [Int64]) throws
      -> SeenLayout
    {
      let layout = try descriptor.layout(query, type, as: dims)
      return SeenLayout(kept: dims == kept ? layout : try layout.seen(as: kept), library: layout)
    }
    self.x = try seen(x, types.x, view.extents(types.x), Layout.extents(types.x.shape))
    self.w = try seen(w, types.w, view.filter, view.plainFilter)
    self.y = try seen(y, types.y, view.extents(types.y), Layout.extents(types.y.shape))
  }
}

/// One memory under the extents that the program keeps and under those that the library sees.
struct SeenLayout {
  let kept, library: Layout

  /// A value's memory as the library sees it.
  func read(_ place: Placed) -> Placed { Placed(buffer: place.buffer, layout: library) }
}
