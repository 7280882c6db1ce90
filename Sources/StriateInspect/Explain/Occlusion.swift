import StriateCore
import StriateIR
import StriateRuntime

extension Explainer {
  /// By how much the probability of a class falls where a square of the image is hidden.
  ///
  /// Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 4.2. The square is
  /// filled with zeros: the mean of normalised images.
  ///
  /// - Parameters:
  ///   - size: pixels along the square's sides; an eighth of the image's shorter side or more by default.
  ///   - step: pixels between squares; half the square's by default.
  /// - Throws: `InspectError` where something does not fit, or the device's error.
  public func occlusion(
    _ image: HostTensor, label: Int? = nil, size: Int? = nil, step: Int? = nil
  ) throws -> HeatMap {
    guard image.shape == input, input.rank == 3 else {
      throw InspectError(.mismatch, "the model takes \(input), found an image \(image.shape)")
    }
    let label = try self.label(label, image)
    let (channels, height, width) = (input[0], input[1], input[2])
    let side = size ?? max(min(height, width) / 8, 1)
    let stride = step ?? max(side / 2, 1)
    guard side >= 1, side <= min(height, width), stride >= 1 else {
      throw InspectError(
        .usage,
        "the square must have from 1 to \(min(height, width)) pixels a side and a step of at least 1, "
          + "found \(side) and \(stride)")
    }
    func starts(_ extent: Int) -> [Int] {
      Array(Swift.stride(from: 0, through: extent - side, by: stride))
    }
    let (rows, columns) = (starts(height), starts(width))
    let pixels = image.scalars(as: Float.self)
    let classifier = try Classifier(model, state: state, input: input, on: device)
    let whole = try classifier.probabilities([image])[0][label]
    var drops: [Float] = []
    for row in rows {
      let hidden = try columns.map { column -> HostTensor in
        var copy = pixels
        for channel in 0..<channels {
          for y in row..<(row + side) {
            let line = (channel * height + y) * width
            for x in column..<(column + side) { copy[line + x] = 0 }
          }
        }
        return try HostTensor(copy, shape: input)
      }
      drops += try classifier.probabilities(hidden).map { Float(whole - $0[label]) }
    }
    return HeatMap(height: rows.count, width: columns.count, values: drops)
  }
}
