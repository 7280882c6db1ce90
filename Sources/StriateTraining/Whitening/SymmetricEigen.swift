/// Eigenvalues and eigenvectors of small symmetric matrices, by Jacobi's rotations (1846): slow, simple, exact.
enum SymmetricEigen {
  /// The eigenvalues, greatest first, with a vector of length 1 each, whose greatest element is positive.
  static func of(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
    let size = matrix.count
    var a = matrix
    var vectors = (0..<size).map { row in (0..<size).map { $0 == row ? 1.0 : 0 } }
    for _ in 0..<100 {
      var off = 0.0
      for row in 0..<size { for column in 0..<row { off += a[row][column] * a[row][column] } }
      let diagonal = (0..<size).reduce(0.0) { $0 + a[$1][$1] * a[$1][$1] }
      if off <= 1e-30 * diagonal { break }
      for p in 0..<size {
        for q in (p + 1)..<max(size, p + 1) where a[p][q] != 0 {
          rotate(&a, &vectors, p, q)
        }
      }
    }
    let order = (0..<size).sorted { a[$0][$0] > a[$1][$1] }
    return (
      order.map { a[$0][$0] },
      order.map { place in
        let vector = vectors[place]
        let greatest = vector.max { $0.magnitude < $1.magnitude } ?? 1
        return greatest < 0 ? vector.map { -$0 } : vector
      }
    )
  }

  /// Makes the element at a row and a column zero; the vectors are kept as rows.
  private static func rotate(
    _ a: inout [[Double]], _ vectors: inout [[Double]], _ p: Int, _ q: Int
  ) {
    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in a.indices {
      (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
    }
    for k in a.indices {
      (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
    }
    for k in a.indices {
      (vectors[p][k], vectors[q][k]) = (
        c * vectors[p][k] - s * vectors[q][k], s * vectors[p][k] + c * vectors[q][k]
      )
    }
  }
}
