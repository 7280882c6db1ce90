import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite("The interpreter at its edges")
struct InterpreterTests {
  /// `y = x · w`, and `w` becomes `w + 1/3`.
  func stepping() throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [3]))
    let w = builder.state("w", TensorType(.float32, [3]))
    builder.output("y", x * w)
    builder.update("w", w + 1.0 / 3)
    return try builder.finish()
  }

  @Test("double precision keeps its digits through inputs, states and outputs")
  func oracleKeepsDigits() throws {
    let interpreter = Interpreter<Double>(try stepping())
    let state = HostState()
    try state.write(["w": HostTensor([0.1, 0.2, 0.3])])
    let outputs = try interpreter.evaluate(
      inputs: ["x": HostTensor([1.1, 1.2, 1.3])], state: state)
    #expect(outputs["y"]?.scalars(as: Double.self) == [1.1 * 0.1, 1.2 * 0.2, 1.3 * 0.3])
    let kept = try #require(try state.read(["w"])["w"])
    #expect(kept.dtype == .float64)
    #expect(kept.scalars(as: Double.self) == [0.1 + 1.0 / 3, 0.2 + 1.0 / 3, 0.3 + 1.0 / 3])
  }

  @Test("single precision keeps declared types")
  func referenceKeepsTypes() throws {
    let graph = try stepping()
    let state = HostState()
    try state.write(["w": HostTensor([Float(0.1), 0.2, 0.3])])
    let buffers = try RunBuffers(graph)
    try buffers.set("x", HostTensor([Float(1), 2, 3]))
    try Interpreter<Float>(graph).run(buffers, state: state)
    let third = Float(1.0 / 3)
    #expect(try buffers.output("y").scalars(as: Float.self) == [0.1, 2 * 0.2, 3 * 0.3])
    let kept = try #require(try state.read(["w"])["w"])
    #expect(kept.dtype == .float32)
    #expect(kept.scalars(as: Float.self) == [0.1 + third, 0.2 + third, 0.3 + third])
  }

  @Test("missing and ill-typed tensors are named")
  func faults() throws {
    let interpreter = Interpreter<Double>(try stepping())
    let x = HostTensor([1.0, 2, 3])
    func message(_ inputs: [String: HostTensor], _ state: NamedTensors) -> String {
      let resident = HostState()
      do {
        try resident.write(state)
        _ = try interpreter.evaluate(inputs: inputs, state: resident)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(["x": x], [:]).contains("no tensor w"))
    #expect(message([:], ["w": x]).contains("needs an input x of type f32[3]"))
    #expect(message(["x": x], ["w": HostTensor([1.0])]) == "state w takes f32[3], found f64[1]")
    #expect(
      message(["x": HostTensor([Int32(1), 2, 3])], ["w": x]) == "input x takes f32[3], found i32[3]"
    )
    let builder = GraphBuilder()
    builder.output("y", builder.input("x", TensorType(.float32, [2])) + 1.0)
    let other = try RunBuffers(builder.finish())
    #expect(throws: TensorError.self) { try interpreter.run(other, state: HostState()) }
  }

  @Test("the first op that makes a NaN is found")
  func nonFinite() throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [3]))
    let w = builder.state("w", TensorType(.float32, [3]))
    builder.output("y", exp(log(x - 1.0) + w))
    let graph = try builder.finish()
    func find(_ x: [Double], _ w: [Double]) throws -> NonFinite? {
      let state = HostState()
      try state.write(["w": HostTensor(w)])
      return try Interpreter<Double>.firstNonFinite(
        in: graph, inputs: ["x": HostTensor(x)], state: state)
    }
    #expect(try find([2, 2, 2], [0, 0, 0]) == nil)
    let found = try #require(try find([2, 0.5, 2], [0, 0, 0]))
    #expect(found.node?.node.op.name == "log")
    #expect(found.element == 1 && found.number.isNaN)
    #expect("\(found)" == "log makes NaN at element 1 of finite operands")
    #expect(
      "\(try #require(try find([2, .nan, 2], [0, 0, 0])))" == "input x holds NaN at element 1")
    #expect(
      "\(try #require(try find([2, 2, 2], [0, 0, .infinity])))" == "state w holds inf at element 2")
    #expect(try find([2, 2, 2], [0, 2000, 0])?.node?.node.op.name == "exp")
  }

  @Test("a graph beyond the machine's memory is refused")
  func memory() throws {
    let builder = GraphBuilder()
    let huge = builder.fill(1, TensorType(.float32, [1 << 22, 1 << 22]))
    builder.output("y", huge.sum())
    let interpreter = Interpreter<Float>(try builder.finish())
    #expect(throws: TensorError.self) { try interpreter.evaluate(inputs: [:], state: HostState()) }
  }

  @Test("maxima: the first of equals wins, NaN spreads")
  func maxima() throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [1, 1, 6]))
    builder.output("pool", maxPool(x, kernel: [3]))
    builder.output("argmax", x.reshaped([2, 3]).argMax(axis: 1))
    builder.output("max", x.reshaped([2, 3]).max(over: [1]))
    let y = maxPool(x, kernel: [3])
    builder.output("dx", builder.gradients(of: [(y, builder.fill(1, y.type))], in: [x])[0])
    let graph = try builder.finish().applying()
    let outputs = try Interpreter<Double>(graph).evaluate(
      inputs: ["x": try HostTensor([1.0, 5, 5, 2, .nan, 3], shape: [1, 1, 6])], state: HostState())
    let pooled = try #require(outputs["pool"]).scalars(as: Double.self)
    #expect(pooled[0] == 5 && pooled[1].isNaN)
    #expect(try #require(outputs["max"]).scalars(as: Double.self)[1].isNaN)
    #expect(outputs["argmax"]?.scalars(as: Int32.self) == [1, 1])
    #expect(outputs["dx"]?.scalars(as: Double.self) == [0, 1, 0, 0, 1, 0])
  }

  @Test("labels that are no class, logits that are infinite")
  func crossEntropyEdges() throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [3, 2]))
    let labels = builder.input("labels", TensorType(.int32, [3]))
    builder.output("loss", crossEntropy(x, labels: labels))
    let outputs = try Interpreter<Double>(builder.finish()).evaluate(
      inputs: [
        "x": HostTensor([0.0, 0, 0, 0, -.infinity, 1]).reshaped([3, 2]),
        "labels": HostTensor([Int32(2), -1, 1]),
      ], state: HostState())
    let losses = try #require(outputs["loss"]).scalars(as: Double.self)
    #expect(losses[0].isNaN && losses[1].isNaN && losses[2] == 0)
  }

  @Test("whole numbers wrap, quotients by zero are zero, conversions saturate")
  func wholeNumbers() throws {
    let builder = GraphBuilder()
    let type = TensorType(.int32, [3])
    let (a, b) = (builder.input("a", type), builder.input("b", type))
    builder.output("sum", a + b)
    builder.output("quotient", a / b)
    let x = builder.input("x", TensorType(.float32, [4]))
    builder.output("int", x.converted(to: .int32))
    builder.output("byte", x.converted(to: .uint8))
    builder.output("bool", x.converted(to: .bool))
    let outputs = try Interpreter<Double>(builder.finish()).evaluate(
      inputs: [
        "a": HostTensor([Int32.max, -7, .min]), "b": HostTensor([Int32(1), 0, -1]),
        "x": HostTensor([1e20, -2.7, .nan, 300]),
      ], state: HostState())
    #expect(outputs["sum"]?.scalars(as: Int32.self) == [.min, -7, .max])
    #expect(outputs["quotient"]?.scalars(as: Int32.self) == [.max, 0, .min])
    #expect(outputs["int"]?.scalars(as: Int32.self) == [.max, -2, 0, 300])
    #expect(outputs["byte"]?.scalars(as: UInt8.self) == [255, 0, 0, 255])
    #expect(outputs["bool"]?.scalars(as: Bool.self) == [true, true, true, true])
  }
}
