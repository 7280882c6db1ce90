import StriateCore
import StriateIR
import StriateModels
import StriateRuntime
import StriateTraining
import Testing

@Test(arguments: Catalog.all.map(\.id))
func countsAreThoseOfTheCatalogue(_ id: String) throws {
  let entry = try Catalog.find(id)
  let model = entry.model()
  let naming = Naming(model)
  let weights = naming.parameters.filter { $0.parameter.role == .weight }
  #expect(weights.reduce(0) { $0 + $1.parameter.type.shape.count } == entry.parameters)
  let builder = GraphBuilder(naming: naming)
  let y = model(builder.input("input", TensorType(.float32, Shape([1] + entry.input.dims))))
  #expect(y.shape == [1, entry.classes])
  #expect(try builder.finish().cost.macs == entry.macs)
}

@Test func keysAreTorchvisions() throws {
  #expect(
    Naming(LeNet5()).parameters.map(\.path) == [
      "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias",
      "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias",
    ])
  let keys = Set(Naming(CIFARResNet(blocks: 3)).parameters.map(\.path))
  #expect(keys.count == 1 + 5 + 9 * 12 + 2)
  for key in [
    "conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.bn2.num_batches_tracked",
    "layer3.2.conv2.weight", "fc.weight", "fc.bias",
  ] {
    #expect(keys.contains(key))
  }
}

/// torchvision's state dictionaries: how many keys, and some that no other layout has.
@Test(
  arguments: [
    (AlexNet(), 16, ["features.0.weight", "features.10.bias", "classifier.1.weight"]),
    (VGG(.eleven), 22, ["features.18.bias", "classifier.0.weight", "classifier.6.bias"]),
    (VGG(.sixteen), 32, ["features.0.weight", "features.28.bias", "classifier.3.weight"]),
    (VGG(.sixteen, normalized: true), 97, ["features.40.weight", "features.41.running_var"]),
    (VGG(.nineteen, normalized: true), 118, ["features.49.weight", "features.50.running_mean"]),
    (
      GoogLeNet(hasHeads: false), 344,
      [
        "conv1.conv.weight", "conv1.bn.running_mean", "inception3a.branch1.bn.bias",
        "inception4e.branch2.1.conv.weight", "inception5b.branch4.1.bn.num_batches_tracked",
        "fc.bias",
      ]
    ),
    (ResNet(.eighteen), 122, ["layer2.0.downsample.0.weight", "layer4.1.bn2.running_var"]),
    (ResNet(.thirtyFour), 218, ["layer3.5.conv2.weight"]),
    (
      ResNet(.fifty), 320,
      ["layer1.0.downsample.1.num_batches_tracked", "layer3.5.conv3.weight", "fc.weight"]
    ),
    (ResNet(.hundredOne), 626, ["layer3.22.bn3.bias"]),
    (ResNet(.hundredFiftyTwo), 932, ["layer3.35.conv1.weight"]),
    (
      MobileNetV2(), 314,
      [
        "features.0.0.weight", "features.1.conv.0.0.weight", "features.1.conv.1.weight",
        "features.1.conv.2.running_mean", "features.2.conv.2.weight", "features.17.conv.3.bias",
        "features.18.1.weight", "classifier.1.weight",
      ]
    ),
  ] as [(any Layer, Int, [String])])
