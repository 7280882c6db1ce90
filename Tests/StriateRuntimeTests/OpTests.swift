import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite("Every op against its shape rule, its gradient and the oracle")
struct OpTests {
  @Test("executed shapes are the inferred ones", arguments: allOpCases)
  func shapes(_ opCase: OpCase) throws {
    #expect(try shapeMismatches(opCase) == [])
  }

  @Test("gradients equal central differences", arguments: allOpCases)
  func gradients(_ opCase: OpCase) throws {
    let results = try gradientError(opCase)
    #expect(results.count == opCase.differentiated.count)
    for result in results {
      #expect(result.error < (opCase.isMultilinear ? 1e-9 : 1e-6), "\(result)")
    }
  }

  @Test("gradients of the convolution triple's gradients", arguments: convolutionCases)
  func secondOrder(_ opCase: OpCase) throws {
    guard opCase.isMultilinear else { return }
    for result in try gradientError(opCase.derivative()) {
      #expect(result.error < 1e-9, "\(result)")
    }
  }

  @Test("gradients of what is its own adjoint", arguments: [standardizationCases[8]])
  func selfAdjoint(_ opCase: OpCase) throws {
    for result in try gradientError(opCase.derivative()) {
      #expect(result.error < 1e-6, "\(result)")
    }
  }

  @Test("gradients of the gradients of linear maps", arguments: resizeCases + poolingCases)
  func linearMaps(_ opCase: OpCase) throws {
    guard opCase.isMultilinear else { return }
    for result in try gradientError(opCase.derivative()) {
      #expect(result.error < 1e-9, "\(result)")
    }
  }

  @Test("the single-precision interpreter is near the oracle", arguments: allOpCases)
  func singlePrecision(_ opCase: OpCase) throws {
    for result in try compare(opCase, on: .reference) {
      #expect(result.error < 2e-6, "\(result)")
    }
  }

  @Test("the cases cover every op")
  func coverage() throws {
    var seen: Set<String> = []
    for opCase in allOpCases {
      for node in try opCase.gradientGraph().nodes {
        seen.insert(Mirror(reflecting: node.op).children.first?.label ?? "")
      }
    }
    let all: Set = [
      "constant", "fill", "random", "unary", "binary", "compare", "select", "convert", "reduce",
      "argMax", "matmul", "convolution", "convolutionBackwardInput", "convolutionBackwardFilter",
      "maxPool", "maxPoolBackward", "averagePool", "averagePoolBackward", "batchNorm",
      "batchNormBackward", "softmax", "crossEntropy", "crossEntropyBackward", "reshape",
      "maxPoolWithIndices", "maxUnpool", "maxUnpoolBackward", "standardize", "standardizeBackward",
      "localResponse", "localResponseBackward", "resize", "resizeBackward",
      "transpose", "broadcast", "slice", "pad", "concat", "reverse", "cumulativeSum", "gather",
      "scatterAdd", "gatherAlong", "scatterAddAlong", "topK", "straightThrough", "quantize",
      "dequantize", "quantizedConvolution", "custom",
    ]
    #expect(seen == all)
    #expect(Set(allOpCases.map(\.name)).count == allOpCases.count)
  }
}
