import StriateCore
import StriateFormats
import StriateIR
import StriateNN

extension LayerGolden {
  /// Our layer or loss of the case; nil where there is none of its kind.
  var built: Built? {
    if let layer = windowed ?? pooling ?? normalization ?? activation ?? shaped {
      return Built(layer)
    }
    return recurrent ?? loss.map { Built($0) }
  }

  private var windowed: (any Layer)? {
    let a = attributes
    let mode = PaddingMode(rawValue: a.string("mode")) ?? .zeros
    let sides = Padding.sides(low: a.ints("low"), high: a.ints("high"))
    switch kind {
    case "conv1d":
      let padding: Padding =
        a.string("padding") == "same"
        ? .same
        : a.ints("low").isEmpty
          ? .sides(low: [a.int("padding")], high: [a.int("padding")]) : sides
      return Conv1D(
        in: a.int("in"), out: a.int("out"), kernel: a.int("kernel"), stride: a.int("stride"),
        padding: padding, mode: mode, dilation: a.int("dilation"), groups: a.int("groups"),
        bias: a.bool("bias"))
    case "conv2d":
      let padding: Padding =
        a.string("padding") == "same"
        ? .same
        : a.ints("low").isEmpty
          ? .sides(low: a.pair("padding").list, high: a.pair("padding").list) : sides
      return Conv2D(
        in: a.int("in"), out: a.int("out"), kernel: a.pair("kernel"), stride: a.pair("stride"),
        padding: padding, mode: mode, dilation: a.pair("dilation"), groups: a.int("groups"),
        bias: a.bool("bias"))
    case "conv_transposed1d":
      return ConvTransposed1D(
        in: a.int("in"), out: a.int("out"), kernel: a.int("kernel"), stride: a.int("stride"),
        padding: a.int("padding"), outputPadding: a.int("output_padding"),
        dilation: a.int("dilation"), groups: a.int("groups"), bias: a.bool("bias"))
    case "conv_transposed2d":
      return ConvTransposed2D(
        in: a.int("in"), out: a.int("out"), kernel: a.pair("kernel"), stride: a.pair("stride"),
        padding: a.pair("padding"), outputPadding: a.pair("output_padding"),
        dilation: a.pair("dilation"), groups: a.int("groups"), bias: a.bool("bias"))
    default: return nil
    }
  }

  private var pooling: (any Layer)? {
    let a = attributes
    let (kernel, stride, padding) = (a.int("kernel"), a.int("stride"), a.int("padding"))
    switch kind {
    case "max_pool1d": return MaxPool1D(kernel, stride: stride, padding: padding)
    case "avg_pool1d": return AvgPool1D(kernel, stride: stride, padding: padding)
    case "max_pool2d": return MaxPool2D(Pair(kernel), stride: Pair(stride), padding: Pair(padding))
    case "avg_pool2d": return AvgPool2D(Pair(kernel), stride: Pair(stride), padding: Pair(padding))
    case "adaptive_avg_pool1d": return AdaptiveAvgPool1D(a.int("size"))
    case "adaptive_max_pool1d": return AdaptiveMaxPool1D(a.int("size"))
    case "adaptive_avg_pool2d": return AdaptiveAvgPool2D(a.pair("size"))
    case "adaptive_max_pool2d": return AdaptiveMaxPool2D(a.pair("size"))
    case "global_average_pool": return GlobalAveragePool()
    case "global_max_pool": return GlobalMaxPool()
    default: return nil
    }
  }

  private var normalization: (any Layer)? {
    let a = attributes
    switch kind {
    case "batch_norm1d": return BatchNorm1D(a.int("channels"))
    case "batch_norm2d": return BatchNorm2D(a.int("channels"), momentum: a.double("momentum"))
    case "layer_norm":
      return LayerNorm(
        a.ints("features"), epsilon: a.double("epsilon", 1e-5), affine: a.bool("affine", true))
    case "group_norm": return GroupNorm(groups: a.int("groups"), channels: a.int("channels"))
    case "instance_norm2d": return InstanceNorm2D(a.int("channels"), affine: a.bool("affine"))
    case "local_response_norm":
      return LocalResponseNorm(
        a.int("size"), alpha: a.double("alpha"), beta: a.double("beta"), k: a.double("k"))
    default: return nil
    }
  }

