import StriateCore

/// A data set known by name, with where it is looked for.
public enum KnownDataset: String, Sendable, Hashable, CaseIterable {
  case fashionMNIST = "fashion-mnist"
  case mnist

  /// The names of the classes in the order of their labels.
  public var classNames: [String] {
    switch self {
    case .fashionMNIST:
      [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
      ]
    case .mnist: (0..<10).map(String.init)
    }
  }

  /// Mean and deviation of the training images on the scale from 0 to 1.
  public var statistics: (mean: Float, std: Float) {
    switch self {
    case .fashionMNIST: (0.2860, 0.3530)
    case .mnist: (0.1307, 0.3081)
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
    case .mnist: "put its four files there, or name their folder with idx:FOLDER"
    }
  }

  /// The folder it is in.
  ///
  /// - Throws: `DataError` with the folders searched and how to get it.
  public func find() throws(DataError) -> String {
    let folders = folders
    if let found = folders.first(where: { IDXFiles.isPresent(in: $0, prefix: nil) }) {
      return found
    }
    throw DataError(
      .notFound,
      "\(rawValue) was not found in \(folders.joined(separator: ", ")); get it: \(install)")
  }
}
