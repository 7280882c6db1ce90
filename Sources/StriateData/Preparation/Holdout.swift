import StriateCore

/// Samples of a split, parted into those to learn from and those to measure on.
struct Holdout {
  var training: [Int]
  var validation: [Int]

  /// Parts samples class by class, so that both parts have the classes in the same shares; which ones are
  /// held out is a function of the labels and the seed.
  ///
  /// - Throws: `DataError` where one of the parts would be empty.
  init(_ samples: [Int], labels: [Int32], share: Double, seed: UInt64) throws(DataError) {
    var classes: [Int32: [Int]] = [:]
    for (sample, label) in zip(samples, labels) { classes[label, default: []].append(sample) }
    var held: Set<Int> = []
    for (label, members) in classes.sorted(by: { $0.key < $1.key }) {
      let order = SampleOrder.shuffled(
        members.count, by: RandomStream(seed: seed, "validation", Int(label)))
      // A class of two samples or more has at least one in each part.
      let wanted = whole(Double(members.count) * share)
      let count = members.count > 1 ? min(max(wanted, 1), members.count - 1) : 0
      held.formUnion(order.prefix(count).map { members[$0] })
    }
    training = samples.filter { !held.contains($0) }
    validation = samples.filter { held.contains($0) }
    guard !training.isEmpty, !validation.isEmpty else {
      throw DataError(
        .invalidRequest,
        "too few samples to hold some out: \(samples.count) in \(classes.count) "
          + "\(classes.count == 1 ? "class" : "classes"); a class needs two")
    }
  }
}
