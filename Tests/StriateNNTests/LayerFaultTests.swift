import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

@Test(
  "bad hyperparameters are diagnosed, never a trap",
  arguments: [
    (Conv2D(in: 4, out: 4, kernel: 3, groups: 0), "groups"),
    (Conv2D(in: 4, out: 4, kernel: 3, groups: 3), "groups"),
    (Conv2D(in: -4, out: 4, kernel: 3), "channel"),
    (Conv2D(in: 4, out: 0, kernel: 3), "channel"),
    (Conv2D(in: 4, out: 4, kernel: 0), "kernel"),
    (Conv2D(in: 4, out: 4, kernel: 3, stride: 0), "stride"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: -1), "padding"),
    (Conv2D(in: 4, out: 4, kernel: 3, dilation: 0), "dilation"),
    (Conv2D(in: 4, out: .max, kernel: 3), "large"),
    (Linear(in: 0, out: 3), "feature"),
    (BatchNorm2D(0), "channel"),
    (BatchNorm2D(4, epsilon: -1), "epsilon"),
    (BatchNorm2D(4, momentum: 2), "momentum"),
    (BatchNorm2D(5), "images"),
    (MaxPool2D(0), "kernel"),
    (MaxPool2D(2, stride: 0), "stride"),
    (AvgPool2D(Pair(2, -2)), "kernel"),
    (Dropout(1), "rate"),
    (Dropout(.nan), "rate"),
    (NamedSequential([("a", ReLU()), ("a", ReLU())]), "differ"),
    (Conv1D(in: 4, out: 4, kernel: 3, groups: 0), "groups"),
    (Conv1D(in: 4, out: 4, kernel: -3), "kernel"),
    (Conv1D(in: 4, out: 4, kernel: 3), "rank"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: .same, groups: -1), "groups"),
    (Conv2D(in: 4, out: 4, kernel: 3, stride: 0, padding: .same), "stride"),
    (Conv2D(in: 4, out: 4, kernel: 3, stride: .init(.min), padding: .same), "stride"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: .same, dilation: .init(.max)), "dilation"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: .sides(low: [1], high: [])), "padding"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: 9, mode: .reflect), "pad"),
    (Conv2D(in: 4, out: 4, kernel: 3, padding: -1, mode: .circular), "pad"),
    (Conv2D(in: .min, out: .max, kernel: 3, groups: .min), "channel"),
    (ConvTransposed2D(in: 4, out: 4, kernel: 3, groups: 0), "groups"),
    (ConvTransposed2D(in: 4, out: 4, kernel: 3, outputPadding: 1), "output padding"),
    (ConvTransposed2D(in: 4, out: 4, kernel: 1, padding: 9), "padding"),
    (ConvTransposed2D(in: 5, out: 4, kernel: 1), "channels"),
    (ConvTransposed1D(in: 0, out: 4, kernel: 1), "channel"),
    (Linear(in: 7, out: 3), "features"),
    (MaxPool1D(0), "kernel"),
    (AvgPool1D(2, padding: -1), "spatial"),
    (AdaptiveAvgPool2D(0), "size"),
    (AdaptiveMaxPool2D(-1), "size"),
    (AdaptiveAvgPool2D(Pair(.max)), "size"),
    (AdaptiveAvgPool1D(2), "spatial"),
    (BatchNorm1D(4), "features"),
    (BatchNorm1D(-1), "channel"),
    (LayerNorm([]), "axis"),
    (LayerNorm(0), "axis"),
    (LayerNorm(7), "extents"),
    (LayerNorm(8, epsilon: 0), "epsilon"),
    (LayerNorm([1, 2, 4, 8, 8], affine: false), "extents"),
    (GroupNorm(groups: 0, channels: 4), "groups"),
    (GroupNorm(groups: 3, channels: 4), "groups"),
    (GroupNorm(groups: 1, channels: 5), "takes"),
    (GroupNorm(groups: .min, channels: -1), "groups"),
    (InstanceNorm2D(0), "images"),
    (InstanceNorm2D(0, affine: true), "channel"),
    (LocalResponseNorm(0), "size"),
    (LocalResponseNorm(5, alpha: .nan), "alpha"),
    (SpatialDropout2D(1), "rate"),
    (StochasticDepth(1.5), "rate"),
    (StochasticDepth(.nan), "rate"),
    (PReLU(0), "channel"),
    (PReLU(7), "takes"),
    (LeakyReLU(slope: .infinity), "slope"),
    (ELU(alpha: .nan), "alpha"),
    (CELU(alpha: 0), "alpha"),
    (HardTanh(low: 1, high: 0), "order"),
    (Softplus(beta: 0), "beta"),
    (SoftmaxLayer(axis: 4), "axis"),
    (Embedding(0, features: 2), "symbol"),
    (Embedding(3, features: 2), "symbol"),
    (MultiHeadAttention(6, heads: 0), "heads"),
    (MultiHeadAttention(6, heads: 4), "heads"),
    (MultiHeadAttention(0, heads: 1), "heads"),
    (MultiHeadAttention(8, heads: 2), "sequences"),
    (MultiHeadAttention(.max, heads: 1), "heads"),
    (Upsample(by: 0), "factor"),
    (Upsample(by: .nan), "factor"),
    (Upsample(by: 1e9), "factor"),
    (Upsample(size: 0), "size"),
    (Flatten(from: 9), "axis"),
  ] as [(any Layer, String)])
