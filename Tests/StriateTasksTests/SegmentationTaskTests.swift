import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTasks
import StriateTestSupport
import StriateTraining
import Testing

extension Scratch {
  fileprivate func run(_ name: String) -> RunFolder { RunFolder("\(path)/\(name)") }
}

/// Bright squares on noise: class 1 where the square is, 255 in the first row.
private struct Squares: Dataset {
  let count: Int
  let signature = Signature([
    Port("input", .float32, [1, 8, 8], axes: ["C", "H", "W"], role: .input),
    Port("labels", .int32, [8, 8], axes: ["H", "W"], role: .target),
  ])
  let classNames = ["ground", "square"]
  var wrong: Int32?

  func read(_ index: Int, draw: SampleDraw?, into example: ExampleBuffers) throws {
    var random = RandomStream(seed: 3, "squares", index)
    let (input, labels) = (example.values(0, as: Float.self), example.values(1, as: Int32.self))
    let (x0, y0) = (random.index(5), random.index(5))
    for place in 0..<64 {
      let isInside = (x0..<(x0 + 3)) ~= place % 8 && (y0..<(y0 + 3)) ~= place / 8
      input[place] = (isInside ? 1 : 0) + Float.random(in: -0.2...0.2, using: &random)
      labels[place] = place < 8 ? 255 : isInside ? 1 : 0
    }
    if let wrong { labels[63] = wrong }
  }
}

/// Logits of every pixel, and of an auxiliary head.
private struct Pixels: SegmentationNetwork {
  let conv = Conv2D(in: 1, out: 4, kernel: 3, padding: 1)
  let norm = BatchNorm2D(4)
  let head = Conv2D(in: 4, out: 2, kernel: 1)
  let aux = Conv2D(in: 4, out: 2, kernel: 1)

  func forward(_ x: Tensor) -> SegmentationLogits {
    let features = relu(norm(conv(x)))
    return SegmentationLogits(out: head(features), aux: aux(features))
  }
}

private func trainer(
  _ change: (inout TrainingConfig, inout Trainer.Options) -> Void = { _, _ in },
  data: DataSplits = DataSplits(train: Squares(count: 22), test: Squares(count: 7))
) throws -> Trainer {
  var config = TrainingConfig(
    epochs: 3, batchSize: 5, optimizer: .adam, learningRate: 0.02, seed: 4)
  var options = Trainer.Options()
  options.handlesSignals = false
  change(&config, &options)
  return try Trainer(
    Pixels(), task: Segmentation(classes: 2), data: data, config: config, on: .reference,
    options: options)
}

