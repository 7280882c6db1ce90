import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateTraining
import Testing

@Suite struct FineTuningTests {
  @Test(
    arguments: [
      (ResNet(.eighteen, classes: 5), "layer4", ["conv1", "bn1", "layer1", "layer2", "layer3"]),
      (
        ResNet(.eighteen, classes: 5), "fc",
        ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"]
      ),
      (
        VGG(.eleven, classes: 5, hidden: 8), "classifier.6",
        ["features", "classifier.0", "classifier.3"]
      ),
      (
        CIFARResNet(blocks: 2), "layer3.1.conv2",
        ["conv1", "bn1", "layer1", "layer2", "layer3.0", "layer3.1.conv1"]
      ),
      (CIFARResNet(blocks: 1), "conv1", []),
    ] as [(any Layer, String, [String])])
  func whatComesBeforeALayer(model: any Layer, layer: String, stages: [String]) throws {
    #expect(try Stages.before(layer, in: Naming(model)) == stages)
  }

  @Test func unknownLayersSuggestKnownOnes() {
    let error = #expect(throws: TrainingError.self) {
      try Stages.before("layr4", in: Naming(ResNet(.eighteen)))
    }
    #expect(error?.message.contains("layer4") == true)
  }

  @Test func ratesFallTowardsTheInput() {
    let groups = Stages.decayingRates(0.5, in: Naming(CIFARResNet(blocks: 1)))
    #expect(
      groups.map(\.match) == ["conv1", "bn1", "layer1", "layer2", "layer3", "fc"].map { .path($0) })
    #expect(groups.map(\.rate) == [0.03125, 0.0625, 0.125, 0.25, 0.5, 1])
    // A property that holds most of the parameters falls into its own.
    let parts = Stages.all(of: Naming(MobileNetV2()))
    #expect(parts.first == "features.0" && parts.last == "classifier" && parts.count == 20)
  }

  @Test func batchNormsAreFound() {
    #expect(
      Stages.batchNorms(in: Naming(CIFARResNet(blocks: 1))) == [
        "bn1", "layer1.0.bn1", "layer1.0.bn2", "layer2.0.bn1", "layer2.0.bn2", "layer3.0.bn1",
        "layer3.0.bn2",
      ])
  }

  @Test(
    arguments: [
      (CIFARResNet(blocks: 1), CIFARResNet(blocks: 1, classes: 3), ["fc.weight", "fc.bias"]),
      (CIFARResNet(blocks: 1), CIFARResNet(blocks: 1), []),
      (
        GoogLeNet(classes: 10), GoogLeNet(classes: 3),
        [
          "aux1.fc2.weight", "aux1.fc2.bias", "aux2.fc2.weight", "aux2.fc2.bias", "fc.weight",
          "fc.bias",
        ]
      ),
      (
        SqueezeNet(.later, classes: 10), SqueezeNet(.later, classes: 3),
        ["classifier.1.weight", "classifier.1.bias"]
      ),
    ] as [(any Layer, any Layer, [String])])
  func onlyClassifiersAreMadeAnew(old: any Layer, new: any Layer, renewed: [String]) throws {
    let naming = Naming(new)
    let file = zeros(of: Naming(old))
    let transfer = try WeightTransfer(file, into: naming)
    #expect(transfer.renewed == renewed)
    #expect(transfer.weights.names.count + renewed.count == naming.parameters.count)
  }

  @Test func otherWidthsAreRefused() {
    let file = zeros(of: Naming(CIFARResNet(blocks: 1, widths: (16, 32, 48))))
    let error = #expect(throws: FormatError.self) {
      try WeightTransfer(file, into: Naming(CIFARResNet(blocks: 1, classes: 3)), path: "a.pth")
    }
    #expect(error?.description.contains("layer3.0.conv1.weight") == true)
  }

  private func zeros(of naming: Naming) -> NamedTensors {
    var tensors = NamedTensors()
    for (path, parameter) in naming.parameters {
      tensors[path] = HostTensor(zeros: parameter.type)
    }
    return tensors
  }
}
