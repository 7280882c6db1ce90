import Foundation
import Striate
import Testing

/// The flags of `train` that shape updates, rates and the end of a run.
@Suite struct UpdateFlagTests {
  @Test func flagsBecomeSettingsAndTheRunGoesOn() throws {
    let data = try SmallData()
    let run = data.path("run")
    let train = try CommandLineProgram.run(
      [
        "train", "--model", "lenet-300-100", "--data", data.name, "--device", "reference",
        "--output-dir", run, "--epochs", "4", "--batch-size", "20", "--json", "--quiet", "--opt",
        "lars", "--wd", "0.001", "--norm-weight-decay", "0", "--bias-weight-decay", "0",
        "--lr-scheduler", "cosineannealinglr", "--lr-min", "0.01", "--lr-warmup-epochs", "1",
        "--clip-grad-norm", "5", "--clip-grad-value", "1", "--grad-norm", "--accumulate", "2",
        "--model-ema-decay", "0.5", "--mixup-alpha", "0.2", "--cutmix-alpha", "1", "--eval-every",
        "2", "--monitor", "loss", "--patience", "9", "--min-delta", "0.001",
      ])
    #expect(train.code == 0, "\(train.errors)")
    let config = try TrainingConfig(JSON(path: "\(run)/config.json"))
    #expect(config.optimizer == .lars && config.weightDecay == 0.001 && config.learningRate == 1)
    #expect(config.normWeightDecay == 0 && config.biasWeightDecay == 0)
    // Three batches an epoch, two of them a step: two steps.
    #expect(config.schedule == .cosine(minimum: 0.01) && config.warmup == Warmup(steps: 2))
    #expect(config.clipping == GradientClipping(norm: 5, value: 1) && config.reportsGradientNorm)
    #expect(config.accumulation == 2 && config.average == WeightAverage(decay: 0.5))
    #expect(config.mixing == Mixing(mixup: 0.2, cutmix: 1))
    #expect(config.evaluateEvery == 2 && config.monitor == .loss)
    #expect(config.patience == 9 && config.minDelta == 0.001)
    #expect(train.json?["steps"]?.int == 8 && train.json?["outcome"]?.string == "finished")
    // Of the weights and their average those that did better are named, and used.
    func file(_ key: String) -> String? {
      train.json?[key]?.string.map { $0 == "average" ? "ema.safetensors" : "weights.safetensors" }
    }
    let (newest, best) = try (#require(file("acc1_of")), #require(file("best_of")))
    #expect(train.json?["weights"]?.string?.hasSuffix("/\(newest)") == true)

    let eval = try CommandLineProgram.run([
      "eval", "--weights", run, "--data", data.name, "--device", "reference", "--json",
    ])
    #expect(eval.json?["weights"]?.string?.hasSuffix("best/\(best)") == true)
    #expect(eval.json?["acc1"] == train.json?["best_acc1"])
    let resumed = try CommandLineProgram.run([
      "train", "--resume", run, "--json", "--device", "reference", "--quiet",
    ])
    #expect(resumed.code == 0 && resumed.json?["steps"]?.int == 8, "\(resumed.errors)")
  }

  @Test(arguments: [
    (["--lr-step-size", "3"], "--lr-scheduler"), (["--lr-warmup-epochs", "2"], "one-cycle"),
    (["--lr-warmup-decay", "0.1"], "--lr-warmup-epochs"),
    (["--lr-scheduler", "step", "--lr-step-size", "0"], "--lr-step-size"),
    (["--lr-scheduler", "plateau", "--lr-gamma", "1"], "factor"),
    (["--accumulate", "0"], "batches"),
    (["--no-model-ema", "--model-ema-decay", "0.5"], "--model-ema"),
    (["--model-ema-decay", "1"], "decay"), (["--mixup-alpha", "-1"], "mixup"),
    (["--opt", "sdg"], "sgd"), (["--patience", "0"], "patience"),
    (["--clip-grad-norm", "0"], "clipped"), (["--monitor", "acc"], "acc1"),
  ])
  func mistakesAreOneLine(_ flags: [String], _ word: String) throws {
    let data = try SmallData()
    let outcome = try CommandLineProgram.run(
      ["train", "--model", "lenet-300-100", "--data", data.name, "--device", "reference"] + flags)
    #expect(outcome.code == 1 || outcome.code == 2)
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains(word), "\(outcome.errors)")
  }
}
