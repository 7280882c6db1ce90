import StriateCore
import StriateData

/// Filters that whiten patches of images: what comes out is uncorrelated and of equal variance.
///
/// Of the covariance `C = V·diag(λ)·Vᵀ` of `k×k` patches, the filters are the rows of `(λ + ε)^(−1/2)·Vᵀ`, greatest
/// variance first, and after them their negatives, so that a rectifier loses nothing: Page, "How to train your ResNet 8:
/// Bag of tricks", 2019; Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, section 3.2.
public enum PatchWhitening {
  /// Samples whose patches are measured at most.
  static let limit = 5000
  /// What is added to the variances: less of a patch's variance than this is noise.
  public static let epsilon = 5e-4

  /// The filters `[O, C, kh, kw]` of a convolution, with as many of them as its shape says.
  ///
  /// - Parameters:
  ///   - shape: the convolution's weights; at most twice as many filters as a filter has elements.
  ///   - data: samples `[C, H, W]`, of which 5000 are read, evenly spread: a folder's first ones are of one class.
  /// - Throws: `TrainingError` where shapes do not fit, `DataError` where a sample cannot be read.
  public static func filters(_ shape: Shape, of data: any Dataset) throws -> HostTensor {
    let input = data.inputShape
    guard shape.rank == 4, input.rank == 3, shape[1] == input[0], shape[2] <= input[1],
      shape[3] <= input[2], shape[0] <= 2 * shape[1] * shape[2] * shape[3], data.count > 0
    else {
      throw TrainingError(
        .invalidSetting,
        "patches of samples \(input) are not whitened by filters \(shape): expected filters [O, C, kh, kw] of "
          + "as many channels as the samples have, no larger than they are, and at most 2·C·kh·kw of them"
      )
    }
    let (values, vectors) = try SymmetricEigen.of(covariance(shape, data))
    let width = values.count
    var filters = [Float](repeating: 0, count: shape[0] * width)
    for row in 0..<shape[0] {
      let (place, sign) = (row % width, row < width ? 1.0 : -1.0)
      let scale = sign / (max(values[place], 0) + epsilon).squareRoot()
      for column in 0..<width {
        filters[row * width + column] = Float(scale * vectors[place][column])
      }
    }
    return try HostTensor(filters, shape: shape)
  }

  /// The mean product of any two elements of a patch; no mean is subtracted, as in both papers.
  private static func covariance(_ shape: Shape, _ data: any Dataset) throws -> [[Double]] {
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    let (rows, columns) = (data.inputShape[1], data.inputShape[2])
    let size = channels * height * width
    var sums = [Double](repeating: 0, count: size * size)
    var patch = [Double](repeating: 0, count: size)
    let count = min(data.count, limit)
    for turn in 0..<count {
      let index = turn * data.count / count
      let sample = try data.labelled(index).input.scalars(as: Float.self)
      for row in 0...(rows - height) {
        for column in 0...(columns - width) {
          var place = 0
          for channel in 0..<channels {
            for y in 0..<height {
              let start = (channel * rows + row + y) * columns + column
              for x in 0..<width {
                patch[place] = Double(sample[start + x])
                place += 1
              }
            }
          }
          for a in 0..<size {
            for b in 0...a { sums[a * size + b] += patch[a] * patch[b] }
          }
        }
      }
    }
    let patches = Double(count * (rows - height + 1) * (columns - width + 1))
    return (0..<size).map { a in
      (0..<size).map { b in sums[max(a, b) * size + min(a, b)] / patches }
    }
  }
}
