import StriateCore
import StriateIR

/// Maxima and means under windows.
let poolingCases: [OpCase] =
  [
    max("2x2", [2, 3, 6, 8], [2, 2]),
    max("2x2 odd", [1, 2, 7, 5], [2, 2]),
    max("2x2 odd ceil", [1, 2, 7, 5], [2, 2], ceil: true),
    max("3x3 stride 2 padded", [2, 3, 8, 7], [3, 3], stride: [2, 2], padding: [1, 1]),
    max(
      "3x3 stride 2 padded ceil", [1, 2, 8, 10], [3, 3], stride: [2, 2], padding: [1, 1], ceil: true
    ),
    max("3x3 overlapping", [1, 17, 6, 6], [3, 3], stride: [1, 1], padding: [1, 1]),
    max("dilated", [1, 2, 9, 9], [3, 3], stride: [1, 2], padding: [1, 1], dilation: [2, 3]),
    max("whole image", [2, 3, 5, 4], [5, 4]),
    max("gaps between windows", [1, 2, 8, 8], [2, 2], stride: [3, 3]),
    max("1-d", [2, 3, 10], [3], stride: [2], padding: [1]),
    max("3-d", [1, 2, 5, 4, 6], [2, 2, 3], ceil: true),
  ]
  + [false, true].flatMap { counts in
    [
      mean("2x2", [2, 3, 6, 8], [2, 2], counts),
      mean("2x2 odd ceil", [1, 2, 7, 5], [2, 2], counts, ceil: true),
      mean(
        "3x3 stride 2 padded", [2, 3, 8, 7], [3, 3], counts, stride: [2, 2], padding: [1, 1]),
      mean(
        "3x3 stride 2 padded ceil", [1, 2, 8, 10], [3, 3], counts, stride: [2, 2], padding: [1, 1],
        ceil: true),
      mean("3x3 overlapping", [1, 17, 6, 6], [3, 3], counts, stride: [1, 1], padding: [1, 1]),
      mean("whole image", [2, 3, 5, 4], [5, 4], counts),
      mean("1-d", [2, 3, 10], [3], counts, stride: [2], padding: [1]),
      mean("3-d", [1, 2, 5, 4, 6], [2, 2, 3], counts, ceil: true),
    ]
  }

private func max(
  _ name: String, _ shape: Shape, _ kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil,
  dilation: [Int]? = nil, ceil: Bool = false
) -> OpCase {
  OpCase("max pool \(name)", .distinct(shape)) {
    maxPool(
      $0[0], kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceil: ceil)
  }
}

private func mean(
  _ name: String, _ shape: Shape, _ kernel: [Int], _ counts: Bool, stride: [Int]? = nil,
  padding: [Int]? = nil, ceil: Bool = false
) -> OpCase {
  let divisor = counts ? "counting padding" : "without padding"
  return OpCase("average pool \(name) \(divisor)", .normal(shape), isMultilinear: true) {
    averagePool(
      $0[0], kernel: kernel, stride: stride, padding: padding, ceil: ceil, countsPadding: counts)
  }
}
