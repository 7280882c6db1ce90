import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateRuntime

/// Makes a network's convolutions and fully connected layers compute in 8-bit integers.
///
/// Filters: symmetric, a scale for each, batch norm folded in. Activations: one scale a value, unsigned where
/// ReLU made them and signed otherwise, the range chosen over samples. Training afterwards is not needed
/// (post-training quantisation, Krishnamoorthi, "Quantizing deep convolutional networks for efficient
/// inference", 2018, section 3).
public struct Quantizer: Sendable {
  /// How the ranges of activations are chosen.
  public var method = CalibrationMethod.minmax
  /// The share of the numbers that the method `percentile` keeps, in percent.
  public var percentile = 99.99
  /// Samples that are looked at, at most.
  public var samples = 512
  /// Samples at once.
  public var batchSize = 16
  /// Threads that read samples.
  public var threads = 1
  /// Layers that stay in floating point: names, `first` or `last`.
  public var kept: Set<String> = []

  /// A quantiser with the usual settings.
  public init() {}

  /// What quantising gave.
  public struct Result: Sendable {
    /// The network in integers.
    public var model: QuantizedModel
    /// What its programs keep resident: the parameters of layers that stayed in floating point.
    public var tensors: NamedTensors
    /// The quantised layers, in the network's order.
    public var layers: [QuantizedLayer]
    /// Layers that could have been quantised and were kept.
    public var kept: [String]
    /// Samples that were looked at.
    public var samples: Int
  }

  /// Quantises a network.
  ///
  /// - Parameters:
  ///   - input: the shape of one input, `[C, H, W]`.
  ///   - data: samples prepared as the network wants them; a fixed shuffle of them is looked at.
  /// - Throws: `InspectError` where nothing can be quantised, or numbers are not finite; what tracing,
  ///   reading and the device throw.
  public func quantize(
    _ model: any Layer, weights: NamedTensors, input: Shape, data: any Dataset, on device: Device
  ) throws -> Result {
    guard (1...1 << 24).contains(samples), (1...1 << 16).contains(batchSize),
      percentile > 0, percentile <= 100
    else {
      throw InspectError(
        .usage,
        "samples and their batch must be at least 1 and a percentile above 0 and at most 100, found "
          + "\(samples), \(batchSize) and \(percentile)")
    }
    func type(_ batch: Int) -> TensorType { TensorType(.float32, Shape([batch] + input.dims)) }
    let graph = try Graph.inference(of: model, input: type(1))
    let all = QuantizationSites(graph)
    let kept = try keptNames(all.sites.map(\.name))
    let classes = ActivationClasses(all, keeping: kept)
    guard !classes.sites.isEmpty else {
      throw InspectError(
        .mismatch,
        "the network has no convolution or fully connected layer that could be quantised"
          + (kept.isEmpty ? "" : " but those that are kept"))
    }
    let sources = classes.sources
    let loader = try Loader(
      data, batchSize: min(batchSize, samples), shuffle: true, threads: threads,
      prefetch: max(threads + 1, 2))
    let ranges = try ActivationRanges(
      of: sources.flatMap(\.values), in: graph, weights: weights, loader: loader, limit: samples,
      method: method, on: device
    ) { try Graph.inference(of: model, input: $0) }
    var scales: [Int: Quantization] = [:]
    for (root, values) in sources {
      scales[root] = quantization(of: values, classes, ranges)
    }
    let layers = try classes.sites.map { try layer($0, classes, scales) }
    let tensors = try tensors(classes, graph, weights)
    let quantized = QuantizedModel(model, layers: layers, tensors: tensors)
    return Result(
      model: quantized, tensors: try resident(quantized, tensors, weights, input),
      layers: layers, kept: all.sites.map(\.name).filter(kept.contains), samples: ranges.samples)
  }

  private func keptNames(_ names: [String]) throws -> Set<String> {
    var found: Set<String> = []
    for name in kept {
      switch name {
      case "first": found.formUnion(names.prefix(1))
      case "last": found.formUnion(names.suffix(1))
      default:
        guard names.contains(name) else {
          throw InspectError(
            .usage, "no layer is called '\(name)'; \(NearMiss.hint(for: name, among: names))")
        }
        found.insert(name)
      }
    }
    return found
  }

  /// How a class of values is written: unsigned where none can be negative.
  private func quantization(
    of values: [ValueID], _ classes: ActivationClasses, _ ranges: ActivationRanges
  ) -> Quantization {
    let isUnsigned = values.allSatisfy(classes.isNonNegative)
    let images = Set(classes.plan.graph.inputs.map(\.value))
    let thresholds = values.map { id in
      // Images have the range that pixels have, and spikes where they are black or white: what they are cut
      // off at is no matter of their distribution.
      ranges.histograms[id]?.threshold(
        images.contains(id) ? .minmax : method, levels: isUnsigned ? 256 : 128,
        percentile: percentile) ?? 0
    }
    let greatest = thresholds.max() ?? 0
    let scale = greatest / (isUnsigned ? 255 : 127)
    return Quantization(
      scale: scale.isNormal ? scale : 1, dtype: isUnsigned ? .uint8 : .int8)
  }

  private func layer(
    _ site: QuantizationSite, _ classes: ActivationClasses, _ scales: [Int: Quantization]
  ) throws -> QuantizedLayer {
    func how(_ id: ValueID) throws -> Quantization {
      guard let found = scales[classes.root(id)] else {
        throw InspectError(.mismatch, "the layer \(site.name) reads numbers that were not observed")
      }
      return found
    }
    var layer = QuantizedLayer(
      name: site.name, pattern: site.pattern, input: try how(site.input))
    if classes.isWritten(site.output) { layer.output = try how(site.output) }
    if let residual = site.residual { layer.residual = try how(residual) }
    return layer
  }

  private func tensors(
    _ classes: ActivationClasses, _ graph: Graph, _ weights: NamedTensors
  ) throws -> NamedTensors {
    var tensors = NamedTensors()
    let filters = try FoldedFilter.all(classes.sites, in: graph, weights: weights)
    for (site, folded) in zip(classes.sites, filters) {
      let (integers, scales) = try folded.quantized()
      tensors["\(site.name).weight"] = integers
      tensors["\(site.name).weight_scale"] = scales
      tensors["\(site.name).bias"] = folded.bias.map { HostTensor($0.map { Float($0) }) }
    }
    return tensors
  }

  /// The parameters that the quantised network still reads.
  private func resident(
    _ model: QuantizedModel, _ tensors: NamedTensors, _ weights: NamedTensors, _ input: Shape
  ) throws -> NamedTensors {
    let type = TensorType(.float32, Shape([1] + input.dims))
    var all = tensors
    for state in try Graph.inference(of: model, input: type).states {
      guard let tensor = weights[state.name] else {
        throw InspectError(.missing, "the weights have no tensor \(state.name)")
      }
      all[state.name] = tensor
    }
    return all
  }
}
