import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Where our own kernels stand in for the library's slow ones, or for several passes.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct OwnKernelTests {
  struct Thin: Sendable, CustomStringConvertible {
    let inputs, outputs, groups, kernel, stride, dilation: Int
    var description: String {
      "\(inputs) to \(outputs) in \(groups), kernel \(kernel), stride \(stride), dilation \(dilation)"
    }
  }

  static let thin = [
    Thin(inputs: 32, outputs: 32, groups: 32, kernel: 5, stride: 1, dilation: 1),
    Thin(inputs: 32, outputs: 32, groups: 32, kernel: 5, stride: 2, dilation: 1),
    Thin(inputs: 64, outputs: 64, groups: 64, kernel: 3, stride: 1, dilation: 2),
    Thin(inputs: 16, outputs: 32, groups: 16, kernel: 3, stride: 1, dilation: 1),
    Thin(inputs: 128, outputs: 128, groups: 32, kernel: 3, stride: 1, dilation: 1),
  ]

  @Test("convolutions of thin groups are no products of matrices", arguments: thin)
  func thinGroups(_ row: Thin) throws {
    let shapes: [Shape] = [
      [2, row.inputs, 14, 14], [row.outputs, row.inputs / row.groups, row.kernel, row.kernel],
    ]
    let pad = row.dilation * (row.kernel / 2)
    let opCase = OpCase("thin", shapes.map { .normal($0) }) { _, x in
      [
        convolution(
          x[0], x[1], stride: [row.stride, row.stride], padLow: [pad, pad],
          dilation: [row.dilation, row.dilation], groups: row.groups)
      ]
    }
    let report = try #require(TestDevice.cpu).backend.compile(
      opCase.gradientGraph().applying()
    ).report
    let products = report.kernels.filter { $0.implementation.contains("gemm") }
    #expect(products.isEmpty, "\(products.map { "\($0.name): \($0.implementation)" })")
  }

  enum Norm: CaseIterable {
    case layer, group, instance

    func callAsFunction(_ x: Tensor, _ scale: Tensor, _ shift: Tensor) -> Tensor {
      switch self {
      case .layer: layerNorm(x, scale: scale, shift: shift)
      case .group: groupNorm(x, groups: 2, scale: scale, shift: shift)
      case .instance: instanceNorm(x, scale: scale, shift: shift)
      }
    }
  }

  @Test(
    "a norm is one pass over its rows forward and one backward", arguments: Norm.allCases,
    [false, true])
  func passes(_ norm: Norm, _ hasGradient: Bool) throws {
    let builder = GraphBuilder()
    let type = TensorType(.float32, [2, 6, 4, 6])
    let x = builder.input("x", type)
    let (scale, shift) = (
      builder.input("scale", TensorType(.float32, [6])),
      builder.input("shift", TensorType(.float32, [6]))
    )
    let y = norm(x, scale, shift)
    builder.output("y", y)
    if hasGradient {
      let dy = builder.input("dy", type)
      let gradients = builder.gradients(of: [(y, dy)], in: [x, scale, shift])
      for (name, gradient) in zip(["dx", "dscale", "dshift"], gradients) {
        builder.output(name, gradient)
      }
    }
    let graph = try builder.finish().applying()
    let kernels = try #require(TestDevice.cpu).backend.compile(graph).report.kernels
    let names = kernels.map(\.name).filter { !$0.hasPrefix("output") }
    let backward = ["standardize_backward + scale gradient", "scale and shift gradient"]
    #expect(names == ["standardize + scale + shift"] + (hasGradient ? backward : []))
  }
}
