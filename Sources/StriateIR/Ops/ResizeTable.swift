/// Resampling along one axis: `y[o] = Σ_t weights[offsets[o] + t] · x[starts[o] + t]`.
///
/// Starts and ends rise with `o`, so that the outputs which read one input are neighbours too.
package struct ResizeTable: Sendable, Hashable {
  /// Elements of the axis before.
  package let input: Int
  /// The first element that each output reads.
  package private(set) var starts: [Int] = []
  /// Output `o` has the weights `offsets[o]..<offsets[o + 1]`.
  package private(set) var offsets = [0]
  /// The weights of all outputs.
  package private(set) var weights: [Double] = []

  /// Elements of the axis after.
  package var output: Int { starts.count }
  /// How many elements an output reads.
  package func count(_ output: Int) -> Int { offsets[output + 1] - offsets[output] }

  /// Whether positions go by the extents although a factor is given, as PyTorch's do where nothing changes, and of the
  /// nearest elements where the extent doubles.
  private static func isByExtents(_ mode: Resize.Mode, _ input: Int, _ output: Int) -> Bool {
    switch mode {
    case .nearest: output == input || output == 2 * input
    case .linear: output == input
    case .average: true
    case .nearestExact, .cubic: false
    }
  }

  /// The weights of a resampling of an axis.
  init(_ rule: Resize, input: Int, output: Int, factor: Double? = nil) {
    self.input = input
    let factor = factor.flatMap { Self.isByExtents(rule.mode, input, output) ? nil : $0 }
    let grid = Grid(
      input: input, output: output, factor: factor, alignsCorners: rule.alignsCorners)
    for o in 0..<output {
      switch rule.mode {
      // PyTorch computes these places in single precision, whatever it resamples.
      case .nearest where factor != nil:
        append(min(Int(Float(grid.scale) * Float(o)), input - 1), [1])
      case .nearestExact where factor != nil:
        append(min(Int(Float(grid.scale) * (Float(o) + 0.5)), input - 1), [1])
      case .nearest: append(min(o * input / output, input - 1), [1])
      case .nearestExact: append(min((2 * o + 1) * input / (2 * output), input - 1), [1])
      case .average:
        let start = o * input / output
        let count = ((o + 1) * input + output - 1) / output - start
        append(start, [Double](repeating: 1 / Double(count), count: count))
      case .linear where rule.antialiases: widened(grid, o, reach: 1, ResizeTable.triangle)
      case .cubic where rule.antialiases: widened(grid, o, reach: 2) { ResizeTable.cubic($0, -0.5) }
      case .linear:
        let position = max(grid.position(o), 0)
        let first = min(Int(position), input - 1)
        let part = position - Double(first)
        append(first, first + 1 < input ? [1 - part, part] : [1])
      case .cubic:
        let position = grid.position(o)
        let first = Int(position.rounded(.down))
        clamped(first - 1, (-1...2).map { ResizeTable.cubic(position - Double(first + $0), -0.75) })
      }
    }
  }

  /// The weights of a mean under windows of which padding counts, or does not.
  package init(_ pooling: AveragePool, axis: Int, input: Int, output: Int) {
    self.input = input
    let window = pooling.window
    for position in 0..<output {
      let start = position * window.stride[axis] - window.padLow[axis]
      let low = max(start, 0)
      // Elements between the taps of a dilated window weigh nothing.
      var row = [Double](
        repeating: 0, count: max(min(start + window.reach(axis), input) - low, 0))
      let taps = (0..<window.kernel[axis]).map { start + $0 * window.dilation[axis] - low }
        .filter { row.indices.contains($0) }
      let divisor = pooling.countsPadding ? window.kernel[axis] : taps.count
      for tap in taps { row[tap] = 1 / Double(divisor) }
      append(low, row)
    }
  }

  private init(input: Int) { self.input = input }

  private mutating func append(_ start: Int, _ row: [Double]) {
    starts.append(start)
    weights += row
    offsets.append(weights.count)
  }

  /// Adds what would be read beyond the ends to the first and last elements.
  private mutating func clamped(_ start: Int, _ row: [Double]) {
    let low = min(max(start, 0), input - 1)
    let high = min(max(start + row.count - 1, 0), input - 1)
    var sums = [Double](repeating: 0, count: high - low + 1)
    for (tap, weight) in row.enumerated() { sums[min(max(start + tap, low), high) - low] += weight }
    append(low, sums)
  }

  /// A kernel as wide as the distance between outputs, cut off at the ends and normalised, as Pillow does.
  private mutating func widened(
    _ grid: Grid, _ output: Int, reach: Double, _ kernel: (Double) -> Double
  ) {
    let width = max(grid.scale, 1)
    // As in PyTorch, aligned corners change the distance alone: elements stay areas.
    let centre = grid.scale * (Double(output) + 0.5)
    let low = min(max(Int(centre - reach * width + 0.5), 0), input - 1)
    let high = max(min(Int(centre + reach * width + 0.5), input), low + 1)
    let row = (low..<high).map { kernel((Double($0) - centre + 0.5) / width) }
    let sum = row.reduce(0, +)
    append(low, row.map { sum == 0 ? $0 : $0 / sum })
  }

  /// The same weights from the inputs' side: the table of the adjoint.
  package var transposed: ResizeTable {
    var firsts = [Int](repeating: 0, count: input)
    var rows = [[Double]](repeating: [], count: input)
    for o in 0..<output {
      for tap in 0..<count(o) {
        let i = starts[o] + tap
        if rows[i].isEmpty { firsts[i] = o }
        rows[i].append(weights[offsets[o] + tap])
      }
    }
    var table = ResizeTable(input: output)
    for (first, row) in zip(firsts, rows) { table.append(first, row) }
    return table
  }

  // MARK: Positions and kernels

  /// Where outputs lie between inputs.
  private struct Grid {
    /// Inputs from one output to the next.
    let scale: Double
    /// Half an element where elements are areas, nothing where they are points.
    let half: Double

    init(input: Int, output: Int, factor: Double?, alignsCorners: Bool) {
      half = alignsCorners ? 0 : 0.5
      if alignsCorners {
        scale = output > 1 ? Double(input - 1) / Double(output - 1) : 0
      } else {
        scale = factor.map { 1 / $0 } ?? Double(input) / Double(output)
      }
    }

    /// An output's place, counted from the centre of the first input.
    func position(_ output: Int) -> Double { scale * (Double(output) + half) - half }
  }

  /// `1 − |x|` inside the unit interval.
  private static func triangle(_ x: Double) -> Double { max(1 - abs(x), 0) }

  /// Keys' cubic convolution kernel (1981).
  private static func cubic(_ x: Double, _ a: Double) -> Double {
    let x = abs(x)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0
  }
}
