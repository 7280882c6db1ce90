import StriateCore
import StriateIR
import StriateNN
import StriateRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A network in use: images in, answers out; a program a batch size.
public final class Classifier {
  /// One answer about an image.
  public struct Answer: Sendable, Hashable {
    /// The class.
    public var index: Int
    /// Its probability, from 0 to 1.
    public var score: Double
  }

  private let model: any Layer
  private let input: Shape
  private let device: Device
  private let state: any ResidentState
  private var programs: [Int: Program] = [:]

  /// Images that are answered at once at most.
  static let batch = 64

  /// A network with its weights on a device.
  ///
  /// - Throws: The device's error.
  public init(
    _ model: any Layer, weights: NamedTensors, input: Shape, on device: Device
  ) throws {
    self.model = model
    self.input = input
    self.device = device
    state = device.backend.makeState()
    try state.write(weights)
  }

  /// A network whose weights are on the device already.
  init(_ model: any Layer, state: any ResidentState, input: Shape, on device: Device) throws {
    self.model = model
    self.input = input
    self.device = device
    self.state = state
  }

  /// The probabilities of all classes for each image, each of `[C, H, W]`.
  ///
  /// - Throws: `InspectError` where an image has another shape, `TraceError` with every fault of the model, or
  ///   the device's error.
  public func probabilities(_ images: [HostTensor]) throws -> [[Double]] {
    var answers: [[Double]] = []
    for start in stride(from: 0, to: images.count, by: Self.batch) {
      answers += try step(Array(images[start..<min(start + Self.batch, images.count)]))
    }
    return answers
  }

  private func step(_ images: [HostTensor]) throws -> [[Double]] {
    let type = TensorType(.float32, Shape([images.count] + input.dims))
    var values: [Float] = []
    for image in images {
      guard image.shape == input else {
        throw InspectError(.mismatch, "the model takes \(input), found an image \(image.shape)")
      }
      values += image.scalars(as: Float.self)
    }
    let program = try programs[images.count] ?? Program(model, input: type, on: device)
    programs[images.count] = program
    let batch = try HostTensor(values, shape: type.shape)
    let logits = try program(batch, state: state)
    if let number = logits.firstNonFinite {
      let inputs = Dictionary(uniqueKeysWithValues: program.graph.inputs.map { ($0.name, batch) })
      throw InspectError.notFinite(
        number,
        try Interpreter<Float>.firstNonFinite(in: program.graph, inputs: inputs, state: state))
    }
    let all = logits.scalars(as: Double.self)
    let classes = logits.shape[-1]
    guard classes > 0 else { return images.map { _ in [] } }
    return stride(from: 0, to: all.count, by: classes).map {
      Self.softmax(Array(all[$0..<($0 + classes)]))
    }
  }

  /// The most probable classes, the first of equal ones before.
  public static func top(_ count: Int, of probabilities: [Double]) -> [Answer] {
    probabilities.enumerated().sorted {
      $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset
    }.prefix(max(count, 0)).map { Answer(index: $0.offset, score: $0.element) }
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let greatest = logits.max() ?? 0
    let powers = logits.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
