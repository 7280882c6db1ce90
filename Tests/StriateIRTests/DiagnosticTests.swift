import StriateCore
import StriateIR
import Testing

@Suite("Faults of a trace")
struct DiagnosticTests {
  struct Fault: Sendable, CustomStringConvertible {
    let op: String
    let message: String
    let build: @Sendable (Tensor) -> Tensor
    var description: String { "\(op): \(message)" }

    init(_ op: String, _ message: String, _ build: @escaping @Sendable (Tensor) -> Tensor) {
      (self.op, self.message, self.build) = (op, message, build)
    }
  }

  /// What is done to `x : f32[2, 3, 8, 8]`, and what must be said.
  static let table: [Fault] = [
    Fault("add", "do not broadcast") { $0 + $0.builder.fill(1, TensorType(.float32, [5])) },
    Fault("add", "two operands of one type") { x in x + x.converted(to: .int32) },
    Fault("exp", "floating point") { exp($0.converted(to: .int32)) },
    Fault("convolution", "takes 4 channels a group") { x in
      convolution(x, x.builder.fill(1, TensorType(.float32, [6, 4, 3, 3])))
    },
    Fault("convolution", "does not fit") { x in
      convolution(x, x.builder.fill(1, TensorType(.float32, [6, 3, 9, 9])))
    },
    Fault("convolution", "fall into 2 groups") { x in
      convolution(x, x.builder.fill(1, TensorType(.float32, [6, 3, 3, 3])), groups: 2)
    },
    Fault("convolution", "groups must be") { x in
      convolution(x, x.builder.fill(1, TensorType(.float32, [6, 3, 3, 3])), groups: 0)
    },
    Fault("convolution", "stride 0") { x in
      convolution(x, x.builder.fill(1, TensorType(.float32, [6, 3, 3, 3])), stride: [0, 1])
    },
    Fault("max_pool", "without elements") { maxPool($0, kernel: [2, 2], padding: [2, 2]) },
    Fault("max_pool", "spatial axes") { maxPool($0, kernel: [2]) },
    Fault("average_pool", "does not fit") { averagePool($0, kernel: [9, 9]) },
    Fault("reduce_sum", "no axis 7") { $0.sum(over: [7]) },
    Fault("reshape", "holds 5") { $0.reshaped([5]) },
    Fault("transpose", "no order") { $0.transposed([0, 0, 1, 2]) },
    Fault("slice", "is no range") { $0.slice(axis: 1, from: 2, to: 9) },
    Fault("slice", "no axis 4") { $0.slice(axis: 4) },
    Fault("concat", "extents differ") { x in
      concat([x, x.slice(axis: 2, from: 1)], axis: 1) ?? x
    },
    Fault("matmul", "inner extents") { x in matmul(x.reshaped([2, 192]), x.reshaped([2, 192])) },
    Fault("softmax", "no axis 9") { softmax($0, axis: 9) },
    Fault("cross_entropy", "takes logits") { crossEntropy($0, labels: $0) },
    Fault("batch_norm", "epsilon") { x in
      let c = x.builder.fill(1, TensorType(.float32, [3]))
      return batchNorm(x, scale: c, shift: c, epsilon: 0).y
    },
    Fault("broadcast", "does not broadcast") { $0.broadcast(to: [2, 3, 8, 9]) },
    Fault("fill", "too large") { x in
      x.builder.fill(0, TensorType(.float32, [1 << 30, 1 << 30]))
    },
    Fault("gradients", "takes a scalar") { $0.builder.gradients(of: $0, in: [$0])[0] },
  ]

  @Test("each fault names its op, operands and reason, and poisons silently", arguments: table)
  func each(_ fault: Fault) throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 3, 8, 8]))
    let y = fault.build(x)
    #expect(y.isPoisoned)
    // What is built on a poisoned value is poisoned and adds nothing.
    let after = relu(maxPool(y + x, kernel: [2, 2])).reshaped([-1]).sum() * 2.0
    #expect(after.isPoisoned)
    #expect(builder.gradients(of: after, in: [x])[0].isPoisoned)
    builder.output("y", after)
    #expect(builder.diagnostics.count == 1, "\(builder.diagnostics)")
    let diagnostic = try #require(builder.diagnostics.first)
    #expect(diagnostic.op == fault.op)
    #expect(diagnostic.message.contains(fault.message), "\(diagnostic)")
    #expect(throws: TraceError.self) { try builder.finish() }
  }

  @Test("all faults come at once, each with path and line")
  func together() throws {
    struct Net: Layer {
      let left = Conv(4, 4)
      let right = Conv(5, 5)
      func forward(_ x: Tensor) -> Tensor {
        let a = left(x)
        let b = right(x)
        return a + b
      }
    }
    let net = Net()
    let builder = GraphBuilder(naming: Naming(net))
    let line = #line + 1
    builder.output("y", net(builder.input("x", TensorType(.float32, [1, 3, 8, 8]))))
    do {
      _ = try builder.finish()
      Issue.record("the trace was accepted")
    } catch {
      #expect(error.diagnostics.map(\.path) == ["left", "right"])
      #expect(error.diagnostics.map(\.op) == ["convolution", "convolution"])
      #expect(
        error.diagnostics.allSatisfy {
          $0.location?.fileID.hasSuffix("DiagnosticTests.swift") == true
        })
      let lines = error.diagnostics.compactMap { $0.location?.line }
      #expect(lines.count == 2 && lines[1] == lines[0] + 1 && lines[0] < line)
      #expect("\(error)".contains("left: convolution(f32[1, 3, 8, 8], f32[4, 4, 3, 3])"))
      #expect("\(error)".contains("(DiagnosticTests.swift:\(lines[0]))"))
    }
  }

  @Test("faulty parameters, edges used twice, strangers")
  func edges() {
    struct Net: Layer {
      let weight = Parameter([3, -1], initializer: zeros)
      func forward(_ x: Tensor) -> Tensor { matmul(x, weight) }
    }
    let net = Net()
    let builder = GraphBuilder(naming: Naming(net))
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    #expect(net(x).isPoisoned)
    #expect(builder.input("x", TensorType(.float32, [2, 4])).isPoisoned)
    #expect(builder.input("n", TensorType(.float32, [2, -4])).isPoisoned)
    #expect(builder.state("s", TensorType(.float32, [.max, .max])).isPoisoned)
    builder.output("y", x)
    builder.output("y", x)
    builder.update("none", x)
    #expect((GraphBuilder().input("x", TensorType(.float32, [2, 3])) + x).isPoisoned)
    #expect(
      builder.diagnostics.map(\.op) == ["parameter", "input", "input", "state", "output", "update"])
  }
}
