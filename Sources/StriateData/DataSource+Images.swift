import StriateCore

extension DataSource {
  /// The splits as images; `limit` is left to the caller.
  public struct ImageSplits: Sendable {
    /// The images to learn from.
    public var train: any ImageDataset
    /// The images that choose the best weights; nil where the data have none apart.
    public var validation: (any ImageDataset)?
    /// The images to measure on; nil where the data have none.
    public var test: (any ImageDataset)?
    /// What the user should know about how the splits were found, a line each.
    public var notes: [String]

    /// Splits that belong together.
    public init(
      train: any ImageDataset, validation: (any ImageDataset)? = nil,
      test: (any ImageDataset)? = nil, notes: [String] = []
    ) {
      (self.train, self.validation, self.test, self.notes) = (train, validation, test, notes)
    }
  }

  /// Finds the data and opens them as images, before any transform.
  ///
  /// - Parameter badFiles: what is done with files that cannot be read as images.
  /// - Returns: the splits; the test split is nil where the data have only one.
  /// - Throws: `DataError` where files are missing or damaged, or there is no image.
  public func images(badFiles: BadFiles = .fail) throws(DataError) -> ImageSplits {
    try kind.images(badFiles: badFiles)
  }
}
