import StriateCore
import StriateIR

/// Standardised rows, and the layer, group and instance norms made of them.
public let standardizationCases: [OpCase] =
  ([
    ([4, 6], 1), ([2, 3, 5], 2), ([3, 17], 1), ([2, 1, 40], 1), ([5, 7], 2), ([0, 4], 1),
    ([2, 3, 4, 5], 3), ([1, 1, 1, 2], 1),
  ] as [(Shape, Int)]).map { shape, axes in
    OpCase("standardize \(axes) axes of \(shape)", [.normal(shape)]) { _, x in
      let (y, mean, rstd) = standardize(x[0], axes: axes, epsilon: 1e-2)
      return [y, mean, rstd]
    }
  } + [
    OpCase(
      "standardize backward", .normal([3, 7]), .uniform([3], 0.5...2), .normal([3, 7])
    ) { x in
      x[0].builder.one(.standardizeBackward(StandardizeBackward(axes: 1)), x[0], x[1], x[2])
    },
    OpCase("layer norm", .normal([2, 3, 9]), .uniform([9], 0.5...1.5), .normal([9])) {
      layerNorm($0[0], scale: $0[1], shift: $0[2])
    },
    OpCase("layer norm of images", .normal([2, 3, 4, 5]), .normal([3, 4, 5])) {
      layerNorm($0[0], axes: 3, scale: $0[1], epsilon: 1e-3)
    },
    OpCase(
      "group norm", .normal([2, 6, 4, 5]), .uniform([6], 0.5...1.5), .normal([6])
    ) { groupNorm($0[0], groups: 3, scale: $0[1], shift: $0[2]) },
    OpCase("group norm + relu", .normal([3, 8, 3, 3]), .normal([8]), .normal([8])) {
      relu(groupNorm($0[0], groups: 1, scale: $0[1], shift: $0[2]))
    },
    OpCase("group norm of sequences", .normal([2, 4, 11]), .normal([4]), .normal([4])) {
      groupNorm($0[0], groups: 2, scale: $0[1], shift: $0[2])
    },
    OpCase("instance norm", .normal([2, 17, 3, 4]), .normal([17]), .normal([17])) {
      instanceNorm($0[0], scale: $0[1], shift: $0[2])
    },
    OpCase("group norm of vectors", .normal([5, 12]), .normal([12]), .normal([12])) {
      groupNorm($0[0], groups: 3, scale: $0[1], shift: $0[2])
    },
    OpCase(
      "layer norm of images + relu", .normal([2, 3, 4, 5]), .normal([4, 5]), .normal([4, 5])
    ) { relu(layerNorm($0[0], axes: 2, scale: $0[1], shift: $0[2])) },
    OpCase("layer norm by a scale that it makes", .normal([3, 18])) {
      let rows = standardize($0[0], axes: 1, epsilon: 1e-2)
      let scale = rows.y.sum(over: [0])
      return rows.y * scale.broadcast(to: $0[0].shape) + rows.rstd.sum(over: [0])
    },
    OpCase("instance norm, nothing learnt", .normal([1, 3, 2, 3, 2])) { instanceNorm($0[0]) },
    OpCase("rows far from zero", .uniform([4, 300], 999.5...1000.5)) {
      standardize($0[0], axes: 1, epsilon: 1e-5).y
    },
  ]

/// Local response normalisation over few and many neighbours.
public let localResponseCases: [OpCase] =
  ([
    (5, [2, 7, 3, 4]), (3, [1, 17, 5, 5]), (1, [2, 3, 4, 4]), (4, [1, 6, 3, 3]), (9, [2, 5, 6]),
    (5, [1, 1, 3, 3]), (2, [3, 8]), (5, [0, 4, 3, 3]), (3, [1, 4, 2, 3, 2]), (11, [1, 32, 9, 11]),
  ] as [(Int, Shape)]).map { size, shape in
    OpCase("local response of \(size) in \(shape)", .normal(shape)) {
      localResponse($0[0], size: size, alpha: 0.7, beta: 0.75, k: 2)
    }
  }
  + [0.5, 1, 0.6].map { beta in
    OpCase("local response, beta \(beta)", .normal([2, 9, 3, 5])) {
      localResponse($0[0], size: 5, alpha: 1.3, beta: beta, k: 1)
    }
  }
