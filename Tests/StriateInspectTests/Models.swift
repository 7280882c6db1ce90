import Striate

/// The devices that are there.
let devices: [Device] = [.reference] + ((try? Device.cpu()).map { [$0] } ?? [])

/// A network from sequences `[N, 4, 20]`, which calls one layer twice.
struct SequenceNet: Layer {
  let embed = Linear(in: 80, out: 16)
  let recur = Linear(in: 16, out: 16)
  let head = Linear(in: 16, out: 3)

  func forward(_ x: Tensor) -> Tensor {
    let x = relu(embed(x.flattened(from: 1)))
    return head(relu(recur(relu(recur(x)))))
  }
}

/// A network with two inputs and two answers.
struct PairNet: Model {
  struct Input: TensorGroup {
    var left: Tensor
    var right: Tensor
    var namedTensors: [(name: String, tensor: Tensor)] { [("left", left), ("right", right)] }
  }

  struct Output: TensorGroup {
    var same: Tensor
    var code: Tensor
    var namedTensors: [(name: String, tensor: Tensor)] { [("same", same), ("code", code)] }
  }

  let encoder = Sequential(Conv2D(in: 1, out: 4, kernel: 3), ReLU(), GlobalAveragePool())
  let head = Linear(in: 8, out: 2)

  func forward(_ input: Input) -> Output {
    let codes = [encoder(input.left), encoder(input.right)]
    let code = concat(codes, axis: 1) ?? codes[0]
    return Output(same: head(code), code: code)
  }

  static let subject = ModelSubject(PairNet(), named: "pair") { builder in
    let type = TensorType(.float32, [2, 1, 8, 8])
    return Input(left: builder.input("left", type), right: builder.input("right", type))
  }
}

/// Convolutions with biases, batch norm and a shortcut: every kind of fused group.
struct FusedNet: Layer {
  let conv1 = Conv2D(in: 2, out: 6, kernel: 3, padding: 1)
  let bn = BatchNorm2D(6)
  let conv2 = Conv2D(in: 6, out: 6, kernel: 3, padding: 1)
  let pool = MaxPool2D(2)
  let fc = Linear(in: 96, out: 5)

  func forward(_ x: Tensor) -> Tensor {
    let a = relu(conv1(x))
    let b = relu(bn(conv2(a)) + a)
    return fc(pool(b).flattened(from: 1))
  }
}

/// Values of a type, the same for the same name.
func made(_ type: TensorType, _ name: String) throws -> HostTensor {
  var random = RandomStream(seed: 5, "values", name)
  let numbers = (0..<type.shape.count).map { _ in Float.random(in: -1...1, using: &random) }
  return try HostTensor(numbers, shape: type.shape)
}
