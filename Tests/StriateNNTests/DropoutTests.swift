import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

private func draw(step: Int64, mode: TraceOptions.Mode = .training) throws -> [[Float]] {
  let model = Sequential(Dropout(0.25), Dropout(0.25))
  let program = try Program(
    on: .reference, options: TraceOptions(mode: mode), naming: Naming(model)
  ) {
    let x = $0.input("x", TensorType(.float32, [4000]))
    $0.output("first", model.layers[0](x))
    $0.output("second", model.layers[1](x))
  }
  var inputs = ["x": HostTensor([Float](repeating: 3, count: 4000))]
  if mode == .training { inputs["random.key"] = HostTensor([5, step]) }
  let outputs = try program.run(inputs, state: program.state())
  return ["first", "second"].map { outputs[$0]?.scalars(as: Float.self) ?? [] }
}

@Test func dropoutKeepsTheMeanAndFollowsItsKey() throws {
  let masks = try draw(step: 0)
  for mask in masks {
    #expect(mask.allSatisfy { $0 == 0 || $0 == 4 })
    let zeros = mask.count { $0 == 0 }
    #expect((900..<1100).contains(zeros))
  }
  #expect(masks[0] != masks[1])
  #expect(try draw(step: 0) == masks)
  #expect(try draw(step: 1) != masks)
}

@Test func dropoutIsTheIdentityInUse() throws {
  #expect(try draw(step: 0, mode: .inference)[0].allSatisfy { $0 == 3 })
}
