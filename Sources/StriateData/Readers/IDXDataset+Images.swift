extension IDXDataset: ImageDataset {
  /// An image as it is in the file; `minimum` changes nothing.
  ///
  /// - Throws: `DataError` where there is no such sample.
  public func image(at index: Int, minimum: Int?) throws -> Image { try image(index) }

  /// The class of an image.
  ///
  /// - Throws: `DataError` where there is no such sample.
  public func label(at index: Int) throws -> Int32 { try label(index) }

  /// `train-images-idx3-ubyte#17`.
  public func name(at index: Int) -> String { "\(fileName)#\(index)" }
}
