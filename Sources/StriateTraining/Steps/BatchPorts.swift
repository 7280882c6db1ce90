import StriateCore
import StriateData
import StriateRuntime

/// A program's buffers with the places of what every step feeds and reads; allocates nothing in a step.
final class BatchPorts: Sendable {
  let buffers: RunBuffers
  /// The place of each port of the batch; nil for one that the program does not read.
  private let places: [Int?]
  private let labels: Int?
  private let otherLabels: Int?
  private let mixingShare: Int?
  private let lossPlace: Int?
  private let sumPlaces: [Int?]
  private let normPlace: Int?

  /// - Parameter sums: the names of the sums that the program gives, eight at most.
  init(_ program: Program, batch: BatchType, sums: [String]) throws(TensorError) {
    buffers = try RunBuffers(program.graph)
    let (inputs, outputs) = (buffers.inputPorts, buffers.outputPorts)
    places = batch.entries.map { entry in inputs.firstIndex { $0.name == entry.name } }
    labels = inputs.firstIndex { $0.name == "labels" }
    otherLabels = inputs.firstIndex { $0.name == "labels.other" }
    mixingShare = inputs.firstIndex { $0.name == "mixing.share" }
    lossPlace = outputs.firstIndex { $0.name == "loss" }
    sumPlaces = sums.prefix(8).map { name in outputs.firstIndex { $0.name == name } }
    normPlace = outputs.firstIndex { $0.name == "gradient_norm" }
  }

  /// The place of an input; nil where the program has none of that name.
  func input(_ name: String) -> Int? { buffers.inputPorts.firstIndex { $0.name == name } }

  /// Copies a batch in.
  ///
  /// - Throws: `TensorError` where its types are others.
  func set(_ batch: Batch) throws(TensorError) {
    for (place, tensor) in zip(places, batch.tensors) { try copy(tensor, to: place) }
  }

  /// Copies a batch in, each sample mixed with the one before it.
  ///
  /// - Throws: `TensorError` where its types are others.
  func set(_ batch: Batch, mixed mix: Mix) throws(TensorError) {
    // The class with the greater share is the one that answers are counted by.
    let isSwapped = mix.share < 0.5
    let classes = batch.labels
    try copy(classes, to: isSwapped ? otherLabels : labels)
    try check(classes, at: isSwapped ? labels : otherLabels) { from, to in
      mix.roll(from.bindMemory(to: Int32.self), into: to.bindMemory(to: Int32.self))
    }
    if let mixingShare { set(mixingShare, to: max(mix.share, 1 - mix.share)) }
    let inputs = batch.inputs
    guard inputs.dtype == .float32 else {
      throw TensorError(.typeMismatch, "samples are mixed in f32, found \(inputs.type)")
    }
    try check(inputs, at: input("input")) { from, to in
      mix.apply(from.bindMemory(to: Float.self), into: to.bindMemory(to: Float.self))
    }
  }

  private func copy(_ tensor: HostTensor, to place: Int?) throws(TensorError) {
    try check(tensor, at: place) { from, to in to.copyMemory(from: from) }
  }

  private func check(
    _ tensor: HostTensor, at place: Int?,
    _ copy: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Void
  ) throws(TensorError) {
    guard let place else { return }
    let port = buffers.inputPorts[place]
    guard tensor.type == port.type else {
      throw TensorError(.typeMismatch, "\(port.name) takes \(port.type), found \(tensor.type)")
    }
    tensor.withUnsafeBytes { copy($0, buffers.inputs[place]) }
  }

  /// Sets a scalar input in floating point.
  func set(_ place: Int, to value: Double) {
    if buffers.inputPorts[place].type.dtype == .float64 {
      buffers.inputs[place].storeBytes(of: value, as: Double.self)
    } else {
      buffers.inputs[place].storeBytes(of: Float(value), as: Float.self)
    }
  }

  /// The mean or summed loss of the last run; NaN where the program has none.
  var loss: Double { scalar(lossPlace) }
  /// The sums of the last run in their order, 0 where there is none.
  var sums: SIMD8<Double> {
    var sums = SIMD8<Double>()
    for (index, place) in sumPlaces.enumerated() where place != nil { sums[index] = scalar(place) }
    return sums
  }
  /// The norm of the last run's gradients; nil where the program has none.
  var gradientNorm: Double? { normPlace.map { scalar($0) } }

  private func scalar(_ place: Int?) -> Double {
    guard let place else { return .nan }
    let bytes = buffers.outputs[place]
    switch buffers.outputPorts[place].type.dtype {
    case .float64: return bytes.loadUnaligned(as: Double.self)
    case .float32: return Double(bytes.loadUnaligned(as: Float.self))
    default: return .nan
    }
  }

  /// What the program was last fed.
  func inputs() -> [String: HostTensor] {
    var inputs: [String: HostTensor] = [:]
    for (place, port) in buffers.inputPorts.enumerated() {
      inputs[port.name] = HostTensor(type: port.type) {
        $0.copyMemory(from: UnsafeRawBufferPointer(buffers.inputs[place]))
      }
    }
    return inputs
  }
}
