import StriateCore
import StriateFormats
import StriateIR

/// One line of ops.json: an operation with attributes, whose tensors PyTorch computed in float64.
struct OpGolden: Sendable, CustomStringConvertible {
  /// The table: `ops` stands for ops.json and ops.safetensors.
  let file: String
  let name: String
  let op: String
  let attributes: JSON
  let inputs, outputs, cotangents, gradients: [String]

  /// Every case of the first table; empty where it cannot be read, which a test refuses.
  static let all = table("ops")
  /// The cases of ops on images that came later.
  static let spatial = table("ops_spatial")
  /// The cases of scans, indexing, sorting, arrangement, masked losses and quantisation.
  static let more = table("ops_more")

  private static func table(_ file: String) -> [OpGolden] {
    ((try? JSON(path: Golden.folder + "/\(file).json"))?.array ?? []).map { OpGolden($0, of: file) }
  }

  /// The cases whose operation this version does not have, each with the reason.
  static let missing: [String: String] = [:]

  private init(_ line: JSON, of file: String) {
    self.file = file
    func list(_ key: String) -> [String] { line[key]?.array?.compactMap(\.string) ?? [] }
    name = line["name"]?.string ?? ""
    op = line["op"]?.string ?? ""
    attributes = line["attrs"] ?? .null
    (inputs, outputs) = (list("inputs"), list("outputs"))
    (cotangents, gradients) = (list("cotangents"), list("gradients"))
  }

  var description: String { name }

