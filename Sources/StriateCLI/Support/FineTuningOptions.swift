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

  /// The weights to begin with, and what is said about them; nil where none are given.
  func transfer(
    into naming: Naming, of entry: CatalogEntry
  ) throws -> (transfer: WeightTransfer, note: String)? {
    guard let weights else { return nil }
    let path = try TrainedModel.locate(weights)
    let (tensors, _) = WeightNames.adapted(try WeightsFile.read(path).tensors, to: naming)
    let transfer: WeightTransfer
    do {
      transfer = try WeightTransfer(tensors, into: naming, path: path)
    } catch {
      throw BestFit.advised(error, tensors, for: entry.id)
    }
    let anew =
      transfer.renewed.isEmpty ? "" : "; made anew: \(transfer.renewed.joined(separator: ", "))"
    return (
      transfer,
      "beginning with \(Numbers.counted(transfer.weights.names.count, "tensor")) of \(path)\(anew)"
    )
  }
}
