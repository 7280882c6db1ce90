import StriateCore

/// A data set known by name, with where it is looked for.
public enum KnownDataset: String, Sendable, Hashable, CaseIterable {
  case fashionMNIST = "fashion-mnist"
  case mnist
  case cifar10
  case cifar100

  /// The names of the classes in the order of their labels.
  public var classNames: [String] {
    switch self {
    case .fashionMNIST:
      [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
      ]
    case .mnist: (0..<10).map(String.init)
    case .cifar10:
      [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
      ]
    case .cifar100: CIFARBinary.fineNames
    }
  }

  /// Mean and deviation of each channel of the training images on the scale from 0 to 1.
  public var statistics: (mean: [Float], std: [Float]) {
    switch self {
    case .fashionMNIST: ([0.2860], [0.3530])
    case .mnist: ([0.1307], [0.3081])
    case .cifar10: ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])
    case .cifar100: ([0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762])
    }
  }

  /// The folders it is looked for in, the first found winning.
  public var folders: [String] {
    let own = InputFile.environment("STRIATE_DATA").map { "\($0)/\(rawValue)" }
    let home = InputFile.environment("HOME").map { "\($0)/.local/share/striate/data/\(rawValue)" }
    let system = self == .fashionMNIST ? "/usr/share/datasets/fashion-mnist" : nil
    return [own, home, system].compactMap { $0 }
  }

  /// The command that gets it.
  public var install: String {
    switch self {
    case .fashionMNIST: "Scripts/bootstrap, or apt-get install dataset-fashion-mnist"
    case .mnist, .cifar10, .cifar100: "striate data fetch \(rawValue)"
    }
  }

  /// The folder it is in.
  ///
  /// - Throws: `DataError` with the folders searched and how to get it.
  public func find() throws(DataError) -> String {
    let folders = folders
    if let found = folders.first(where: isPresent) {
      return found
    }
    throw DataError(
      .notFound,
      "\(rawValue) was not found in \(folders.joined(separator: ", ")); get it: \(install)")
  }

  /// Whether a folder holds at least the training images.
  func isPresent(in folder: String) -> Bool {
    switch self {
    case .fashionMNIST, .mnist: IDXFiles.isPresent(in: folder, prefix: nil)
    case .cifar10: CIFARFiles.find(.cifar10, in: folder) != nil
    case .cifar100: CIFARFiles.find(.cifar100, in: folder) != nil
    }
  }
}
