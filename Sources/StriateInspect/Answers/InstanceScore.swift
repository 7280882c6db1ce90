import StriateCore
import StriateData
import StriateNN

/// How well the objects of images are found: the connected parts of what was answered to be one, against numbers of objects
/// in masks, at the extent of each image.
public struct InstanceScore: Sendable {
  /// The average precision over thresholds of overlap.
  public let precision: InstancePrecision

  /// Which pixels make one object.
  public static let connectivity = Components.Connectivity.four

  /// Answers images and counts their objects.
  ///
  /// - Parameters:
  ///   - selection: images with numbers of objects; 0 is none.
  ///   - segmenter: answers class 1 where an object is.
  /// - Throws: `DataError` naming the file that cannot be read, or the device's error.
  public init(_ selection: MaskedSelection, by segmenter: Segmenter) throws {
    var precision = InstancePrecision()
    for pair in selection.pairs {
      let truth = try Mask(file: pair.mask)
      let answer = try segmenter.answer(file: pair.image).mask
      try truth.check(width: answer.width, height: answer.height)
      let parts = Components(
        of: answer.labels.map { $0 == 1 }, width: answer.width, connectivity: Self.connectivity)
      try precision.add(truth: truth.labels, answers: parts.labels)
    }
    self.precision = precision
  }
}
