import StriateCore
import StriateIR

/// Maxima and means under windows.
public let poolingCases: [OpCase] =
  [
    max("2x2", [2, 3, 6, 8], [2, 2]),
    max("2x2 odd", [1, 2, 7, 5], [2, 2]),
    max("2x2 odd ceil", [1, 2, 7, 5], [2, 2], ceil: true),
    max("3x3 stride 2 padded", [2, 3, 8, 7], [3, 3], stride: [2, 2], padding: [1, 1]),
    max(
      "3x3 stride 2 padded ceil", [1, 2, 8, 10], [3, 3], stride: [2, 2], padding: [1, 1], ceil: true
    ),
    max("3x3 overlapping", [1, 17, 6, 6], [3, 3], stride: [1, 1], padding: [1, 1]),
    max("no images", [0, 2, 4, 4], [2, 2]),
    max("one pixel", [2, 3, 1, 1], [3, 3], stride: [2, 2], padding: [1, 1]),
    max("dilated 3-d", [1, 3, 5, 6, 7], [2, 2, 3], stride: [1, 2, 1], dilation: [2, 3, 2]),
    max("dilated, odd channels", [2, 17, 8, 8], [2, 2], stride: [2, 2], dilation: [2, 2]),
    max("dilated 1-d", [2, 3, 12], [3], stride: [2], padding: [1], dilation: [3], ceil: true),
    max("dilated", [1, 2, 9, 9], [3, 3], stride: [1, 2], padding: [1, 1], dilation: [2, 3]),
    max("window larger than the image, ceil", [2, 3, 2, 4], [3, 3], stride: [2, 2], ceil: true),
    max("whole image", [2, 3, 5, 4], [5, 4]),
    max("gaps between windows", [1, 2, 8, 8], [2, 2], stride: [3, 3]),
    max("rows of 14", [3, 5, 28, 28], [2, 2]),
    max("rows of 33, stride 1", [2, 2, 5, 33], [3, 3], stride: [1, 1], padding: [1, 1]),
    max("rows of 20, stride 2 padded", [2, 3, 9, 39], [3, 3], stride: [2, 2], padding: [1, 1]),
    max("rows of 17, dilated", [1, 3, 7, 38], [2, 3], stride: [1, 2], dilation: [2, 2]),
    max("1-d", [2, 3, 10], [3], stride: [2], padding: [1]),
    max("3-d", [1, 2, 5, 4, 6], [2, 2, 3], ceil: true),
  ]
  + indexedPoolings + adaptivePoolings
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
      mean(
        "window larger than the image, ceil", [2, 3, 2, 4], [3, 3], counts, stride: [2, 2],
        ceil: true
      ),
      mean("whole image", [2, 3, 5, 4], [5, 4], counts),
      mean("no images", [0, 2, 4, 4], [2, 2], counts),
      mean("one pixel", [2, 3, 1, 1], [3, 3], counts, stride: [2, 2], padding: [1, 1]),
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

private let indexedPoolings: [OpCase] = [
  indexed("2x2", [2, 3, 6, 8], [2, 2]),
  indexed(
    "overlapping ceil", [1, 17, 7, 6], [3, 3], stride: [2, 2], padding: [1, 1], ceil: true),
  indexed("dilated", [2, 2, 8, 9], [2, 3], stride: [1, 2], dilation: [3, 2]),
  indexed("1-d", [2, 3, 9], [3], stride: [2], padding: [1]),
  indexed("3-d", [1, 2, 4, 5, 6], [2, 2, 3]),
  indexed("no images", [0, 2, 4, 4], [2, 2]),
  OpCase("max pool, then unpool", .distinct([2, 3, 6, 6])) { x in
    let (y, indices) = maxPoolWithIndices(x[0], kernel: [3, 3], stride: [2, 2], padding: [1, 1])
    return maxUnpool(square(y), indices: indices, spatial: [6, 6])
  },
  OpCase(
    "max unpool", .normal([2, 3, 3, 2]), CaseInput(TensorType(.int32, [2, 3, 3, 2]), .whole(20)),
    isMultilinear: true
  ) { maxUnpool($0[0], indices: $0[1], spatial: [4, 5]) },
  OpCase(
    "max unpool of bad indices", .normal([2, 1, 8]),
    CaseInput(TensorType(.int32, [2, 1, 8]), .whole(9)), isDifferentiable: false
  ) { maxUnpool($0[0], indices: $0[1], spatial: [5]) },
]

private let adaptivePoolings: [OpCase] =
  ([
    ([2, 3, 6, 8], [3, 2]), ([1, 17, 7, 5], [3, 4]), ([2, 2, 3, 2], [5, 4]),
    ([1, 3, 1, 1], [2, 3]),
    ([2, 3, 10], [4]), ([1, 2, 4, 5, 7], [3, 2, 4]), ([2, 4, 5, 6], [1, 1]),
  ] as [(Shape, [Int])]).flatMap { shape, size in
    [
      OpCase("adaptive average pool \(shape) to \(size)", .normal(shape), isMultilinear: true) {
        adaptiveAveragePool($0[0], size: size)
      },
      OpCase("adaptive max pool \(shape) to \(size)", .distinct(shape)) {
        adaptiveMaxPool($0[0], size: size)
      },
    ]
  } + [
    OpCase("adaptive max pool with indices", [.distinct([2, 3, 7, 5])]) { _, x in
      let (y, indices) = adaptiveMaxPoolWithIndices(x[0], size: [3, 2])
      return [y, indices]
    },
    OpCase("global average pool", .normal([2, 17, 4, 5]), isMultilinear: true) {
      globalAveragePool($0[0])
    },
    OpCase("global max pool", .distinct([2, 3, 4, 5])) { globalMaxPool($0[0]) },
    OpCase("L2 pool", .awayFromZero([2, 3, 6, 7])) {
      lpPool($0[0], power: 2, kernel: [3, 2], stride: [2, 2])
    },
    OpCase("L1.5 pool", .uniform([1, 3, 8], 0.2...2)) {
      lpPool($0[0], power: 1.5, kernel: [3], ceil: true)
    },
  ]

private func indexed(
  _ name: String, _ shape: Shape, _ kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil,
  dilation: [Int]? = nil, ceil: Bool = false
) -> OpCase {
  OpCase("max pool with indices \(name)", [.distinct(shape)]) { _, x in
    let (y, indices) = maxPoolWithIndices(
      x[0], kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceil: ceil)
    return [y, indices]
  }
}