@Suite struct SegmentationTaskTests {
  @Test("a stopped run ends with the bytes of the whole one, and its log has the task's own names")
  func resumes() throws {
    let scratch = try Scratch()
    let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
    let result = try trainer().run(in: whole)
    nonisolated(unsafe) var step = 0
    let first = try trainer { _, options in
      options.observe = { if case .stepped(let report) = $0 { step = report.step } }
      options.shouldStop = { step >= 7 }
    }.run(in: parts)
    #expect(first.outcome == .interrupted && first.steps == 7)
    let second = try trainer().run(in: parts, resuming: true)
    for name in ["weights", "optimizer"] {
      #expect(
        try SHA256.hex(ofFile: "\(whole.path)/last/\(name).safetensors")
          == SHA256.hex(ofFile: "\(parts.path)/last/\(name).safetensors"))
    }
    #expect(result.test == second.test && result.best?.numbers == second.best?.numbers)
    #expect(result.monitor.name == "miou" && result.best?.numbers["miou"] != nil)
    let lines = String(decoding: try InputFile.contents(whole.metricsPath), as: UTF8.self)
      .split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
    let tested = lines.filter { $0["split"]?.string == "test" }
    #expect(tested.count == 3 && tested.allSatisfy { $0["miou"]?.double != nil })
    #expect(lines.allSatisfy { $0["acc1"] == nil && $0["pixel_acc"]?.double != nil })
    let weights = try Safetensors.read("\(whole.path)/last/weights.safetensors")
    #expect(WeightsMetadata(texts: weights.metadata).task == "segment")
  }

  @Test("numbers are those of one confusion matrix over all pixels that count")
  func numbers() throws {
    let task = Segmentation(classes: 2)
    let rule = GradientDescent(
      Objective(Pixels(), task: task), optimizer: SGD(), on: .reference)
    let state = rule.device.backend.makeState()
    try rule.initialState(seed: 4).write(to: state)
    let data = Squares(count: 7)
    // Batches of several sizes add up to what one has.
    var sums: [StepMetrics] = []
    for size in [7, 3] {
      let batches = try Loader(data, batchSize: size).batches(epoch: 0)
      var sum = StepMetrics()
      while let batch = try batches.next() { sum = sum + (try rule.evaluate(state, batch)) }
      sums.append(sum)
    }
    #expect(sums[0].tally == sums[1].tally && sums[0].count == 7)
    let confusion = try #require(task.confusion(sums[0]))
    #expect(confusion.pixels == 7 * 56)
    #expect(confusion.support == [7 * 56 - pixels(data), pixels(data)])
    #expect(
      task.readings(sums[0]).map(\.name) == ["miou", "pixel_acc", "mean_acc", "fw_iou", "dice"])
    #expect(task.readings(sums[0])[0].number == confusion.meanIoU)
  }

  private func pixels(_ data: Squares) -> Int {
    (0..<data.count).reduce(0) { sum, index in
      sum + ((try? data.example(index)[1].scalars(as: Int32.self).count { $0 == 1 }) ?? 0)
    }
  }

  @Test(
    "the loss is that of the pixels that count, the auxiliary head's by half",
    arguments: ["ce", "dice", "jaccard", "focal", "lovasz", "ce+dice", "focal+lovasz"])
  func loss(_ name: String) throws {
    let weights = [0.5, 3]
    let task = Segmentation(
      classes: 2, weights: weights, loss: try #require(SegmentationLoss(name)))
    let terms: [String: any Loss] = [
      "ce": CrossEntropyLoss(weights: weights, ignoring: 255),
      "focal": SoftmaxFocalLoss(weights: weights, ignoring: 255),
      "dice": DiceLoss(ignoring: 255), "jaccard": JaccardLoss(ignoring: 255),
      "lovasz": LovaszSoftmaxLoss(ignoring: 255),
    ]
    func loss(_ logits: Tensor, _ labels: Tensor) -> Tensor {
      let parts = name.split(separator: "+").compactMap { terms[String($0)]?(logits, labels) }
      return parts.dropFirst().reduce(parts[0], +)
    }
    let type = BatchType(Squares(count: 1).signature, count: 3)
    let step = try TrainingStep(
      Objective(Pixels(), task: task), rule: UpdateRule(SGD()), batch: type, on: .reference)
    #expect(step.program.graph.outputs.map(\.name).contains("correct"))
    let model = Pixels()
    let naming = Naming(model)
    let batch = try #require(try Loader(Squares(count: 3), batchSize: 3).batches(epoch: 0).next())
    let program = try Program(
      on: .reference, options: TraceOptions(mode: .training), naming: naming
    ) { builder in
      let answer = model(builder.input("input", batch.inputs.type))
      let labels = builder.input("labels", batch.labels.type)
      builder.output(
        "loss", loss(answer.out, labels) + loss(answer.aux ?? answer.out, labels) * 0.5)
    }
    let first = try naming.initialWeights(seed: 4)
    let found = try program.run(
      ["input": batch.inputs, "labels": batch.labels], state: program.state(first))
    let own = try step.run(
      batch, at: StepContext(step: 0, seed: 0, learningRate: 0), state: step.program.state(first))
    let expected = try #require(found["loss"]).scalars(as: Double.self)[0]
    #expect(abs(own.loss - expected) < 1e-6)
  }

  @Test("texts name losses and weights of classes, and are read back")
  func texts() throws {
    for text in ["ce", "ce+dice", "lovasz+focal+jaccard"] {
      #expect(SegmentationLoss(text)?.description == text)
    }
    for text in ["", "+", "ce+", "hinge", "ce+ce", "ce,dice", "CE"] {
      #expect(SegmentationLoss(text) == nil)
    }
    #expect(SegmentationLoss("dice+lovasz")?.takesWeights == false)
    for text in ["balanced", "median", "log", "1.0,0.25,0.0"] {
      #expect(ClassWeights(text)?.description == text)
    }
    for text in ["", "even", "1,", "1,-1", "0,0", "1,inf", "nan"] {
      #expect(ClassWeights(text) == nil)
    }
    var config = TrainingConfig(epochs: 1)
    #expect(config.json["loss"] == nil && config.json["class_weights"] == nil)
    config.loss = "ce+dice"
    config.classWeights = .given([1, 0.25])
    #expect(try TrainingConfig(config.json) == config)
  }

  @Test(
    "a class that the network does not know, and a metric that the task does not measure, are named"
  )
  func refusals() throws {
    let scratch = try Scratch()
    let wrong = DataSplits(train: Squares(count: 22, wrong: 7), test: Squares(count: 7))
    let label = #expect(throws: TrainingError.self) {
      try trainer(data: wrong).run(in: scratch.run("wrong"))
    }
    #expect(label?.message.contains("class 7") == true && label?.code == .mismatch)
    let monitor = #expect(throws: TrainingError.self) {
      try trainer { config, _ in config.monitor = .accuracy }
    }
    #expect(monitor?.message.contains("miou") == true)
    let mixing = #expect(throws: TrainingError.self) {
      try trainer { config, _ in config.mixing.mixup = 0.2 }.run(in: scratch.run("mixed"))
    }
    #expect(mixing?.message.contains("one class each") == true)
  }
}
