import StriateCore

extension Image {
  /// An image of normalised values `[C, H, W]`: the inverse of `tensor(mean:std:)`, rounded and clipped.
  ///
  /// - Parameters:
  ///   - mean: the mean that was subtracted from each channel; a missing one is 0.
  ///   - std: the deviation that each channel was divided by; a missing one is 1.
  /// - Throws: `DataError` where the shape is none of an image with 1 or 3 channels.
  public init(_ tensor: HostTensor, mean: [Float], std: [Float]) throws(DataError) {
    let shape = tensor.shape
    guard shape.rank == 3, shape[0] == 1 || shape[0] == 3, shape.count > 0 else {
      throw DataError(
        .invalidRequest, "expected an image [C, H, W] of 1 or 3 channels, found \(shape)")
    }
    let values = tensor.scalars(as: Float.self)
    let (channels, plane) = (shape[0], shape[1] * shape[2])
    var pixels = [UInt8](repeating: 0, count: values.count)
    for (index, value) in values.enumerated() {
      let channel = index / plane
      let scale = std.indices.contains(channel) ? std[channel] : 1
      let shift = mean.indices.contains(channel) ? mean[channel] : 0
      let byte = ((value * scale + shift) * 255).rounded()
      pixels[index % plane * channels + channel] = byte.isFinite ? UInt8(min(max(byte, 0), 255)) : 0
    }
    try self.init(width: shape[2], height: shape[1], channels: channels, pixels: pixels)
  }
}

extension Dataset {
  /// A sample as an image, with its label.
  ///
  /// - Parameters:
  ///   - mean: the mean that was subtracted from each channel.
  ///   - std: the deviation that each channel was divided by.
  /// - Throws: what reading throws, or `DataError` where the samples are no images.
  public func image(
    at index: Int, mean: [Float], std: [Float]
  ) throws -> (image: Image, label: Int) {
    let sample = try labelled(index)
    return (try Image(sample.input, mean: mean, std: std), sample.label)
  }

  /// The name of a class; its number where the classes have no names.
  public func className(_ label: Int) -> String {
    classNames.indices.contains(label) ? classNames[label] : "\(label)"
  }

  /// Whether samples are images of 1 or 3 channels.
  public var hasImages: Bool {
    inputShape.rank == 3 && (inputShape[0] == 1 || inputShape[0] == 3) && inputShape.count > 0
  }
}
