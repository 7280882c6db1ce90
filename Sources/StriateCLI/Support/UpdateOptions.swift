import ArgumentParser
import Striate

/// What stands between gradients and weights, and when a run ends, on the command line.
struct UpdateOptions: ParsableArguments {
  @Option(help: "The weight decay of normalisation layers' parameters (that of all).")
  var normWeightDecay: Double?

  @Option(help: "The weight decay of biases (that of all).")
  var biasWeightDecay: Double?

  @Option(help: "What RMSProp and Adam add to denominators (1e-8).")
  var optEps: Double?

  @Option(help: "The share of the former mean square that RMSProp keeps (0.99).")
  var optAlpha: Double?

  @Option(help: "Scale gradients down to this norm, taken over all of them.")
  var clipGradNorm: Double?

  @Option(help: "Cut each element of a gradient to this magnitude.")
  var clipGradValue: Double?

  @Flag(inversion: .prefixedNo, help: "Log the gradients' norm.")
  var gradNorm: Bool?

  @Option(help: "Batches whose gradients make one step (1).")
  var accumulate: Int?

  @Option(
    help: """
      A last batch of fewer samples: off learns from it, on leaves it out, auto learns from it where that can be and \
      else joins it to the one before (auto).
      """)
  var dropLast: DropLast?

  @Flag(inversion: .prefixedNo, help: "Keep, test and save a running average of the weights.")
  var modelEma: Bool?

  @Option(help: "The share of the former average that a step keeps (0.9998).")
  var modelEmaDecay: Double?

  @Flag(
    inversion: .prefixedNo,
    help: "Keep less of it at first, at most (1 + t)/(10 + t) at step t (on).")
  var modelEmaWarmup: Bool?

  @Option(help: "Blend samples in pairs, shares from Beta(alpha, alpha); 0 for none (0).")
  var mixupAlpha: Double?

  @Option(help: "Paste boxes between images, areas from Beta(alpha, alpha); 0 for none (0).")
  var cutmixAlpha: Double?

  @Option(help: "Epochs between tests (1).")
  var evalEvery: Int?

  @Option(
    help:
      "What says which test is best: acc1 or loss; of segmentation also miou, dice … (the task's first)."
  )
  var monitor: Monitor?

  @Option(help: "Stop after this many tests without a better one.")
  var patience: Int?

  @Option(help: "By how much a better one must be better: points of per cent, or of the loss (0).")
  var minDelta: Double?

  func validate() throws {
    if modelEma == false, modelEmaDecay != nil || modelEmaWarmup != nil {
      throw ValidationError("--model-ema-decay and --model-ema-warmup need --model-ema")
    }
  }

  /// Sets what is given in the settings.
  func apply(to config: inout TrainingConfig) {
    config.normWeightDecay = normWeightDecay ?? config.normWeightDecay
    config.biasWeightDecay = biasWeightDecay ?? config.biasWeightDecay
    config.epsilon = optEps ?? config.epsilon
    config.alpha = optAlpha ?? config.alpha
    config.clipping.norm = clipGradNorm ?? config.clipping.norm
    config.clipping.value = clipGradValue ?? config.clipping.value
    config.reportsGradientNorm = gradNorm ?? config.reportsGradientNorm
    config.accumulation = accumulate ?? config.accumulation
    config.dropLast = dropLast ?? config.dropLast
    if modelEma == false { config.average = nil }
    if modelEma == true || modelEmaDecay != nil || modelEmaWarmup != nil {
      var average = config.average ?? WeightAverage()
      average.decay = modelEmaDecay ?? average.decay
      average.warmsUp = modelEmaWarmup ?? average.warmsUp
      config.average = average
    }
    config.mixing.mixup = mixupAlpha ?? config.mixing.mixup
    config.mixing.cutmix = cutmixAlpha ?? config.mixing.cutmix
    config.evaluateEvery = evalEvery ?? config.evaluateEvery
    config.monitor = monitor ?? config.monitor
    config.patience = patience ?? config.patience
    config.minDelta = minDelta ?? config.minDelta
  }
}

extension DropLast: ExpressibleByArgument {}

extension Monitor: ExpressibleByArgument {
  /// A metric of one of the tasks, or the loss.
  public init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    self.init(rawValue: argument)
  }

  public static var allValueStrings: [String] {
    Classification().metrics.map(\.name) + Segmentation(classes: 0).metricNames
  }
}
