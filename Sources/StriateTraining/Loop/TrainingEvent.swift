import StriateCore
import StriateData

/// What a training tells while it runs.
public enum TrainingEvent: Sendable {
  /// The run begins, or goes on after the given number of steps.
  case started(RunPlan, after: Int)
  /// A step was made.
  case stepped(StepReport)
  /// A line was appended to the log of the run.
  case logged(MetricsLine)
  /// A batch of test samples was measured.
  case tested(TestedBatch)
  /// An epoch's steps were made and its test samples measured; its checkpoint is to be saved.
  case weights(WeightsReport)
  /// An epoch was completed and its checkpoint saved.
  case epoch(EpochReport)
  /// A checkpoint was saved.
  case saved(path: String, step: Int)
  /// Something that the user should know, and that stops nothing.
  case warning(String)
  /// The run ends before its last epoch, by its own rule or a callback's wish.
  case stopped(reason: String)
  /// This part of the run is over, and all of it saved.
  case ended(TrainingResult)
}

/// The extent of a run.
public struct RunPlan: Sendable {
  /// Passes over the training samples.
  public let epochs: Int
  /// Steps a pass.
  public let stepsPerEpoch: Int
  /// Whether what is measured after an epoch was held out of the training split.
  public var isHeldOut = false
  /// What lines of progress show beside the loss; nil where the task measures nothing else.
  public var metric: Metric?
  /// Steps of the whole run.
  public var totalSteps: Int {
    let (product, overflow) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    return overflow ? .max : product
  }
}

/// What is known after a step.
public struct StepReport: Sendable, Hashable {
  /// Steps made.
  public let step: Int
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The place in the epoch, counted from 1.
  public let position: Int
  /// The sums over this step's samples.
  public let metrics: StepMetrics
  /// The sums over the epoch so far.
  public let epochTotals: StepMetrics
  /// The learning rate that was used; that of a parameter group is a multiple of it.
  public let learningRate: Double
  /// Samples a second, since this part of the run began.
  public let imagesPerSecond: Double
  /// The norm of all gradients together, before clipping; nil where the step does not compute it.
  public var gradientNorm: Double? { metrics.gradientNorm }
}

/// Test samples and what a network answered.
public struct TestedBatch: Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Steps made.
  public let step: Int
  /// The samples.
  public let batch: Batch
  /// The class that was answered to each; nil where `Trainer.Options.observesAnswers` is off, or the rule
  /// gives no classes.
  public let answers: [Int]?
}

/// What a network is after an epoch.
public struct WeightsReport: Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Steps made.
  public let step: Int
  /// The weights and buffers under their names.
  public let weights: NamedTensors
}

/// What is known after an epoch.
public struct EpochReport: Sendable, Hashable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Steps made.
  public let step: Int
  /// The sums over the training samples, each as it was when it was learned from.
  public let train: StepMetrics
  /// The sums over the test samples; nil where there are none, or this epoch is not evaluated.
  public let test: StepMetrics?
  /// The same of the averaged weights; nil where the run keeps none.
  public let averaged: StepMetrics?
  /// The learning rate of the epoch's last step.
  public let learningRate: Double
  /// Whether this is the best evaluation so far.
  public let isBest: Bool
  /// Which weights did better; nil where no average is kept, or this epoch is not evaluated.
  public let chosen: ChosenWeights?
  /// Training samples a second in this epoch.
  public let imagesPerSecond: Double
  /// Seconds of the run, over all its parts.
  public let seconds: Double
}

/// The best weights on test samples that took no part in choosing them, measured once at the end of a run.
public struct FinalTest: Sendable, Hashable {
  /// The step after which these weights were saved.
  public let step: Int
  /// The mean loss.
  public let loss: Double
  /// What else was measured.
  public let metrics: [Metric.Reading]

  /// The number of a metric; nil where it was not measured.
  public subscript(name: String) -> Double? {
    name == Metric.loss.name ? loss : metrics.first { $0.name == name }?.number
  }

  /// A classifier's share of correct answers, from 0 to 1.
  public var accuracy: Double? { self[Metric.accuracy.name].map { $0 / 100 } }
}

/// How a training ended, with what was measured.
public struct TrainingResult: Sendable {
  /// What was learned and measured.
  public let task: any LearningTask
  /// The metric that the best evaluation is chosen by.
  public let monitor: Metric
  /// How it ended.
  public enum Outcome: Sendable, Hashable {
    /// All epochs were made.
    case finished
    /// It was asked to stop, saved, and can be resumed.
    case interrupted
    /// It stopped by its own rule or a callback's wish, and saved.
    case stopped
  }

  /// How it ended.
  public let outcome: Outcome
  /// Steps made, over all parts of the run.
  public let steps: Int
  /// Epochs completed.
  public let epochs: Int
  /// Why it stopped; nil where it did not.
  public let stopReason: String?
  /// The newest evaluation of the test samples: of the weights or their average, whichever did better.
  public let test: StepMetrics?
  /// Which of them; nil where the run keeps no average.
  public let testOf: ChosenWeights?
  /// The step after which it was made, which the newest checkpoint may be past; nil where it is not known.
  public let testStep: Int?
  /// The best weights on the test split where another part of the data was measured on; nil where there is
  /// none, or the run is not at its end.
  public let final: FinalTest?
  /// The newest completed epoch's training samples.
  public let train: StepMetrics?
  /// The best evaluation so far, by the number that the settings watch.
  public let best: RunProgress.Best?
  /// Its share of correct answers.
  public var bestAccuracy: Double? { best?.accuracy }
  /// Seconds of the run, over all its parts.
  public let seconds: Double
  /// Training samples a second, over all parts of the run.
  public let imagesPerSecond: Double
  /// The newest checkpoint's weights: of the weights and their average those that did better.
  public let weights: String
}
