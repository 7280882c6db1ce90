/// Trained weights that others publish for a network of the catalogue, and how images are prepared for them.
///
/// What torchvision 0.15 to 0.20 say about their files. The eight or ten digits before a file's `.pth` begin the
/// SHA-256 of its bytes, so that a name tells what a file must be.
public struct PublishedWeights: Sendable, Hashable {
  /// torchvision's recipes, as its enumerations name them.
  public enum Tag: String, Sendable, Hashable, CaseIterable {
    /// Those that resemble the papers.
    case v1 = "IMAGENET1K_V1"
    /// torchvision's later recipe.
    case v2 = "IMAGENET1K_V2"
    /// Trained on hashtags, then on ImageNet: Singh et al., 2022.
    case swag = "IMAGENET1K_SWAG_E2E_V1"
    /// The same with only the classifier trained on ImageNet.
    case swagLinear = "IMAGENET1K_SWAG_LINEAR_V1"
  }

  /// How a resized image gets its values.
  public enum Sampling: String, Sendable, Hashable {
    /// A triangle over the pixels.
    case bilinear
    /// Cubics over the pixels.
    case bicubic
  }

  /// What images are normalised by.
  public enum Normalization: Sendable, Hashable {
    /// ImageNet's mean and deviation.
    case imageNet
    /// A half and a half: from −1 to 1. torchvision hands GoogLeNet and Inception v3 images normalised by
    /// ImageNet's numbers and turns them into these (`transform_input`).
    case half

    /// The mean of each channel.
    public var mean: [Float] {
      self == .half ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406]
    }
    /// The deviation of each channel.
    public var std: [Float] { self == .half ? [0.5, 0.5, 0.5] : [0.229, 0.224, 0.225] }
  }

  /// The catalogue's id of the network.
  public let model: String
  /// The recipe.
  public let tag: Tag
  /// The file's name.
  public let file: String
  /// Pixels that an image's shorter side is resized to.
  public let resize: Int
  /// Pixels of the square that is cut out of the middle.
  public let crop: Int
  /// The published top-1 accuracy on ILSVRC's validation images, in percent.
  public let accuracy: Double
  /// How a resized image gets its values.
  public let sampling: Sampling
  /// What images are normalised by.
  public let normalization: Normalization

  init(
    _ model: String, _ tag: Tag, _ file: String, _ resize: Int, _ crop: Int, _ accuracy: Double,
    _ sampling: Sampling = .bilinear, _ normalization: Normalization = .imageNet
  ) {
    (self.model, self.tag, self.file) = (model, tag, file)
    (self.resize, self.crop, self.accuracy) = (resize, crop, accuracy)
    (self.sampling, self.normalization) = (sampling, normalization)
  }

  /// Where the file is.
  public var address: String { "https://download.pytorch.org/models/\(file)" }

  /// The digits that the SHA-256 of the file begins with.
  public var checksum: String {
    let stem = file.split(separator: ".").dropLast().joined(separator: ".")
    return stem.split(separator: "-").last.map(String.init) ?? ""
  }

  /// What is published for a network, torchvision's default, which is the latest recipe, first.
  public static func of(_ model: String) -> [PublishedWeights] {
    let order: [Tag] = [.v2, .v1, .swag, .swagLinear]
    return order.flatMap { tag in torchvision.filter { $0.model == model && $0.tag == tag } }
  }

  /// The published file of a name, wherever it lies.
  public static func named(_ path: String) -> PublishedWeights? {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return torchvision.first { $0.file == name }
  }

  /// Finds a network's weights of a recipe.
  ///
  /// - Parameter tag: such as `IMAGENET1K_V1`; nil for torchvision's default.
  /// - Throws: `ModelError` naming what there is.
  public static func find(_ model: String, tag: String? = nil) throws(ModelError)
    -> PublishedWeights
  {
    _ = try Catalog.find(model)
    let all = of(model)
    guard let first = all.first else {
      throw ModelError(
        .unknown,
        "nobody publishes weights for '\(model)' that are known here; there are some for "
          + "\(Set(torchvision.map(\.model)).count) networks of torchvision: see striate weights list"
      )
    }
    guard let tag else { return first }
    guard let found = all.first(where: { $0.tag.rawValue == tag.uppercased() }) else {
      throw ModelError(
        .unknown,
        "'\(model)' has no weights '\(tag)'; there are \(all.map(\.tag.rawValue).joined(separator: ", "))"
      )
    }
    return found
  }
}
