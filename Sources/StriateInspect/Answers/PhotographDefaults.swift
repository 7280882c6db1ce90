import StriateCore
import StriateData
import StriateModels
import StriateTraining

extension WeightsMetadata {
  /// What is known of weights whose file says nothing about images: what their publisher says, else what is usual.
  ///
  /// A file under its published name is known by it, of whichever recipe. Other files of a network get the
  /// preparation of its earliest published weights, and without those a shorter side of 8/7 of the input and
  /// ImageNet's mean and deviation. Of a thousand answers, the classes are ILSVRC's.
  ///
  /// - Parameter classes: how many classes the weights tell apart.
  func completed(for entry: CatalogEntry, path: String, classes: Int) -> WeightsMetadata {
    guard entry.input.rank == 3, entry.input[0] == 3, entry.classes == 1000 else { return self }
    var completed = self
    if self.classes.isEmpty, classes == ILSVRC.names.count { completed.classes = ILSVRC.names }
    guard preprocessing == nil, mean.isEmpty, input == nil else { return completed }
    let published =
      PublishedWeights.named(path).flatMap { $0.model == entry.id ? $0 : nil }
      ?? PublishedWeights.of(entry.id).first { $0.tag == .v1 }
    let side = entry.input[1]
    let normalization = published?.normalization ?? .imageNet
    completed.preprocessing = try? Preprocessing(
      input: published.map { [3, $0.crop, $0.crop] } ?? entry.input,
      resizeSize: published?.resize ?? (side * 8 + 3) / 7,
      interpolation: published?.sampling == .bicubic ? .bicubic : .bilinear,
      mean: normalization.mean, std: normalization.std)
    completed.mean = completed.preprocessing?.mean ?? []
    completed.std = completed.preprocessing?.std ?? []
    completed.input = completed.preprocessing?.input
    return completed
  }
}