  /// The graph `in.<name>, cot.<name> → out.<name>, grad.<name>`.
  ///
  /// - Throws: `TraceError` where the operation refuses its operands.
  func graph(_ golden: Golden) throws -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .training))
    func input(_ kind: String, _ name: String) throws -> Tensor {
      let type = try golden["\(self.name).\(kind).\(name)"].type
      let dtype = type.dtype.isFloatingPoint ? DType.float32 : type.dtype
      return builder.input("\(kind).\(name)", TensorType(dtype, type.shape))
    }
    var operands: [String: Tensor] = [:]
    for name in inputs { operands[name] = try input("in", name) }
    guard let results = built(Operands(tensors: operands, attributes: attributes)) else {
      throw MissingOp(name: name)
    }
    var seeds: [(tensor: Tensor, cotangent: Tensor)] = []
    for (name, result) in zip(outputs, results) {
      builder.output("out.\(name)", result)
      if cotangents.contains(name) { seeds.append((result, try input("cot", name))) }
    }
    let targets = gradients.compactMap { operands[$0] }
    for (name, gradient) in zip(gradients, builder.gradients(of: seeds, in: targets)) {
      builder.output("grad.\(name)", gradient)
    }
    return try builder.finish()
  }

  struct MissingOp: Error { let name: String }

  /// The operands and attributes of a case.
  struct Operands {
    let tensors: [String: Tensor]
    let attributes: JSON

    /// An operand; every case has one named `x`.
    subscript(name: String) -> Tensor { tensors[name] ?? tensors["x"] ?? tensors.values.first! }
    var x: Tensor { self["x"] }
    var y: Tensor { self["y"] }

    func int(_ key: String) -> Int { attributes[key]?.int ?? 0 }
    func double(_ key: String) -> Double { attributes[key]?.double ?? 0 }
    func bool(_ key: String) -> Bool { attributes[key]?.bool ?? false }
    func ints(_ key: String) -> [Int] { attributes[key]?.array?.compactMap(\.int) ?? [] }
    func pairs(_ key: String, _ side: Int) -> [Int] {
      attributes[key]?.array?.compactMap { $0[side]?.int } ?? []
    }
  }

  /// The results of the operation by our public functions; nil where there is no such operation.
  private func built(_ o: Operands) -> [Tensor]? {
    one(o).map { [$0] } ?? (op == "batch_norm" ? normalized(o) : nil) ?? builtOnImages(o)
      ?? furtherResults(o)
  }

  private func one(_ o: Operands) -> Tensor? {
    let x = o.x
    switch op {
    case "conv1d", "conv2d", "conv3d": return convolved(o)
    case "conv_transpose2d": return transposedConvolution(o)
    case "max_pool2d":
      return maxPool(
        x, kernel: o.ints("kernel"), stride: o.ints("stride"), padding: o.pairs("padding", 0),
        dilation: o.ints("dilation"), ceil: o.bool("ceil"))
    case "avg_pool2d":
      return averagePool(
        x, kernel: o.ints("kernel"), stride: o.ints("stride"), padding: o.pairs("padding", 0),
        ceil: o.bool("ceil"), countsPadding: o.bool("count_include_pad"))
    case "linear":
      let y = matmul(x, o["w"], transposingRight: true)
      return inputs.contains("b") ? y + o["b"] : y
    case "matmul": return matmul(x, o.y)
    case "softmax": return softmax(x, axis: o.int("axis"))
    case "log_softmax": return logSoftmax(x, axis: o.int("axis"))
    case "softmax_cross_entropy": return crossEntropyMean(o)
    default: return pointwise(o) ?? reduction(o) ?? movement(o)
    }
  }

  private func convolved(_ o: Operands) -> Tensor {
    let y = convolution(
      o.x, o["w"], stride: o.ints("stride"), padLow: o.pairs("padding", 0),
      padHigh: o.pairs("padding", 1), dilation: o.ints("dilation"), groups: o.int("groups"))
    return inputs.contains("b") ? y + o["b"].alongChannels(like: y) : y
  }

  /// The gradient of a convolution in its input, of the extents that PyTorch's `output_padding` chooses.
  private func transposedConvolution(_ o: Operands) -> Tensor {
    let (x, w) = (o.x, o["w"])
    let (stride, dilation) = (o.ints("stride"), o.ints("dilation"))
    let (low, high) = (o.pairs("padding", 0), o.pairs("padding", 1))
    let kernel = Array(w.shape.dims.dropFirst(2))
    let extra = o.ints("output_padding")
    let spatial = kernel.indices.map { axis in
      (x.shape[axis + 2] - 1) * stride[axis] - low[axis] - high[axis]
        + dilation[axis] * (kernel[axis] - 1) + extra[axis] + 1
    }
    let window = Window(
      kernel: kernel, stride: stride, padLow: low, padHigh: high, dilation: dilation)
    let rule = Convolution(window, groups: o.int("groups"))
    let y = x.builder.one(
      .convolutionBackwardInput(ConvolutionBackwardInput(rule, spatial: spatial)), x, w)
    return y + o["b"].alongChannels(like: y)
  }

  /// Batch norm with running statistics as `BatchNorm2D` keeps them, for any rank.
  private func normalized(_ o: Operands) -> [Tensor] {
    let (x, epsilon, share) = (o.x, o.double("eps"), o.double("momentum"))
    guard o.bool("training") else {
      let a = o["w"] * rsqrt(o["var"] + epsilon)
      let shift = o["b"] - o["mean"] * a
      return [x * a.alongChannels(like: x) + shift.alongChannels(like: x)]
    }
    let (y, mean, variance) = batchNorm(x, scale: o["w"], shift: o["b"], epsilon: epsilon)
    let count = Double(x.shape.count / x.shape[1])
    return [
      y, o["mean"] * (1 - share) + mean * share,
      o["var"] * (1 - share) + variance * (count / (count - 1) * share),
    ]
  }

  private func crossEntropyMean(_ o: Operands) -> Tensor {
    // Classes per pixel: one row a pixel.
    let order = [0] + Array(2..<max(o.x.shape.rank, 2)) + [1]
    let rows = o.x.transposed(order).reshaped([-1, o.x.shape[1]])
    let labels = o["labels"].reshaped([-1])
    return crossEntropy(rows, labels: labels, smoothing: o.double("label_smoothing")).mean()
  }

  private func pointwise(_ o: Operands) -> Tensor? {
    let (x, y) = (o.x, o.y)
    switch op {
    case "relu": return relu(x)
    case "tanh": return tanh(x)
    case "sigmoid": return sigmoid(x)
    case "exp": return exp(x)
    case "negate": return -x
    case "square": return square(x)
    case "abs": return abs(x)
    case "log": return log(x)
    case "sqrt": return sqrt(x)
    case "rsqrt": return rsqrt(x)
    case "reciprocal": return reciprocal(x)
    case "silu": return x * sigmoid(x)
    case "softplus": return log(1 + exp(x))
    case "gelu" where o.bool("approximate"):
      return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * pow(x, 3))))
    case "gelu": return 0.5 * x * (1 + erf(x * 0.5.squareRoot()))
    case "erf": return erf(x)
    case "sin": return sin(x)
    case "cos": return cos(x)
    case "leaky_relu": return relu(x) - o.double("slope") * relu(-x)
    case "elu": return select(x .> 0, x, o.double("alpha") * (exp(x) - 1))
    case "clamp": return minimum(maximum(x, o.double("low")), o.double("high"))
    case "power": return pow(x, o.double("exponent"))
    case "add": return x + y
    case "subtract": return x - y
    case "multiply": return x * y
    case "divide": return x / y
    case "maximum": return maximum(x, y)
    case "minimum": return minimum(x, y)
    default: return nil
    }
  }

  private func reduction(_ o: Operands) -> Tensor? {
    let (x, axes, keeps) = (o.x, o.ints("axes"), o.bool("keep_axes"))
    switch op {
    case "sum": return x.sum(over: axes, keepingAxes: keeps)
    case "mean": return x.mean(over: axes, keepingAxes: keeps)
    case "max": return x.max(over: axes, keepingAxes: keeps)
    case "variance":
      return square(x - x.mean(over: axes, keepingAxes: true)).mean(over: axes, keepingAxes: keeps)
    default: return nil
    }
  }

  private func movement(_ o: Operands) -> Tensor? {
    let x = o.x
    switch op {
    case "reshape": return x.reshaped(Shape(o.ints("shape")))
    case "flatten": return x.flattened(from: o.int("from"))
    case "transpose": return x.transposed(o.ints("axes"))
    case "pad":
      return x.padded(
        low: o.pairs("padding", 0), high: o.pairs("padding", 1), value: o.double("value"))
    case "slice":
      let rule = Slice(start: o.ints("start"), end: o.ints("end"), step: o.ints("step"))
      return x.builder.one(.slice(rule), x)
    case "concat": return concat([x, o.y], axis: o.int("axis"))
    case "broadcast": return x.broadcast(to: Shape(o.ints("shape")))
    default: return nil
    }
  }
}
