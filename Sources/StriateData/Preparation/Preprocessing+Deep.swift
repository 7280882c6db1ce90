import StriateCore

extension Preprocessing {
  /// The image with the input's channels, at its extent; values keep their precision.
  ///
  /// - Throws: `DataError` where its channels do not become the input's, or it would be too large.
  public func fit(_ image: DeepImage) throws(DataError) -> DeepImage {
    let image = try image.with(channels: input[0])
    guard let resizeSize else { return try image.resized(size, interpolation) }
    let resized = try image.resized(image.size.shorterSide(resizeSize), interpolation)
    var map = try PixelMap(resized.size)
    map.image = try map.image.centerCropped(to: size)
    return try resized.gathered(map)
  }

  /// Writes an image of the input's channels as normalised planes: whole numbers by their greatest value, so that 1 is
  /// white, floating-point ones as they are, `(value − mean) / std`; zeros where nothing is.
  ///
  /// - Parameter map: which of its pixels stand where; nil for all in their places.
  /// - Throws: `DataError` where extents or channels do not fit.
  func write(
    _ image: DeepImage, through map: PixelMap? = nil, blanks: [ImageRect] = [],
    into input: UnsafeMutableBufferPointer<Float>
  ) throws(DataError) {
    guard (map?.image.size ?? image.size) == size, image.channels == self.input[0],
      input.count == self.input.count
    else {
      throw DataError(
        .invalidRequest,
        "an image of \(image.size) with \(image.channels) channels for \(self.input), and room for "
          + "\(input.count) values")
    }
    let plane = size.width * size.height
    let places = map?.places
    for place in 0..<plane {
      let from = places.map { $0[place] } ?? place
      for channel in 0..<image.channels {
        input[channel * plane + place] =
          from < 0
          ? 0
          : (image.values[from * image.channels + channel] / image.scale - mean[channel])
            / std[channel]
      }
    }
    clear(blanks, in: input)
  }

  /// The prepared image as f32 of the input's shape.
  ///
  /// - Throws: `DataError` where it does not fit.
  public func tensor(_ image: DeepImage) throws -> HostTensor {
    let fitted = try fit(image)
    return try HostTensor(type: TensorType(.float32, input)) { bytes in
      try write(fitted, into: bytes.bindMemory(to: Float.self))
    }
  }
}

extension DeepImage {
  /// The pixels that a map names in its order; zeros for none.
  func gathered(_ map: PixelMap) throws(DataError) -> DeepImage {
    var result = [Float](
      repeating: 0, count: map.image.width * map.image.height * channels)
    for (place, from) in map.places.enumerated() where from >= 0 {
      for channel in 0..<channels {
        result[place * channels + channel] = values[from * channels + channel]
      }
    }
    return try DeepImage(
      width: map.image.width, height: map.image.height, channels: channels, values: result,
      scale: scale, hasAlpha: hasAlpha)
  }
}

extension ChannelStatistics {
  /// Mean and deviation of each channel of images in files of any depth, whole numbers by their greatest value; a deviation
  /// of nothing is 1.
  ///
  /// - Parameters:
  ///   - files: the training images, of which so many are measured, evenly spread.
  ///   - channels: those that the network takes.
  /// - Throws: `DataError` naming the file that cannot be read or has other channels.
  static func measured(
    _ files: [String], channels: Int, at most: Int = 200
  ) throws(DataError) -> (mean: [Float], std: [Float]) {
    var sums = [Double](repeating: 0, count: channels)
    var squares = sums
    var count = 0.0
    let step = max((files.count + most - 1) / most, 1)
    for place in stride(from: 0, to: files.count, by: step) {
      let image: DeepImage
      do throws(DataError) {
        image = try DeepImage(file: files[place]).with(channels: channels)
      } catch {
        throw error.at(path: files[place])
      }
      count += Double(image.width * image.height)
      for start in stride(from: 0, to: image.values.count, by: channels) {
        for channel in 0..<channels {
          let value = Double(image.values[start + channel] / image.scale)
          sums[channel] += value
          squares[channel] += value * value
        }
      }
    }
    let mean = sums.map { $0 / max(count, 1) }
    let std = zip(squares, mean).map { (max($0 / max(count, 1) - $1 * $1, 0)).squareRoot() }
    return (mean.map { Float($0) }, std.map { $0 > 0 ? Float($0) : 1 })
  }
}
