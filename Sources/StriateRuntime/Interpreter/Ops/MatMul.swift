import StriateCore
import StriateIR

func matmul(_ rule: MatMul, _ arguments: Arguments) -> Value {
  let result = arguments.results[0].shape
  let a = plain(arguments.reals(0), arguments.shape(0), transposed: rule.transposesLeft)
  let b = plain(arguments.reals(1), arguments.shape(1), transposed: rule.transposesRight)
  let (rows, columns) = (result[-2], result[-1])
  let inner = arguments.shape(0)[rule.transposesLeft ? -2 : -1]
  let batches = Shape(Array(result.dims.dropLast(2))).count
  return .reals(
    filled(result.count) { y in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for batch in 0..<batches {
            for i in 0..<rows {
              let row = y + (batch * rows + i) * columns
              for k in 0..<inner {
                let factor = a[(batch * rows + i) * inner + k]
                let start = (batch * inner + k) * columns
                for j in 0..<columns { row[j] += factor * b[start + j] }
              }
            }
          }
        }
      }
    })
}

/// A batch of matrices with its last two axes swapped if asked.
private func plain(_ x: [Double], _ shape: Shape, transposed: Bool) -> [Double] {
  guard transposed else { return x }
  var order = Array(0..<shape.rank)
  order.swapAt(shape.rank - 1, shape.rank - 2)
  return gathered(x, order.map { shape[$0] }, strides: order.map { shape.strides[$0] })
}
