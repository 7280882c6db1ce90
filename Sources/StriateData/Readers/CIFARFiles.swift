import StriateCore

/// The files of the binary version of CIFAR-10 or CIFAR-100, under the names they are published with.
struct CIFARFiles {
  /// The data set they belong to.
  var version: CIFARBinary.Version
  /// The training batches and the test batch.
  var train, test: [String]
  /// The names of the classes, where such a file is there.
  var names: String?

  /// Finds the files in a folder, or in the folder inside it that the published archive makes.
  ///
  /// - Throws: `DataError` with the names tried where they are missing.
  init(folder: String, coarse: Bool = false) throws(DataError) {
    guard InputFile.isFolder(folder) else {
      throw DataError(.notFound, "there is no such folder", path: folder)
    }
    for version in CIFARBinary.Version.allCases {
      guard let place = CIFARFiles.find(version, in: folder) else { continue }
      try self.init(version: version, place: place, coarse: coarse)
      return
    }
    throw DataError(
      .notFound,
      "has neither data_batch_1.bin (CIFAR-10, binary version) nor train.bin (CIFAR-100); the "
        + "Python and Matlab versions are not read", path: folder)
  }

  private init(version: CIFARBinary.Version, place: String, coarse: Bool) throws(DataError) {
    guard version == .cifar100 || !coarse else {
      throw DataError(
        .invalidRequest, "coarse labels are CIFAR-100's; this is CIFAR-10", path: place)
    }
    self.version = version
    train = version.trainNames.map { "\(place)/\($0)" }
    test = ["\(place)/\(version.testName)"]
    if let missing = (train + test).first(where: { !InputFile.exists($0) }) {
      throw DataError(.notFound, "there is no such file; fetch the data again", path: missing)
    }
    let names = "\(place)/\(version.namesFile(coarse: coarse))"
    self.names = InputFile.exists(names) ? names : nil
  }

  /// The folder with the training images; nil where they are not there.
  static func find(_ version: CIFARBinary.Version, in folder: String) -> String? {
    guard let first = version.trainNames.first else { return nil }
    return [folder, "\(folder)/\(version.archiveFolder)"].first {
      InputFile.exists("\($0)/\(first)")
    }
  }

  /// The names of the classes in a file, one a line.
  func classNames(_ path: String) throws(DataError) -> [String] {
    let lines = String(decoding: try DataError.contents(of: path), as: UTF8.self)
    return lines.split(whereSeparator: \.isNewline).map { $0.filter { $0 != "\r" } }
      .filter { !$0.isEmpty }
  }
}

extension CIFARBinary {
  /// The two data sets and how their files are laid out.
  public enum Version: Sendable, Hashable, CaseIterable {
    /// 10 classes; a record is a label and an image.
    case cifar10
    /// 100 classes in 20 groups; a record is a coarse label, a fine label and an image.
    case cifar100

    var trainNames: [String] {
      self == .cifar10 ? (1...5).map { "data_batch_\($0).bin" } : ["train.bin"]
    }
    var testName: String { self == .cifar10 ? "test_batch.bin" : "test.bin" }
    var archiveFolder: String { self == .cifar10 ? "cifar-10-batches-bin" : "cifar-100-binary" }
    var labelBytes: Int { self == .cifar10 ? 1 : 2 }

    func namesFile(coarse: Bool) -> String {
      switch self {
      case .cifar10: "batches.meta.txt"
      case .cifar100: coarse ? "coarse_label_names.txt" : "fine_label_names.txt"
      }
    }

    func classNames(coarse: Bool) -> [String] {
      switch self {
      case .cifar10: KnownDataset.cifar10.classNames
      case .cifar100: coarse ? CIFARBinary.coarseNames : CIFARBinary.fineNames
      }
    }
  }

  /// CIFAR-100's classes in the order of their labels.
  static let fineNames = words(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
    camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
    dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
    leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
    otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
    road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
    sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
    wardrobe whale willow_tree wolf woman worm
    """)

  /// CIFAR-100's groups of classes in the order of their labels.
  static let coarseNames = words(
    """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
    household_furniture insects large_carnivores large_man-made_outdoor_things
    large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals
    non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2
    """)

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
