import StriateCore

/// Images under the labels that their classes have in another list of names.
public struct RelabeledImages: ImageDataset {
  private let base: any ImageDataset
  private let labels: [Int32]
  /// The names of the classes in the order of the new labels.
  public let classNames: [String]

  /// Images of which every class has its name in the list, or the synset of one of ILSVRC's.
  ///
  /// - Throws: `DataError` where one has not.
  public init(_ base: any ImageDataset, classNames: [String]) throws(DataError) {
    var labels: [Int32] = []
    // Classes without names are numbers, which are those of the list.
    let isNumbered =
      base.classNames == base.classNames.indices.map { "\($0)" } && !classNames.contains("0")
    if isNumbered {
      guard base.classNames.count <= classNames.count else {
        throw DataError(
          .invalidRequest,
          "the data have labels up to \(base.classNames.count - 1), the network tells \(classNames.count) classes apart"
        )
      }
      labels = base.classNames.indices.map { Int32(clamping: $0) }
    }
    for name in base.classNames where !isNumbered {
      let place =
        classNames.firstIndex(of: name)
        ?? ILSVRC.name(ofSynset: name).flatMap { classNames.firstIndex(of: $0) }
      guard let place else {
        let hint = NearMiss.hint(for: name, among: classNames)
        throw DataError(
          .invalidRequest,
          "the data have a class '\(name)' that the network was not trained for"
            + (hint.isEmpty ? "" : "; \(hint)")
            + "; where its classes are those of the data, in their order, --class-names data says so"
        )
      }
      labels.append(Int32(place))
    }
    self.base = base
    self.labels = labels
    self.classNames = classNames
  }

  /// The number of images.
  public var count: Int { base.count }
  /// What the user should know about the data.
  public var warnings: [String] { base.warnings }
  /// The files that were left out.
  public var badFiles: [BadFile] { base.badFiles }

  /// Decodes an image.
  ///
  /// - Throws: `DataError` where it cannot be read.
  public func image(at index: Int, minimum: Int?) throws -> Image {
    try base.image(at: index, minimum: minimum)
  }

  /// The class of an image in the other list.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func label(at index: Int) throws -> Int32 {
    let label = try base.label(at: index)
    guard labels.indices.contains(Int(label)) else {
      throw DataError(
        .malformed, "\(name(at: index)) has label \(label), outside the \(labels.count) classes")
    }
    return labels[Int(label)]
  }

  /// The extent of an image.
  ///
  /// - Throws: `DataError` where it cannot be read.
  public func size(at index: Int) throws -> ImageSize { try base.size(at: index) }

  /// What an image is called in messages.
  public func name(at index: Int) -> String { base.name(at: index) }
}