func faultsAreDiagnosed(layer: any Layer, word: String) throws {
  for mode in [TraceOptions.Mode.training, .inference] {
    let error = #expect(throws: TraceError.self) {
      try Program(on: .reference, options: TraceOptions(mode: mode), naming: Naming(layer)) {
        $0.output("y", layer($0.input("input", TensorType(.float32, [2, 4, 8, 8]))))
      }
    }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}

@Test(
  "bad recurrent networks are diagnosed, never a trap",
  arguments: [
    (LSTM(in: 0, hidden: 3), [2, 4, 8], "feature"),
    (LSTM(in: 8, hidden: -3), [2, 4, 8], "feature"),
    (LSTM(in: 8, hidden: 3, layers: 0), [2, 4, 8], "layers"),
    (LSTM(in: 8, hidden: .max, layers: 2, bidirectional: true), [2, 4, 8], "feature"),
    (LSTM(in: 7, hidden: 3), [2, 4, 8], "takes"), (LSTM(in: 8, hidden: 3), [2, 8], "sequences"),
    (LSTM(in: 8, hidden: 3), [2, 0, 8], "steps"), (LSTM(in: 8, hidden: 3), [2, 9999, 8], "steps"),
    (LSTM(in: 8, hidden: 3, layers: 2, dropout: 2), [2, 4, 8], "rate"),
  ] as [(LSTM, Shape, String)])
func recurrentFaultsAreDiagnosed(network: LSTM, input: Shape, word: String) throws {
  let error = #expect(throws: TraceError.self) {
    try Program(
      on: .reference, options: TraceOptions(mode: .training), naming: Naming(network)
    ) {
      $0.output("y", network($0.input("input", TensorType(.float32, input))).output)
    }
  }
  #expect(error?.description.contains(word) == true, "\(String(describing: error))")
}

@Test(
  "losses of things that do not fit are diagnosed, never a trap",
  arguments: [
    (CrossEntropyLoss(smoothing: 1), [2, 3], TensorType(.int32, [2]), "smoothing"),
    (CrossEntropyLoss(smoothing: -1), [2, 3], TensorType(.float32, [2, 3]), "smoothing"),
    (
      CrossEntropyLoss(smoothing: 2, weights: [1, 1, 1]), [2, 3], TensorType(.int32, [2]),
      "smoothing"
    ),
    (CrossEntropyLoss(weights: [1, 2]), [2, 3], TensorType(.int32, [2]), "weight"),
    (CrossEntropyLoss(weights: [1, -2, 0]), [2, 3], TensorType(.int32, [2]), "weight"),
    (CrossEntropyLoss(weights: [1, .nan, 0]), [2, 3], TensorType(.float32, [2, 3]), "weight"),
    (CrossEntropyLoss(ignoring: 0), [2, 3, 4], TensorType(.int32, [2]), "classes"),
    (CrossEntropyLoss(), [2], TensorType(.int32, [2]), "[N, C"),
    (CrossEntropyLoss(), [2, 0], TensorType(.int32, [2]), "[N, C"),
    (CrossEntropyLoss(), [2, 3], TensorType(.float32, [2, 4]), "target"),
    (CrossEntropyLoss(ignoring: 0), [2, 3], TensorType(.bool, [2]), "classes"),
    (NegativeLogLikelihoodLoss(), [2, 3], TensorType(.int32, [3]), "classes"),
    (NegativeLogLikelihoodLoss(weights: []), [2, 3], TensorType(.int32, [2]), "weight"),
    (BinaryCrossEntropyLoss(), [2, 3], TensorType(.float32, [2]), "target"),
    (BinaryCrossEntropyLoss(weights: [1, 2]), [2, 3], TensorType(.float32, [2, 3]), "weight"),
    (BinaryCrossEntropyLoss(positiveWeights: []), [2, 3], TensorType(.float32, [2, 3]), "weight"),
    (MeanSquaredErrorLoss(), [2, 3], TensorType(.float32, [3, 2]), "target"),
    (HuberLoss(delta: 0), [2], TensorType(.float32, [2]), "delta"),
    (SmoothL1Loss(beta: -1), [2], TensorType(.float32, [2]), "beta"),
    (FocalLoss(alpha: 2), [2], TensorType(.float32, [2]), "alpha"),
    (FocalLoss(gamma: -1), [2], TensorType(.float32, [2]), "gamma"),
    (KLDivergenceLoss(), [2, 3], TensorType(.float32, [2]), "target"),
    (HingeLoss(), [2], TensorType(.float32, [3]), "target"),
  ] as [(any Loss, Shape, TensorType, String)])
func lossFaultsAreDiagnosed(loss: any Loss, x: Shape, target: TensorType, word: String) throws {
  let error = #expect(throws: TraceError.self) {
    try Program(on: .reference) {
      $0.output("y", loss($0.input("x", TensorType(.float32, x)), $0.input("t", target)))
    }
  }
  #expect(error?.description.contains(word) == true, "\(String(describing: error))")
}
