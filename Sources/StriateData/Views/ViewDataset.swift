import StriateCore

/// Samples that are the views of an image one after the other, all as one row of values.
public struct ViewDataset: LabelledDataset {
  /// How the views follow each other.
  public let layout: ViewLayout
  /// The names of the classes in the order of their labels.
  public let classNames: [String]
  private let source: Source
  private let indices: [Int]

  /// Where views come from.
  private enum Source: Sendable {
    case images(any ImageDataset, Preprocessing, ImageViews)
    /// Samples `[C, H, W]` and their mirror images.
    case samples(any Dataset)
  }

  /// The samples of a data set seen in these views: one part for each layout that there is.
  ///
  /// Only views of whole images have several, where images have different extents.
  ///
  /// - Parameter badFiles: what is done with an image that has no such views by its extent.
  /// - Throws: `DataError` where the samples do not allow such views, or an image cannot be read.
  public static func parts(
    of data: any Dataset, _ views: ImageViews, badFiles: BadFiles = .fail
  ) throws -> (parts: [ViewDataset], left: [BadFile]) {
    guard let (prepared, all) = data.prepared else {
      guard views == .flip, data.inputShape.rank == 3, data.isLabelled else {
        throw DataError(
          .invalidRequest,
          "samples \(data.inputShape) that come as arrays have no views '\(views)'; give --input to have them "
            + "read as images" + (data.inputShape.rank == 3 ? ", or take flip" : ""))
      }
      let group = ViewLayout.Group(count: 2, shape: data.inputShape)
      let part = ViewDataset(
        layout: ViewLayout(groups: [group], isDense: false), classNames: data.classNames,
        source: .samples(data), indices: Array(0..<data.count))
      return ([part], [])
    }
    let (images, preprocessing) = (prepared.images, prepared.preprocessing)
    try views.check(preprocessing)
    let (indices, left) =
      views.goesByExtents
      ? try images.fitting(all, badFiles: badFiles) { views.refusal(of: $0, preprocessing) }
      : (all, [])
    var parts: [ViewLayout: [Int]] = [:]
    if views.isDense {
      for index in indices {
        parts[views.layout(of: try images.size(at: index), preprocessing), default: []].append(
          index)
      }
    } else {
      parts[views.layout(of: preprocessing.size, preprocessing)] = indices
    }
    let made = parts.sorted { ($1.value.count, $0.value[0]) < ($0.value.count, $1.value[0]) }.map {
      ViewDataset(
        layout: $0.key, classNames: data.classNames,
        source: .images(images, preprocessing, views), indices: $0.value)
    }
    return (made, left)
  }

  /// The number of samples.
  public var count: Int { indices.count }
  /// All values of a sample's views.
  public var inputShape: Shape { [layout.size] }

  /// Writes the views of a sample and returns its label.
  ///
  /// - Throws: `DataError` where there is no such sample, or its image cannot be read.
  public func read(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) throws -> Int32 {
    guard indices.indices.contains(index) else { throw DataError.noSample(index, count) }
    guard input.count == layout.size else {
      throw DataError(
        .invalidRequest, "expected room for \(layout.size) values, found \(input.count)")
    }
    switch source {
    case .images(let images, let preprocessing, let views):
      var place = 0
      let image = try images.image(at: indices[index])
      let groups = try images.preparing(indices[index]) { () throws(DataError) in
        try views.images(of: image, preprocessing)
      }
      for group in groups {
        for view in group {
          let count = view.channels * view.width * view.height
          try preprocessing.writePlanes(
            of: view, into: UnsafeMutableBufferPointer(rebasing: input[place..<(place + count)]))
          place += count
        }
      }
      return try images.label(at: indices[index])
    case .samples(let data):
      let count = data.inputShape.count
      var label: Int32 = 0
      try withUnsafeMutableBytes(of: &label) { label in
        let own = UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: input[..<count]))
        try data.read(indices[index], draw: nil, into: ExampleBuffers([own, label]))
      }
      let width = data.inputShape[2]
      for place in 0..<count {
        let column = place % width
        input[count + place] = input[place - column + width - 1 - column]
      }
      return label
    }
  }
}

extension Dataset {
  /// The prepared images that samples are made of, and which of them; nil where they are arrays.
  fileprivate var prepared: (TransformedDataset, indices: [Int])? {
    switch self {
    case let data as TransformedDataset: (data, Array(0..<data.count))
    case let data as Subset:
      data.base.prepared.map { base, indices in (base, data.indices.map { indices[$0] }) }
    default: nil
    }
  }
}
