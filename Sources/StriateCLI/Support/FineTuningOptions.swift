import ArgumentParser
import Striate

/// How a training goes on from weights of another one.
struct FineTuningOptions: ParsableArguments {
  @Option(
    help: """
      Begin with these weights: a .safetensors or .pth file or a run folder. A classifier for another number of \
      classes is made anew.
      """, completion: .file())
  var weights: String?

  @Option(
    help:
      "Keep everything before this layer as it is, batch norms' statistics too: layer4, or fc for a linear probe."
  )
  var freezeUntil: String?

  @Flag(help: "Keep batch norms as they are, statistics too.")
  var freezeBn = false

  @Option(
    help:
      "What each part's learning rate is multiplied by for the part before it, from the last one backwards (1)."
  )
  var layerDecay: Double?

  @Option(
    help:
      "Begin with filters that whiten the patches of the training images in this convolution, and keep them."
  )
  var whiten: String?

  func validate() throws {
    if let layerDecay, !(layerDecay > 0 && layerDecay <= 1) {
      throw ValidationError("--layer-decay must lie in (0, 1], found \(layerDecay)")
    }
  }

  /// Whether something is asked for that a run which is resumed has decided.
  var isGiven: Bool {
    weights != nil || freezeUntil != nil || freezeBn || layerDecay != nil || whiten != nil
  }

  /// Sets what is given in the settings of a run that begins.
  func apply(to config: inout TrainingConfig, _ naming: Naming) throws {
    var frozen = config.frozen
    if let freezeUntil { frozen += try Stages.before(freezeUntil, in: naming) }
    if freezeBn { frozen += Stages.batchNorms(in: naming) }
    if let whiten {
      config.whitening = whiten
      frozen.append(whiten + ".weight")
    }
    config.frozen = frozen
    if let layerDecay { config.groups += Stages.decayingRates(layerDecay, in: naming) }
  }

  /// The weights to begin with, and what is said about them, a line each; nil where none are given.
  ///
  /// - Parameter classNames: those of the data.
  func transfer(
    into model: any Layer, of entry: CatalogEntry, input: Shape, classNames: [String]
  ) throws -> (transfer: WeightTransfer, notes: [String])? {
    guard let weights else { return nil }
    let path = try TrainedModel.locate(weights)
    let found = try NetworkWeights(WeightsFile(path), of: model, input: input, id: entry.id)
    let tensors = try found.read()
    let transfer: WeightTransfer
    do {
      transfer = try WeightTransfer(
        tensors, into: Naming(model), optional: found.head.union(found.trainingOnly), path: path)
    } catch {
      throw BestFit.advised(error, found.shapes, for: entry.id)
    }
    let anew = transfer.renewed.isEmpty ? "" : "; made anew: \(Self.list(transfer.renewed))"
    var notes = found.notes
    notes.append(
      "beginning with \(Numbers.counted(transfer.weights.names.count, "tensor")) of \(path)\(anew)")
    let before = WeightsMetadata(texts: found.file.metadata).classes
    if transfer.renewed.allSatisfy({ !found.head.contains($0) }), !before.isEmpty,
      !classNames.isEmpty, before != classNames
    {
      let other = zip(before, classNames).first { $0 != $1 }
      notes.append(
        "the classifier is kept as it is, for it tells as many classes apart, though others: "
          + "'\(other?.1 ?? "")' begins as what '\(other?.0 ?? "")' was")
    }
    return (transfer, notes)
  }

  /// Names; of many the parts of the network that they lie in.
  private static func list(_ names: [String]) -> String {
    if names.count <= 6 { return names.joined(separator: ", ") }
    var parts: [(name: String, count: Int)] = []
    for name in names {
      let part = name.split(separator: ".").first.map(String.init) ?? name
      if parts.last?.name == part {
        parts[parts.count - 1].count += 1
      } else {
        parts.append((part, 1))
      }
    }
    return parts.map { "\($0.name) (\(Numbers.counted($0.count, "tensor")))" }.joined(
      separator: ", ")
  }
}
