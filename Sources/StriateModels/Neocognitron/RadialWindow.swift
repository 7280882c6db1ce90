import StriateCore
import StriateIR

/// The weights of a square window as a function of the distance from its middle, which sum to one.
package struct RadialWindow {
  /// The side of the window.
  let side: Int
  /// The weights, row after row.
  let weights: [Double]

  /// Weights `decay^distance`.
  package init(_ side: Int, decay: Double) {
    self.init(side) { Binary.Kind.power.apply(decay, $0) }
  }

  /// Weights `exp(−distance²/2σ²)`.
  init(_ side: Int, sigma: Double) {
    self.init(side) { Unary.Kind.exp.apply(-$0 * $0 / (2 * sigma * sigma)) }
  }

  /// The same shape with another sum.
  package static func * (window: RadialWindow, sum: Double) -> RadialWindow {
    RadialWindow(side: window.side, weights: window.weights.map { $0 * sum })
  }

  /// The difference of two windows of one side.
  static func - (a: RadialWindow, b: RadialWindow) -> RadialWindow {
    RadialWindow(side: a.side, weights: zip(a.weights, b.weights).map { $0 - $1 })
  }

  private init(side: Int, weights: [Double]) { (self.side, self.weights) = (side, weights) }

  private init(_ side: Int, _ weight: (_ distance: Double) -> Double) {
    let middle = Double(side - 1) / 2
    var values: [Double] = []
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = (Double(column) - middle, Double(row) - middle)
        values.append(weight((x * x + y * y).squareRoot()))
      }
    }
    let sum = values.reduce(0, +)
    self.init(side: side, weights: values.map { $0 / sum })
  }

  /// The window as filters `[rows, columns, side, side]`, all alike.
  package func filters(_ rows: Int, _ columns: Int, in builder: GraphBuilder, as dtype: DType)
    -> Tensor
  {
    let row = weights.map { Float($0) }
    let tensor = try? HostTensor(row, shape: [1, 1, side, side])
    let one = builder.constant(
      tensor ?? HostTensor(zeros: TensorType(.float32, [1, 1, side, side])))
    return one.converted(to: dtype).broadcast(to: [rows, columns, side, side])
  }
}
