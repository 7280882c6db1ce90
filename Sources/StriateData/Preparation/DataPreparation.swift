import StriateCore

/// What a user decides about the way from images to samples; what is left open follows from data and model.
public struct DataPreparation: Sendable, Hashable {
  /// Where the mean and the deviation of normalised images come from.
  public enum Normalization: Sendable, Hashable {
    /// The numbers themselves, one a channel or one for all.
    case given(mean: [Float], std: [Float])
    /// Measured on the training images.
    case measured
  }

  /// The shape of one sample, `[C, H, W]`.
  public var input: Shape?
  /// Pixels of the shorter side before the middle is cut out; 0 resizes to exactly the input's extent.
  public var resizeSize: Int?
  /// How resized images get their values.
  public var interpolation: Interpolation?
  /// Which side is resampled first; nil for the width.
  public var resizeOrder: ResizeOrder?
  /// How values are normalised.
  public var normalization: Normalization?
  /// The share of the training samples that is held out to measure on.
  public var validation: Double?
  /// What is done with files that cannot be read; nil refuses the data.
  public var badFiles: BadFiles?

  /// Everything left open.
  public init() {}

  /// Whether something is asked for that only images as images can give.
  var needsImages: Bool {
    input != nil || resizeSize != nil || interpolation != nil || normalization != nil
      || resizeOrder != nil
  }

  /// Does nothing where every number makes sense.
  ///
  /// - Throws: `DataError` naming the first that does not.
  public func validate() throws(DataError) {
    if let validation, !(validation > 0 && validation < 1) {
      throw DataError(
        .invalidRequest, "the share held out must be between 0 and 1, found \(validation)")
    }
    if let resizeSize, !(0...65536).contains(resizeSize) {
      throw DataError(.invalidRequest, "images cannot be resized to \(resizeSize) pixels")
    }
    if let input, input.rank != 3 || !(1...DeepImage.channelLimit).contains(input[0]) {
      throw DataError(
        .invalidRequest,
        "samples of images have a shape [channels, height, width], found \(input)")
    }
  }

  /// The preparation that these choices come to.
  ///
  /// - Parameters:
  ///   - shape: what data or model want where no input is asked for.
  ///   - isFixed: whether the images have one size, so that there is no border to cut off.
  ///   - usual: the normalisation where none is asked for.
  func preprocessing(
    _ shape: Shape, isFixed: Bool, mean: [Float], std: [Float]
  ) throws(DataError) -> Preprocessing {
    let input = input ?? shape
    let side = input.rank == 3 ? min(input[1], input[2]) : 0
    // Photographs are resized to 8/7 of the middle that is cut out, as since AlexNet; small ones are not.
    let usualResize: Int? =
      input.rank == 3 && input[1] == input[2]
      ? (isFixed || side < 128 ? side : Int((Double(side) / 0.875).rounded())) : nil
    let resize = resizeSize.map { $0 == 0 ? nil : $0 } ?? usualResize
    let channels = input.rank > 0 ? input[0] : 0
    func each(_ values: [Float]) -> [Float] {
      values.count == 1 ? [Float](repeating: values[0], count: max(channels, 0)) : values
    }
    return try Preprocessing(
      input: input, resizeSize: resize, interpolation: interpolation ?? .bilinear,
      resizeOrder: resizeOrder ?? .widthFirst, mean: each(mean), std: each(std))
  }

  /// The same choices with what was left open as it came out, so that a resumed run does the same.
  public func resolved(_ preprocessing: Preprocessing) -> DataPreparation {
    var choices = self
    choices.input = preprocessing.input
    choices.resizeSize = preprocessing.resizeSize ?? 0
    choices.interpolation = preprocessing.interpolation
    choices.resizeOrder =
      preprocessing.resizeOrder == .widthFirst ? resizeOrder : preprocessing.resizeOrder
    choices.normalization = .given(mean: preprocessing.mean, std: preprocessing.std)
    return choices
  }
}
