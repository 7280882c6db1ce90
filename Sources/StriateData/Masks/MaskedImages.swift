import StriateCore

/// Images in files with a mask each: what segmentation learns from.
public struct MaskedImages: Sendable {
  /// An image with the file that says what its pixels are.
  public struct Pair: Sendable, Hashable {
    /// The image's file.
    public var image: String
    /// The mask's file.
    public var mask: String
  }

  /// The data's folder.
  public let folder: String
  /// The pairs in the order of their names.
  public let pairs: [Pair]
  /// How class numbers stand in the masks.
  public let coding: MaskCoding
  /// The names of the classes in the order of their labels; their numbers where nothing names them.
  public let classNames: [String]
  /// The label of pixels that do not count.
  public let ignoring: Int
  /// The colours of the classes.
  public let palette: [RGB]
  /// What could not be used and was left out.
  public let badFiles: [BadFile]
  /// Whether an image is of 16 bits or a TIFF file, so that bytes of one or three channels do not hold all of it.
  public let isDeep: Bool

  /// The label of pixels that do not count where nothing else is said: VOC's.
  public static let usualIgnored = 255

  /// The number of pairs.
  public var count: Int { pairs.count }

  /// The mask of a pair.
  ///
  /// - Throws: `DataError` naming the file that cannot be read or does not fit.
  public func mask(_ index: Int) throws(DataError) -> Mask {
    guard pairs.indices.contains(index) else { throw .noSample(index, count) }
    return try Mask(file: pairs[index].mask, coding: coding)
  }

  /// Looks at every mask before anything is learned.
  ///
  /// - Parameters:
  ///   - classes: how many there are; nil for as many as the masks name.
  ///   - policy: what is done with pairs that cannot be used.
  /// - Throws: `DataError` that names and counts the pairs that cannot be used, where they are not to be left out.
  init(
    _ pairs: [Pair], coding: MaskCoding, names: [String]?, palette: [RGB], path: String,
    ignoring: Int = Self.usualIgnored, missing: [BadFile] = [], badFiles policy: BadFiles
  ) throws(DataError) {
    struct Seen: Sendable {
      var greatest: Int32 = -1
      var isDeep = false
      var fault: String?
    }
    let known = names?.count
    let seen = Parallel.Guarded([Seen](repeating: Seen(), count: pairs.count))
    Parallel.forEach(pairs.count, threads: Folder.processors, piece: 4) { range in
      for index in range {
        let found: Seen
        do throws(DataError) {
          let mask = try Mask(file: pairs[index].mask, coding: coding)
          let (size, isDeep) = try Image.size(ofFile: pairs[index].image)
          try mask.check(width: size.width, height: size.height)
          try mask.check(classes: known ?? Self.usualIgnored, ignoring: ignoring)
          let labels = mask.counts.map(\.label).filter { Int($0) != ignoring }
          found = Seen(greatest: labels.max() ?? -1, isDeep: isDeep)
        } catch {
          found = Seen(fault: error.message)
        }
        seen.update { $0[index] = found }
      }
    }
    let all = seen.value
    let bad =
      missing
      + zip(pairs, all).compactMap { pair, seen in
        seen.fault.map { BadFile(name: pair.mask, reason: $0) }
      }
    let kept = zip(pairs, all).filter { $1.fault == nil }.map(\.0)
    if policy == .fail || kept.isEmpty, !bad.isEmpty {
      throw ImageProbe.refusal(
        bad, of: pairs.count + missing.count, "pair", "cannot be used", path: path)
    }
    self.pairs = kept
    folder = path
    isDeep = all.contains { $0.isDeep }
    self.coding = coding
    self.palette = palette
    self.ignoring = ignoring
    badFiles = bad
    let classes = known ?? Int((all.map(\.greatest).max() ?? -1) + 1)
    classNames = names ?? (0..<classes).map { "\($0)" }
  }
}

extension Image {
  /// The extent of an image's file as it is decoded, by its header where that tells, and whether bytes do not hold all of
  /// it.
  ///
  /// - Throws: `DataError` where it cannot be read.
  static func size(
    ofFile path: String
  ) throws(DataError) -> (size: ImageSize, isDeep: Bool) {
    let file: InputFile
    do throws(SystemFailure) { file = try InputFile(path) } catch {
      throw DataError(.notFound, "cannot be read: \(error.reason)", path: path)
    }
    let head = try DataError.imageBytes(of: file, at: 0, count: min(file.count, 64))
    if ImageFormat.detect(head) == .png, let size = ImageProbe.size(head) {
      return (ImageSize(width: size.width, height: size.height), DeepImage.isDeep(head))
    }
    if ImageFormat.detect(head) == .tiff {
      let bytes = try DataError.imageContents(of: path)
      do throws(DataError) { return (try TIFFImage(bytes).size, true) } catch {
        throw error.at(path: path)
      }
    }
    return (try Image(file: path).size, false)
  }
}
