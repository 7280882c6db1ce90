import StriateCore
import StriateData

/// How a network answers pictures that were changed.
enum Robustness {
  /// Test pictures that are asked about.
  static let pictures = 1000

  /// The share of right answers to the first test pictures as they are, then with each disturbance.
  ///
  /// - Parameter answers: gives the class of each sample.
  static func measure(
    _ splits: DataSplits, seed: UInt64, answers: (any Dataset) throws -> [Int32]
  ) throws -> [MemberOutcome.Share] {
    let indices = Array(0..<min(pictures, splits.test.count))
    let plain = try HeldPictures(Subset(splits.test, indices: indices))
    func share(_ name: String, _ pictures: HeldPictures) throws -> MemberOutcome.Share {
      let found = try answers(pictures.dataset())
      let right = zip(found, pictures.labels).count { $0 == $1 }
      return MemberOutcome.Share(
        name: name, value: Double(right) / Double(max(pictures.labels.count, 1)))
    }
    return try [share("as they are", plain)]
      + Disturbance.all.map {
        try share(
          "\($0)", $0.applied(to: plain, mean: splits.mean, std: splits.std, seed: seed))
      }
  }
}
