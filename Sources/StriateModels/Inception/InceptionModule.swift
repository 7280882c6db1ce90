import StriateCore
import StriateIR
import StriateNN

/// Branches over one input, joined along the channels; a branch may end in several layers side by side.
///
/// Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, figures 5 to 7 and 10.
struct InceptionModule: Layer, TransparentContainer {
  /// A layer under torchvision's name.
  typealias Part = NormalizedConvolution
  typealias Named = (name: String, layer: any Layer)

  /// Layers one after the other, and then some side by side.
  struct Branch: Sendable {
    let steps: [Named]
    var ends: [Named] = []
  }

  let branches: [Branch]

  var namedChildren: [(name: String, child: any Sendable)] {
    branches.flatMap { $0.steps + $0.ends }.map { ($0.name, $0.layer) }
  }

  func forward(_ x: Tensor) -> Tensor {
    let answers = branches.flatMap { branch -> [Tensor] in
      let y = branch.steps.reduce(x) { x, step in step.layer(x) }
      return branch.ends.isEmpty ? [y] : branch.ends.map { $0.layer(y) }
    }
    return concat(answers, axis: 1) ?? x
  }
}

extension NormalizedConvolution {
  /// A convolution of Inception v3, whose first weights have a deviation of 0.1.
  static func conv(
    _ inputs: Int, _ outputs: Int, _ kernel: Pair, stride: Pair = 1, padding: Pair? = nil
  ) -> NormalizedConvolution {
    NormalizedConvolution(
      inputs, outputs, kernel: kernel, stride: stride, padding: padding, deviation: 0.1)
  }
}

extension InceptionModule {
  private static let row = Pair(1, 7)
  private static let column = Pair(7, 1)

  private static func mean() -> Named { ("pool", AvgPool2D(3, stride: 1, padding: 1)) }
  private static func strided() -> Named { ("pool", MaxPool2D(3, stride: 2)) }

  /// 5×5 and twice 3×3 (figure 5).
  static func a(_ inputs: Int, pool: Int) -> InceptionModule {
    InceptionModule(branches: [
      Branch(steps: [("branch1x1", Part.conv(inputs, 64, 1))]),
      Branch(steps: [
        ("branch5x5_1", Part.conv(inputs, 48, 1)), ("branch5x5_2", Part.conv(48, 64, 5)),
      ]),
      Branch(steps: [
        ("branch3x3dbl_1", Part.conv(inputs, 64, 1)), ("branch3x3dbl_2", Part.conv(64, 96, 3)),
        ("branch3x3dbl_3", Part.conv(96, 96, 3)),
      ]),
      Branch(steps: [mean(), ("branch_pool", Part.conv(inputs, pool, 1))]),
    ])
  }

  /// Half the extent (figure 10).
  static func b(_ inputs: Int) -> InceptionModule {
    InceptionModule(branches: [
      Branch(steps: [("branch3x3", Part.conv(inputs, 384, 3, stride: 2, padding: 0))]),
      Branch(steps: [
        ("branch3x3dbl_1", Part.conv(inputs, 64, 1)), ("branch3x3dbl_2", Part.conv(64, 96, 3)),
        ("branch3x3dbl_3", Part.conv(96, 96, 3, stride: 2, padding: 0)),
      ]),
      Branch(steps: [strided()]),
    ])
  }

  /// 7×7 in rows and columns (figure 6).
  static func c(_ inputs: Int, _ hidden: Int) -> InceptionModule {
    InceptionModule(branches: [
      Branch(steps: [("branch1x1", Part.conv(inputs, 192, 1))]),
      Branch(steps: [
        ("branch7x7_1", Part.conv(inputs, hidden, 1)),
        ("branch7x7_2", Part.conv(hidden, hidden, row)),
        ("branch7x7_3", Part.conv(hidden, 192, column)),
      ]),
      Branch(steps: [
        ("branch7x7dbl_1", Part.conv(inputs, hidden, 1)),
        ("branch7x7dbl_2", Part.conv(hidden, hidden, column)),
        ("branch7x7dbl_3", Part.conv(hidden, hidden, row)),
        ("branch7x7dbl_4", Part.conv(hidden, hidden, column)),
        ("branch7x7dbl_5", Part.conv(hidden, 192, row)),
      ]),
      Branch(steps: [mean(), ("branch_pool", Part.conv(inputs, 192, 1))]),
    ])
  }

  /// Half the extent, behind rows and columns.
  static func d(_ inputs: Int) -> InceptionModule {
    InceptionModule(branches: [
      Branch(steps: [
        ("branch3x3_1", Part.conv(inputs, 192, 1)),
        ("branch3x3_2", Part.conv(192, 320, 3, stride: 2, padding: 0)),
      ]),
      Branch(steps: [
        ("branch7x7x3_1", Part.conv(inputs, 192, 1)), ("branch7x7x3_2", Part.conv(192, 192, row)),
        ("branch7x7x3_3", Part.conv(192, 192, column)),
        ("branch7x7x3_4", Part.conv(192, 192, 3, stride: 2, padding: 0)),
      ]),
      Branch(steps: [strided()]),
    ])
  }

  /// 1×3 beside 3×1 (figure 7).
  static func e(_ inputs: Int) -> InceptionModule {
    InceptionModule(branches: [
      Branch(steps: [("branch1x1", Part.conv(inputs, 320, 1))]),
      Branch(
        steps: [("branch3x3_1", Part.conv(inputs, 384, 1))],
        ends: [
          ("branch3x3_2a", Part.conv(384, 384, Pair(1, 3))),
          ("branch3x3_2b", Part.conv(384, 384, Pair(3, 1))),
        ]),
      Branch(
        steps: [
          ("branch3x3dbl_1", Part.conv(inputs, 448, 1)), ("branch3x3dbl_2", Part.conv(448, 384, 3)),
        ],
        ends: [
          ("branch3x3dbl_3a", Part.conv(384, 384, Pair(1, 3))),
          ("branch3x3dbl_3b", Part.conv(384, 384, Pair(3, 1))),
        ]),
      Branch(steps: [mean(), ("branch_pool", Part.conv(inputs, 192, 1))]),
    ])
  }
}
