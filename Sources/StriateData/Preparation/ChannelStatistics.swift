import StriateCore

/// Mean and deviation of images' channels.
package enum ChannelStatistics {
  /// Images that are measured at most, evenly spread over the data.
  static let limit = 2000

  /// ImageNet's, in general use for photographs; for grey ones their means.
  package static func photographs(channels: Int) -> (mean: [Float], std: [Float]) {
    channels == 1
      ? ([0.449], [0.226]) : ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
  }

  /// Those of prepared images on the scale from 0 to 1, rounded to four digits; a deviation of nothing is 1.
  ///
  /// - Throws: `DataError` where an image cannot be read.
  static func measured(
    _ images: any ImageDataset, _ samples: [Int], _ preprocessing: Preprocessing
  ) throws -> (mean: [Float], std: [Float]) {
    let channels = preprocessing.input[0]
    var counts = [Int](repeating: 0, count: 256 * channels)
    let step = max((samples.count + limit - 1) / limit, 1)
    for place in stride(from: 0, to: samples.count, by: step) {
      let image = try preprocessing.fit(images.image(at: samples[place]))
      for (value, count) in image.histogram().enumerated() { counts[value] += count }
    }
    var result: (mean: [Float], std: [Float]) = ([], [])
    for channel in 0..<channels {
      let own = counts[(256 * channel)..<(256 * (channel + 1))].map(Double.init)
      let total = max(own.reduce(0, +), 1)
      let mean = own.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } / total
      let variance =
        own.enumerated().reduce(0.0) { sum, entry in
          sum + (Double(entry.offset) - mean) * (Double(entry.offset) - mean) * entry.element
        } / total
      let std = (variance.squareRoot() / 255 * 1e4).rounded() / 1e4
      result.mean.append(Float((mean / 255 * 1e4).rounded() / 1e4))
      result.std.append(std > 0 ? Float(std) : 1)
    }
    return result
  }
}