  private var activation: (any Layer)? {
    let a = attributes
    switch kind {
    case "relu": return ReLU()
    case "relu6": return ReLU6()
    case "elu": return ELU(alpha: a.double("alpha", 1))
    case "selu": return SELU()
    case "celu": return CELU(alpha: a.double("alpha", 1))
    case "leaky_relu": return LeakyReLU(slope: a.double("slope", 0.01))
    case "tanh": return Tanh()
    case "scaled_tanh": return ScaledTanh()
    case "sigmoid": return Sigmoid()
    case "log_sigmoid": return LogSigmoid()
    case "softplus":
      return Softplus(beta: a.double("beta", 1), threshold: a.double("threshold", 20))
    case "softsign": return Softsign()
    case "gelu": return GELU(approximate: a.bool("approximate"))
    case "silu": return SiLU()
    case "mish": return Mish()
    case "hard_tanh": return HardTanh(low: a.double("low", -1), high: a.double("high", 1))
    case "hard_sigmoid": return HardSigmoid()
    case "hard_swish": return HardSwish()
    case "softmax": return SoftmaxLayer(axis: a.int("axis"))
    case "log_softmax": return SoftmaxLayer(axis: a.int("axis"), log: true)
    case "prelu": return PReLU(a.int("channels"))
    default: return nil
    }
  }

  private var shaped: (any Layer)? {
    let a = attributes
    switch kind {
    case "linear": return Linear(in: a.int("in"), out: a.int("out"), bias: a.bool("bias"))
    case "embedding": return Embedding(a.int("symbols"), features: a.int("features"))
    case "attention":
      return MultiHeadAttention(
        a.int("features"), heads: a.int("heads"), causal: a.bool("causal"))
    case "upsample":
      let modes: [String: Resize.Mode] = ["bilinear": .linear, "bicubic": .cubic]
      let mode = modes[a.string("mode")] ?? .nearest
      let corners = a.bool("align_corners")
      return a.ints("size").isEmpty
        ? Upsample(by: a.double("factor"), mode: mode, alignsCorners: corners)
        : Upsample(size: a.pair("size"), mode: mode, alignsCorners: corners)
    default: return nil
    }
  }

  private var recurrent: Built? {
    let a = attributes
    let (inputs, hidden) = (a.int("in"), a.int("hidden"))
    switch kind {
    case "lstm_cell":
      let cell = LSTMCell(in: inputs, hidden: hidden, bias: a.bool("bias"))
      return Built(cell) { operands in
        guard let x = operands["x"] else { return [] }
        let state = operands["hidden"].flatMap { hidden in
          operands["cell"].map { LSTMState(hidden: hidden, cell: $0) }
        }
        return cell(LSTMCell.Input(x, state)).namedTensors.map(\.tensor)
      }
    case "gru_cell":
      let cell = GRUCell(in: inputs, hidden: hidden, bias: a.bool("bias"))
      return Built(cell) { operands in
        operands["x"].map { [cell(GRUCell.Input($0, operands["hidden"]))] } ?? []
      }
    case "lstm":
      return Built(
        LSTM(
          in: inputs, hidden: hidden, layers: a.int("layers"),
          bidirectional: a.bool("bidirectional")))
    case "gru":
      return Built(
        GRU(
          in: inputs, hidden: hidden, layers: a.int("layers"),
          bidirectional: a.bool("bidirectional")))
    default: return nil
    }
  }

  private var loss: (any Loss)? {
    let a = attributes
    let reduction: Reduction =
      a.string("reduction") == "batchmean"
      ? .batchMean : Reduction(rawValue: a.string("reduction")) ?? .mean
    switch kind {
    case "cross_entropy":
      return CrossEntropyLoss(
        smoothing: a.double("smoothing"), weights: a.doubles("weights"),
        ignoring: a.optionalInt("ignoring"), reduction: reduction)
    case "nll":
      return NegativeLogLikelihoodLoss(
        weights: a.doubles("weights"), ignoring: a.optionalInt("ignoring"), reduction: reduction)
    case "bce":
      return BinaryCrossEntropyLoss(
        weights: a.doubles("weights"), positiveWeights: a.doubles("positive_weights"),
        reduction: reduction)
    case "mse": return MeanSquaredErrorLoss(reduction: reduction)
    case "l1": return L1Loss(reduction: reduction)
    case "huber": return HuberLoss(delta: a.double("delta"), reduction: reduction)
    case "smooth_l1": return SmoothL1Loss(beta: a.double("beta"), reduction: reduction)
    case "focal":
      let alpha = a.double("alpha")
      return FocalLoss(
        alpha: alpha < 0 ? nil : alpha, gamma: a.double("gamma"), reduction: reduction)
    case "softmax_focal":
      return SoftmaxFocalLoss(
        gamma: a.double("gamma"), weights: a.doubles("weights"),
        ignoring: a.optionalInt("ignoring"), reduction: reduction)
    case "dice":
      return DiceLoss(smoothing: a.double("smoothing"), ignoring: a.optionalInt("ignoring"))
    case "jaccard":
      return JaccardLoss(smoothing: a.double("smoothing"), ignoring: a.optionalInt("ignoring"))
    case "lovasz": return LovaszSoftmaxLoss(ignoring: a.optionalInt("ignoring"))
    case "kl": return KLDivergenceLoss(takesLogTarget: a.bool("log_target"), reduction: reduction)
    default: return nil
    }
  }
}
