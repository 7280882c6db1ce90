import StriateCore

/// The four files of a data set in IDX format, under the names that the MNIST files have.
struct IDXFiles {
  var trainImages, trainLabels, testImages, testLabels: String

  /// Finds the files `[PREFIX-]{train,test|t10k}-{images-idx3,labels-idx1}-ubyte[.gz]`, or with `.idx3-ubyte` and
  /// `.idx1-ubyte`, as the other common spelling has it.
  ///
  /// - Throws: `DataError` with the names tried for the first that is missing.
  init(folder: String, prefix: String?) throws(DataError) {
    guard InputFile.isFolder(folder) else {
      throw DataError(.notFound, "there is no such folder", path: folder)
    }
    func find(_ splits: [String], _ kind: String) throws(DataError) -> String {
      let names = IDXFiles.names(splits, kind, prefix)
      if let found = names.map({ "\(folder)/\($0)" }).first(where: InputFile.exists) {
        return found
      }
      throw DataError(
        .notFound, "has none of the files \(names.joined(separator: ", "))", path: folder)
    }
    trainImages = try find(["train"], "images-idx3")
    trainLabels = try find(["train"], "labels-idx1")
    testImages = try find(["test", "t10k"], "images-idx3")
    testLabels = try find(["test", "t10k"], "labels-idx1")
  }

  /// Whether a folder holds at least the training images.
  static func isPresent(in folder: String, prefix: String?) -> Bool {
    names(["train"], "images-idx3", prefix).contains { InputFile.exists("\(folder)/\($0)") }
  }

  private static func names(_ splits: [String], _ kind: String, _ prefix: String?) -> [String] {
    splits.flatMap { split in
      let start = (prefix.map { "\($0)-" } ?? "") + split
      let spellings = ["-\(kind)-ubyte", "-\(kind.replacing("-idx", with: ".idx"))-ubyte"]
      return spellings.flatMap { [start + $0, start + $0 + ".gz"] }
    }
  }
}

extension DataSource {
  /// Finds and reads data in IDX format as they are; other data are prepared by `load(_:)`.
  ///
  /// - Throws: `DataError` where files are missing, damaged, or fewer samples than asked for.
  public func load() throws(DataError) -> DataSplits {
    guard let (train, test) = try kind.plain() else {
      throw DataError(
        .unsupported, "\(self): these data are images that must be prepared first; use load(_:)")
    }
    guard train.inputShape == test.inputShape else {
      throw DataError(
        .malformed,
        "\(self): training images are \(train.inputShape), test images \(test.inputShape)")
    }
    return DataSplits(
      train: try limited(train), test: test, name: description, mean: [train.mean],
      std: [train.std])
  }

  private func limited(_ train: IDXDataset) throws(DataError) -> any Dataset {
    guard let limit else { return train }
    guard limit <= train.count else {
      throw DataError(
        .invalidRequest,
        "\(self): the training split has \(train.count) samples, fewer than \(limit); leave '@\(limit)' out to "
          + "take all, as --data \(DataSource(kind))")
    }
    let order = SampleOrder.shuffled(train.count, by: RandomStream(seed: 0, "subset"))
    return try Subset(train, indices: Array(order.prefix(limit)))
  }
}