func keysAreTorchvisions(model: any Layer, count: Int, some: [String]) {
  let keys = Naming(model).parameters.map(\.path)
  #expect(keys.count == count)
  #expect(Naming(model).warnings.isEmpty)
  for key in some { #expect(keys.contains(key), "\(key)") }
}

@Test(
  arguments: [
    (LeNet5(), [2, 1, 28, 28]), (LeNet5(classes: 3, input: [3, 32, 32]), [2, 3, 32, 32]),
    (LeNet5(input: [1, 12, 12]), [1, 1, 12, 12]), (LeNet300(), [2, 1, 28, 28]),
    (CIFARResNet(blocks: 1, widths: (8, 12, 20)), [2, 3, 16, 16]),
    (CIFARResNet(blocks: 2, widths: (4, 5, 8), channels: 1), [2, 1, 9, 7]),
  ] as [(any Layer, [Int])])
func everyWeightGetsAGradient(model: any Layer, dims: [Int]) throws {
  let input = Shape(dims)
  let naming = Naming(model)
  let weights = naming.parameters.filter { $0.parameter.role == .weight }
  let program = try Program(
    on: .reference, options: TraceOptions(mode: .training), naming: naming
  ) { builder in
    let logits = model(builder.input("input", TensorType(.float32, input)))
    let labels = builder.input("labels", TensorType(.int32, [input[0]]))
    let loss = crossEntropy(logits, labels: labels).mean()
    let gradients = builder.gradients(of: loss, in: weights.map { builder.read($0.parameter) })
    for (entry, gradient) in zip(weights, gradients) { builder.output(entry.path, gradient) }
    builder.output("logits", logits)
  }
  let values = (0..<input.count).map { Float(($0 * 7919) % 101) / 50 - 1 }
  let outputs = try program.run(
    [
      "input": try HostTensor(values, shape: input),
      "labels": HostTensor((0..<input[0]).map { Int32($0 % 3) }),
    ], state: program.state(naming.initialWeights(seed: 3)))
  for (name, tensor) in outputs {
    let numbers = tensor.scalars(as: Double.self)
    #expect(numbers.allSatisfy { $0.isFinite })
    #expect(numbers.contains { $0 != 0 }, "\(name) is all zeros")
  }
}

/// torchvision's smallest extents; anything larger does too, and anything smaller is refused.
@Test(
  arguments: [
    ("alexnet", 63), ("vgg11", 32), ("vgg19_bn", 32), ("googlenet", 15), ("resnet18", 1),
    ("resnet50", 1), ("mobilenet_v2", 1), ("inception_v3", 75), ("squeezenet1_0", 21),
    ("squeezenet1_1", 17), ("densenet121", 29), ("mobilenet_v3_small", 1), ("efficientnet_b0", 1),
    ("convnext_tiny", 32), ("regnet_y_400mf", 1), ("shufflenet_v2_x1_0", 1), ("mnasnet1_0", 1),
  ])
func everyInputOfTorchvisionsIsTaken(_ id: String, smallest: Int) throws {
  let model = try Catalog.find(id).model(classes: 7)
  func trace(_ input: Shape) throws -> Shape {
    let builder = GraphBuilder(naming: Naming(model))
    let y = model(builder.input("input", TensorType(.float32, input)))
    builder.output("output", y)
    _ = try builder.finish()
    return y.shape
  }
  for (height, width) in [(0, 0), (1, 0), (0, 37), (100, 161)] {
    #expect(try trace([2, 3, smallest + height, smallest + width]) == [2, 7])
  }
  for (height, width) in [(smallest - 1, smallest), (smallest, smallest - 1)] {
    #expect(throws: TraceError.self) { try trace([2, 3, height, width]) }
  }
}

@Test func unknownNamesSuggestKnownOnes() {
  let error = #expect(throws: ModelError.self) { try Catalog.find("lenet-5") }
  #expect(error?.message.contains("lenet5") == true)
}

@Test(
  arguments: [
    (LeNet5(classes: 0), [1, 1, 28, 28]), (LeNet5(input: [1, 4, 4]), [1, 1, 4, 4]),
    (LeNet5(input: [1, .max, .max]), [1, 1, 28, 28]), (LeNet5(input: []), [1, 1, 28, 28]),
    (LeNet300(classes: -1), [1, 1, 28, 28]), (CIFARResNet(blocks: 0), [1, 3, 8, 8]),
    (CIFARResNet(blocks: -3), [1, 3, 8, 8]),
    (CIFARResNet(blocks: 1, widths: (8, 4, .min)), [1, 3, 8, 8]),
    (AlexNet(channels: 0), [1, 3, 63, 63]), (AlexNet(channels: .max), [1, 3, 63, 63]),
    (AlexNet(classes: 2), [1, 3, 30, 30]), (AlexNet(hidden: -1), [1, 3, 63, 63]),
    (VGG(.eleven, classes: 0), [1, 3, 32, 32]), (VGG(.eleven), [1, 3, 31, 31]),
    (ResNet(.eighteen, classes: .min), [1, 3, 32, 32]), (ResNet(.fifty), [1, 1, 32, 32]),
    (GoogLeNet(channels: -3), [1, 3, 32, 32]), (MobileNetV2(width: .nan), [1, 3, 32, 32]),
    (MobileNetV2(width: 1e300), [1, 3, 32, 32]), (MobileNetV2(width: -1), [1, 3, 32, 32]),
  ] as [(any Layer, [Int])])
func impossibleModelsAreDiagnosed(model: any Layer, input: [Int]) {
  #expect(throws: TraceError.self) {
    try Program(model, input: TensorType(.float32, Shape(input)), on: .reference)
  }
}
