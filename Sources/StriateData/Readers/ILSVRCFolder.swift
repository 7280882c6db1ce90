import StriateCore

/// Images in a folder a synset, under the classes' names.
struct ILSVRCImages: ImageDataset {
  private let base: ImageFolder
  var classNames: [String] { ILSVRC.names }
  let warnings: [String]

  /// - Throws: `DataError` as `ImageFolder` does, and where a folder is named after none of the synsets.
  init(_ path: String, badFiles: BadFiles) throws(DataError) {
    for name in try Folder(path).folders where ILSVRC.name(ofSynset: name) == nil {
      let hint = NearMiss.hint(for: name, among: ILSVRC.synsets)
      throw DataError(
        .malformed, "the folder \(name) is named after none of ILSVRC's 1000 synsets; \(hint)",
        path: path)
    }
    base = try ImageFolder(path, classNames: ILSVRC.synsets, badFiles: badFiles)
    warnings = base.warnings
  }

  var count: Int { base.count }
  var badFiles: [BadFile] { base.badFiles }
  func image(at index: Int, minimum: Int?) throws -> Image {
    try base.image(at: index, minimum: minimum)
  }
  func label(at index: Int) throws -> Int32 { try base.label(at: index) }
  func size(at index: Int) throws -> ImageSize { try base.size(at: index) }
  func name(at index: Int) -> String { base.name(at: index) }
}

extension ILSVRC {
  /// Reads ILSVRC's folder: `train/SYNSET/IMAGE`, and `val/` either as published or in synsets too.
  ///
  /// Of published validation images the labels stand in the development kit, unpacked into the folder. Without
  /// `train/` the validation images are the one split.
  ///
  /// - Throws: `DataError` where there is neither split, the labels are missing, or files are damaged.
  static func splits(
    _ path: String, badFiles: BadFiles
  ) throws(DataError) -> DataSource.ImageSplits {
    let folders = try Folder(path).folders
    let hasTraining = folders.contains("train")
    guard folders.contains("val") || hasTraining else {
      throw DataError(
        .notFound,
        "has neither train/ nor val/; expected train/SYNSET/IMAGE, and val/ILSVRC2012_val_00000001.JPEG with "
          + "the development kit beside it, or val/SYNSET/IMAGE", path: path)
    }
    let validation =
      folders.contains("val") ? try Self.validation(path, badFiles: badFiles) : nil
    if hasTraining {
      return DataSource.ImageSplits(
        train: try ILSVRCImages("\(path)/train", badFiles: badFiles), test: validation)
    }
    guard let validation else { throw DataError(.notFound, "has no images", path: path) }
    return DataSource.ImageSplits(train: validation)
  }

  private static func validation(
    _ path: String, badFiles: BadFiles
  ) throws(DataError) -> any ImageDataset {
    let folder = "\(path)/val"
    let inside = try Folder(folder)
    guard inside.files.contains(where: { ILSVRCValidation.number($0) != nil }) else {
      return try ILSVRCImages(folder, badFiles: badFiles)
    }
    let places = ILSVRCValidation.labelsPlaces.map { "\(path)/\($0)" }
    guard let labels = places.first(where: InputFile.exists) else {
      throw DataError(
        .notFound,
        "has validation images and no labels for them; unpack ILSVRC2012_devkit_t12.tar.gz here, so that there "
          + "is \(ILSVRCValidation.labelsPlaces[2])", path: path)
    }
    return try ILSVRCValidation(folder, labels: labels, badFiles: badFiles)
  }
}
