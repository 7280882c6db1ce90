import StriateCore

extension ImageViews {
  /// The views of an image, one list for each group of the layout.
  ///
  /// - Throws: `DataError` where an extent would be too large.
  func images(
    of image: Image, _ preprocessing: Preprocessing
  ) throws(DataError) -> [[Image]] {
    let size = preprocessing.size
    switch self {
    case .center: return [[try preprocessing.fit(image)]]
    case .flip:
      let middle = try preprocessing.fit(image)
      return [[middle, middle.flipped()]]
    case .tenCrop:
      let image = preprocessing.colored(image)
      let whole = try image.resized(
        image.size.shorterSide(preprocessing.resizeSize ?? size.width), preprocessing.interpolation,
        order: preprocessing.resizeOrder)
      return [try whole.tenCrop(size)]
    case .crops144:
      let image = preprocessing.colored(image)
      var groups: [[Image]] = []
      for side in Self.scales(of: size) {
        var views: [Image] = []
        for square in try image.resized(
          image.size.shorterSide(side), preprocessing.interpolation,
          order: preprocessing.resizeOrder
        )
        .squares() {
          views += try square.fiveCrop(size)
          views.append(
            try square.resized(
              size, preprocessing.interpolation,
              order: preprocessing.resizeOrder))
        }
        groups.append(views + views.map { $0.flipped() })
      }
      return groups
    case .dense:
      let image = preprocessing.colored(image)
      var groups: [[Image]] = []
      for extent in extents(of: image.size, preprocessing) {
        let whole = try image.resized(
          extent, preprocessing.interpolation,
          order: preprocessing.resizeOrder)
        groups.append([whole, whole.flipped()])
      }
      return groups
    }
  }

  /// How the views of an image of an extent follow each other.
  func layout(of size: ImageSize, _ preprocessing: Preprocessing) -> ViewLayout {
    let input = preprocessing.input
    func groups(_ counts: [Int]) -> [ViewLayout.Group] {
      counts.map { ViewLayout.Group(count: $0, shape: input) }
    }
    switch self {
    case .center: return ViewLayout(groups: groups([1]), isDense: false)
    case .flip: return ViewLayout(groups: groups([2]), isDense: false)
    case .tenCrop: return ViewLayout(groups: groups([10]), isDense: false)
    case .crops144: return ViewLayout(groups: groups([36, 36, 36, 36]), isDense: false)
    case .dense:
      let groups = extents(of: size, preprocessing).map {
        ViewLayout.Group(count: 2, shape: [input[0], $0.height, $0.width])
      }
      return ViewLayout(groups: groups, isDense: true)
    }
  }

  /// Does nothing where the preparation leaves room for the views.
  ///
  /// - Throws: `DataError` where it does not.
  func check(_ preprocessing: Preprocessing) throws(DataError) {
    let size = preprocessing.size
    switch self {
    case .center, .flip, .dense: return
    case .tenCrop:
      guard let side = preprocessing.resizeSize, side >= max(size.width, size.height),
        side > min(size.width, size.height)
      else {
        throw DataError(
          .invalidRequest,
          "ten crops of \(size) need images whose shorter side is longer than that, found "
            + "\(preprocessing.resizeSize.map(String.init) ?? "images resized to fit"); give "
            + "--val-resize-size, such as \(Self.scales(of: size)[0])")
      }
    case .crops144:
      guard size.width == size.height else {
        throw DataError(
          .invalidRequest, "144 crops are of squares, but the network takes \(size)")
      }
    }
  }

  /// The published 256, 288, 320 and 352 for an input of 224, and the same shares for others.
  static func scales(of size: ImageSize) -> [Int] {
    [8, 9, 10, 11].map { (min(size.width, size.height) * $0 + 3) / 7 }
  }

  func extents(of size: ImageSize, _ preprocessing: Preprocessing) -> [ImageSize] {
    guard case .dense(let scales) = self else { return [] }
    let usual = preprocessing.resizeSize ?? min(preprocessing.size.width, preprocessing.size.height)
    return (scales.isEmpty ? [usual] : scales).map { size.shorterSide($0) }
  }
}

extension Image {
  /// The squares at both ends of the longer side and in its middle.
  fileprivate func squares() throws(DataError) -> [Image] {
    let side = min(width, height)
    let (across, along) = (width - side, height - side)
    var squares: [Image] = []
    for share in [0, 1, 2] {
      squares.append(
        try cropped(
          to: ImageRect(x: across * share / 2, y: along * share / 2, width: side, height: side)))
    }
    return squares
  }
}
