import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// What of an image a class or a unit answers to, as the image itself has it: `[C, H, W]`.
public struct Backprojection: Sendable {
  /// A number a pixel and channel.
  public let tensor: HostTensor
  /// The layer's channel that was projected; nil where it was a class.
  public let unit: Int?

  /// Numbers for `[C, H, W]`.
  ///
  /// - Throws: `InspectError` for other shapes.
  public init(tensor: HostTensor, unit: Int? = nil) throws(InspectError) {
    guard tensor.shape.rank == 3, tensor.shape.count > 0 else {
      throw InspectError(.mismatch, "a picture has a shape [C, H, W], found \(tensor.shape)")
    }
    self.tensor = tensor
    self.unit = unit
  }

  /// The greatest magnitude over the channels of each pixel.
  public var map: HeatMap {
    let (channels, height, width) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
    let values = tensor.scalars(as: Float.self)
    let plane = height * width
    let greatest = (0..<plane).map { place in
      (0..<channels).reduce(Float(0)) { max($0, abs(values[$1 * plane + place])) }
    }
    return HeatMap(height: height, width: width, values: greatest)
  }

  /// A picture around grey, the greatest magnitude black or white.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func image() throws -> Image {
    let (channels, height, width) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
    let values = tensor.scalars(as: Float.self)
    let greatest = values.reduce(Float(0)) { max($0, abs($1)) }
    let plane = height * width
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * plane)
    for place in 0..<plane {
      for channel in 0..<3 {
        let value = values[min(channel, channels - 1) * plane + place]
        let share = greatest > 0 ? value / greatest : 0
        pixels.append(UInt8(min(max(127.5 + 127.5 * share, 0), 255)))
      }
    }
    return try Image(width: width, height: height, channels: 3, pixels: pixels)
  }
}

extension Explainer {
  /// What of an image the evidence for a class comes from: guided backpropagation.
  ///
  /// The gradient of the class's logit in the pixels, of which rectifiers let back only what is above zero and came from
  /// above zero. Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for simplicity: the all convolutional net", ICLR
  /// workshop 2015, section 3.4.
  ///
  /// - Throws: `InspectError` where something does not fit, or the device's error.
  public func guidedBackprop(_ image: HostTensor, label: Int? = nil) throws -> Backprojection {
    let label = try self.label(label, image)
    let answers = try run(image) { builder, input, logits in
      try requireRectifier(builder)
      let score = score(logits, label)
      let one = builder.fill(1, score.type)
      builder.output(
        "pixels", builder.gradients(of: [(score, one)], in: [input], rectifiers: .guided)[0])
    }
    return try Backprojection(tensor: pixels(answers), unit: nil)
  }

  /// What of an image a unit answers to most: the deconvolutional network.
  ///
  /// The greatest answer of one channel goes back alone: through the switches of max pooling, rectifiers that pass what is
  /// above zero, and transposed filters. Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV
  /// 2014, section 2.1. Normalisations go back by their gradients, which the paper leaves open.
  ///
  /// - Parameters:
  ///   - layer: a layer of `layers()`; by default the last one.
  ///   - unit: its channel; by default the one with the greatest answer.
  /// - Throws: `InspectError` where something does not fit, or the device's error.
  public func deconvnet(
    _ image: HostTensor, layer: Tap? = nil, unit: Int? = nil
  ) throws -> Backprojection {
    let tap = try layer ?? self.layer(nil)
    func maps(_ builder: GraphBuilder) throws -> Tensor {
      guard let maps = tap.tensor(in: builder) else {
        throw InspectError(.usage, "no layer is called '\(tap)'")
      }
      return maps
    }
    let found = try run(image) { builder, _, _ in
      builder.output("peaks", try maps(builder).max(over: [0, 2, 3]))
    }
    let peaks = found["peaks"]?.scalars(as: Float.self) ?? []
    let unit = unit ?? peaks.indices.reduce(0) { peaks[$1] > peaks[$0] ? $1 : $0 }
    guard peaks.indices.contains(unit) else {
      throw InspectError(
        .usage, "\(tap) has \(peaks.count) channels, counted from 0; found unit \(unit)")
    }
    let answers = try run(image) { builder, input, _ in
      try requireRectifier(builder)
      let all = try maps(builder)
      let channel = all.slice(axis: 1, from: unit, to: unit + 1)
      let peak = channel.max(over: [2, 3], keepingAxes: true)
      let only = select(channel .>= peak, channel, 0.0)
      builder.output(
        "pixels", builder.gradients(of: [(channel, only)], in: [input], rectifiers: .deconvnet)[0])
    }
    return try Backprojection(tensor: pixels(answers), unit: unit)
  }

  private func pixels(_ answers: [String: HostTensor]) throws -> HostTensor {
    guard let pixels = answers["pixels"] else {
      throw InspectError(.mismatch, "the network gave no pixels")
    }
    return try HostTensor(pixels.scalars(as: Float.self), shape: input)
  }

  private func requireRectifier(_ builder: GraphBuilder) throws {
    if !builder.graph.nodes.contains(where: { $0.op.name == "relu" }) {
      throw InspectError(
        .mismatch,
        "the network has no ReLU, whose gradient this method replaces; take grad-cam or occlusion")
    }
  }
}
