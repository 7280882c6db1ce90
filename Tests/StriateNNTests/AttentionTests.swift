import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

/// What attention gives for queries with keys and values of another length, under a mask.
private func attend(_ mask: [Bool]?, keys: [Float]) throws -> [Double] {
  let layer = MultiHeadAttention(4, heads: 2)
  let naming = Naming(layer)
  let program = try Program(on: .reference, naming: naming) { builder in
    let x = builder.input("x", TensorType(.float32, [1, 2, 4]))
    let memory = builder.input("memory", TensorType(.float32, [1, 3, 4]))
    let mask = mask.flatMap { try? HostTensor($0, shape: [2, 3]) }.map { builder.constant($0) }
    builder.output("y", layer.attend(query: x, key: memory, value: memory, mask: mask))
  }
  let x = try HostTensor((0..<8).map { Float($0) / 4 - 1 }, shape: [1, 2, 4])
  let fed = ["x": x, "memory": try HostTensor(keys, shape: [1, 3, 4])]
  let state = try program.state(naming.initialWeights(seed: 2))
  return try program.run(fed, state: state)["y"]?.scalars(as: Double.self) ?? []
}

@Test func stepsThatAreMaskedDoNotCount() throws {
  let keys: [Float] = [1, 2, -1, 0, 3, -2, 1, 1, 0.5, 1, 2, -3]
  var changed = keys
  for place in 8..<12 { changed[place] = 100 }
  #expect(try attend(nil, keys: keys) != attend(nil, keys: changed))
  let mask = [true, true, false, true, true, false]
  #expect(try attend(mask, keys: keys) == attend(mask, keys: changed))
  // The first step sees the last key, the second does not.
  let partly = [true, true, true, true, true, false]
  let (a, b) = (try attend(partly, keys: keys), try attend(partly, keys: changed))
  #expect(a[..<4] != b[..<4] && a[4...] == b[4...])
}

@Test func symbolsWithoutAVectorGiveNaN() throws {
  let layer = Embedding(3, features: 2)
  let program = try Program(layer, input: TensorType(.int32, [4]), on: .reference)
  let state = try program.state(program.initialWeights(seed: 0))
  let y = try program(HostTensor([Int32(0), 3, -1, 2]), state: state).scalars(as: Float.self)
  #expect(y.map(\.isNaN) == [false, false, true, true, true, true, false, false])
}
