import StriateCore
import StriateIR
import StriateNN

/// What every layer must be: named, counted, shaped, finite, and with a gradient for every weight.
struct LayerCase: Sendable, CustomStringConvertible {
  var description: String
  var layer: any Layer
  var input: Shape
  var output: Shape
  var keys: [String] = []
  var parameters = 0
  /// Multiplications and additions of one forward pass.
  var macs = 0
  /// The least input that is accepted, and one that is less.
  var smallest: Shape?
  var tooSmall: Shape?
  var dtype = DType.float32
}

let layerCases: [LayerCase] = [
  LayerCase(
    description: "conv", layer: Conv2D(in: 4, out: 6, kernel: Pair(3, 2), stride: 2, padding: 1),
    input: [2, 4, 7, 8], output: [2, 6, 4, 5], keys: ["weight", "bias"], parameters: 6 * 4 * 6 + 6,
    macs: 2 * 6 * 4 * 5 * 24, smallest: [1, 4, 1, 1], tooSmall: [1, 4, 0, 1]),
  LayerCase(
    description: "grouped dilated conv",
    layer: Conv2D(in: 4, out: 6, kernel: 3, padding: 2, dilation: 2, groups: 2, bias: false),
    input: [1, 4, 5, 5], output: [1, 6, 5, 5], keys: ["weight"], parameters: 6 * 2 * 9,
    macs: 6 * 25 * 18, smallest: [1, 4, 1, 1]),
  LayerCase(
    description: "linear", layer: Linear(in: 5, out: 3), input: [2, 5], output: [2, 3],
    keys: ["weight", "bias"], parameters: 18, macs: 30, smallest: [1, 5]),
  LayerCase(
    description: "linear without bias", layer: Linear(in: 5, out: 3, bias: false), input: [1, 5],
    output: [1, 3], keys: ["weight"], parameters: 15, macs: 15),
  LayerCase(
    description: "batch norm", layer: BatchNorm2D(3), input: [2, 3, 4, 5], output: [2, 3, 4, 5],
    keys: ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"], parameters: 6,
    smallest: [2, 3, 1, 1], tooSmall: [1, 3, 1, 1]),
  LayerCase(
    description: "max pool", layer: MaxPool2D(3, stride: 2, padding: 1), input: [1, 2, 7, 7],
    output: [1, 2, 4, 4], smallest: [1, 1, 1, 1], tooSmall: [1, 1, 0, 1]),
  LayerCase(
    description: "max pool, ceil", layer: MaxPool2D(2, ceil: true), input: [1, 2, 5, 5],
    output: [1, 2, 3, 3]),
  LayerCase(
    description: "average pool", layer: AvgPool2D(2), input: [1, 2, 4, 6], output: [1, 2, 2, 3]),
  LayerCase(
    description: "global average", layer: GlobalAveragePool(), input: [2, 3, 4, 5],
    output: [2, 3]),
  LayerCase(description: "relu", layer: ReLU(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "tanh", layer: Tanh(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "sigmoid", layer: Sigmoid(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "identity", layer: Identity(), input: [2, 3], output: [2, 3]),
  LayerCase(description: "flatten", layer: Flatten(), input: [2, 3, 2, 2], output: [2, 12]),
  LayerCase(description: "dropout", layer: Dropout(0.3), input: [2, 30], output: [2, 30]),
  LayerCase(
    description: "sequential",
    layer: Sequential(Linear(in: 4, out: 3), ReLU(), Linear(in: 3, out: 2)),
    input: [2, 4], output: [2, 2], keys: ["0.weight", "0.bias", "2.weight", "2.bias"],
    parameters: 23, macs: 36),
  LayerCase(
    description: "repeated",
    layer: Sequential(repeated(2) { _ in Linear(in: 3, out: 3, bias: false) }),
    input: [2, 3], output: [2, 3], keys: ["0.weight", "1.weight"], parameters: 18,
    macs: 36),
  LayerCase(
    description: "named sequential",
    layer: NamedSequential([("block1-0", Linear(in: 4, out: 3, bias: false)), ("act", ReLU())]),
    input: [2, 4], output: [2, 3], keys: ["block1-0.weight"], parameters: 12,
    macs: 24),
  LayerCase(
    description: "conv 1-d", layer: Conv1D(in: 3, out: 5, kernel: 3, stride: 2), input: [2, 3, 8],
    output: [2, 5, 3], keys: ["weight", "bias"], parameters: 50, macs: 2 * 5 * 3 * 9,
    smallest: [1, 3, 3], tooSmall: [1, 3, 2]),
  LayerCase(
    description: "conv 1-d, same",
    layer: Conv1D(in: 3, out: 2, kernel: 4, stride: 2, padding: .same),
    input: [1, 3, 7], output: [1, 2, 4], keys: ["weight", "bias"], parameters: 26,
    macs: 2 * 4 * 12, smallest: [1, 3, 1]),
  LayerCase(
    description: "conv, same",
    layer: Conv2D(in: 1, out: 1, kernel: Pair(4, 3), stride: 3, padding: .same),
    input: [1, 1, 7, 8], output: [1, 1, 3, 3], keys: ["weight", "bias"], parameters: 13,
    macs: 9 * 12, smallest: [1, 1, 1, 1]),
  LayerCase(
    description: "conv, reflected",
    layer: Conv2D(in: 1, out: 2, kernel: 3, padding: 1, mode: .reflect),
    input: [1, 1, 4, 3], output: [1, 2, 4, 3], keys: ["weight", "bias"], parameters: 20,
    macs: 2 * 12 * 9, smallest: [1, 1, 2, 2], tooSmall: [1, 1, 1, 2]),
  LayerCase(
    description: "depthwise conv", layer: Conv2D(in: 5, out: 5, kernel: 3, padding: 1, groups: 5),
    input: [1, 5, 3, 3], output: [1, 5, 3, 3], keys: ["weight", "bias"], parameters: 50,
    macs: 5 * 9 * 9),
  LayerCase(
    description: "transposed conv",
    layer: ConvTransposed2D(in: 3, out: 5, kernel: 4, stride: 2, padding: 1), input: [1, 3, 4, 3],
    output: [1, 5, 8, 6], keys: ["weight", "bias"], parameters: 3 * 5 * 16 + 5,
    macs: 3 * 5 * 16 * 12, smallest: [1, 3, 1, 1]),
  LayerCase(
    description: "transposed conv 1-d",
    layer: ConvTransposed1D(in: 3, out: 2, kernel: 3, stride: 2, outputPadding: 1, bias: false),
    input: [2, 3, 4], output: [2, 2, 10], keys: ["weight"], parameters: 18, macs: 2 * 3 * 2 * 3 * 4,
    smallest: [1, 3, 1]),
  LayerCase(
    description: "linear, rank 3", layer: Linear(in: 4, out: 2), input: [2, 3, 4],
    output: [2, 3, 2], keys: ["weight", "bias"], parameters: 10, macs: 48),
  LayerCase(
    description: "max pool 1-d", layer: MaxPool1D(3, stride: 2), input: [1, 2, 7],
    output: [1, 2, 3], smallest: [1, 1, 3], tooSmall: [1, 1, 2]),
  LayerCase(
    description: "average pool 1-d", layer: AvgPool1D(2), input: [1, 2, 7], output: [1, 2, 3],
    smallest: [1, 1, 2], tooSmall: [1, 1, 1]),
  LayerCase(
    description: "adaptive average", layer: AdaptiveAvgPool2D(Pair(3, 2)), input: [1, 2, 7, 5],
    output: [1, 2, 3, 2], smallest: [1, 1, 1, 1], tooSmall: [1, 1, 0, 1]),
  LayerCase(
    description: "adaptive max", layer: AdaptiveMaxPool2D(Pair(3, 2)), input: [1, 2, 7, 5],
    output: [1, 2, 3, 2], smallest: [1, 1, 1, 1], tooSmall: [1, 1, 0, 1]),
  LayerCase(
    description: "adaptive average 1-d", layer: AdaptiveAvgPool1D(3), input: [1, 2, 7],
    output: [1, 2, 3], smallest: [1, 1, 1]),
  LayerCase(
    description: "adaptive max 1-d", layer: AdaptiveMaxPool1D(3), input: [1, 2, 7],
    output: [1, 2, 3], smallest: [1, 1, 1]),
  LayerCase(
    description: "global max", layer: GlobalMaxPool(), input: [2, 3, 4, 5], output: [2, 3],
    smallest: [1, 1, 1, 1], tooSmall: [1, 1]),
  LayerCase(
    description: "batch norm 1-d", layer: BatchNorm1D(3), input: [4, 3], output: [4, 3],
    keys: ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"], parameters: 6,
    smallest: [2, 3], tooSmall: [1, 3]),
  LayerCase(
    description: "layer norm", layer: LayerNorm([3, 4]), input: [2, 3, 4], output: [2, 3, 4],
    keys: ["weight", "bias"], parameters: 24, smallest: [3, 4], tooSmall: [4]),
  LayerCase(
    description: "group norm", layer: GroupNorm(groups: 2, channels: 6), input: [1, 6, 2, 3],
    output: [1, 6, 2, 3], keys: ["weight", "bias"], parameters: 12, smallest: [1, 6],
    tooSmall: [6]),
  LayerCase(
    description: "instance norm", layer: InstanceNorm2D(3, affine: true), input: [2, 3, 2, 3],
    output: [2, 3, 2, 3], keys: ["weight", "bias"], parameters: 6, smallest: [1, 3, 1, 2],
    tooSmall: [1, 3, 1, 1]),
  LayerCase(
    description: "local response norm", layer: LocalResponseNorm(5), input: [1, 7, 2, 2],
    output: [1, 7, 2, 2], smallest: [1, 1, 1, 1]),
  LayerCase(
    description: "spatial dropout", layer: SpatialDropout2D(0.3), input: [2, 9, 2, 2],
    output: [2, 9, 2, 2], smallest: [1, 1, 1], tooSmall: [1, 1]),
  LayerCase(
    description: "stochastic depth", layer: StochasticDepth(0.3), input: [9, 2, 2],
    output: [9, 2, 2], tooSmall: []),
  LayerCase(
    description: "prelu", layer: PReLU(3), input: [2, 3, 2], output: [2, 3, 2], keys: ["weight"],
    parameters: 3, smallest: [1, 3], tooSmall: [3]),
  LayerCase(
    description: "embedding", layer: Embedding(5, features: 3), input: [2, 4], output: [2, 4, 3],
    keys: ["weight"], parameters: 15, smallest: [1], dtype: .int32),
  LayerCase(
    description: "attention", layer: MultiHeadAttention(6, heads: 2), input: [1, 3, 6],
    output: [1, 3, 6],
    keys: ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"],
    parameters: 18 * 7 + 6 * 7, macs: 3 * 6 * 18 + 2 * 2 * 3 * 3 * 3 + 3 * 36,
    smallest: [1, 1, 6], tooSmall: [1, 6]),
  LayerCase(
    description: "upsample", layer: Upsample(by: 1.5, mode: .linear), input: [1, 2, 4, 5],
    output: [1, 2, 6, 7], smallest: [1, 1, 1, 1], tooSmall: [1, 1, 1, 0]),
]

/// The layers that map each element by itself.
private let pointwise: [any Layer] = [
  ReLU6(), LeakyReLU(), PReLU(), ELU(), SELU(), CELU(), GELU(), GELU(approximate: true), SiLU(),
  Mish(), HardSigmoid(), HardSwish(), HardTanh(), ScaledTanh(), Softplus(), Softsign(),
  LogSigmoid(), SoftmaxLayer(), SoftmaxLayer(log: true),
]

/// Every layer: those with shapes of their own, then the pointwise ones.
let allLayerCases =
  layerCases
  + pointwise.map {
    LayerCase(
      description: "\(type(of: $0))", layer: $0, input: [3, 4], output: [3, 4],
      keys: $0 is PReLU ? ["weight"] : [], parameters: $0 is PReLU ? 1 : 0)
  }
