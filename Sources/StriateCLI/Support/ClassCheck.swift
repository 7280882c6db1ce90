import Striate

/// Whether trained weights and data mean the same classes; answers and labels meet by number alone.
enum ClassCheck {
  /// Warns where the classes have other names.
  ///
  /// - Throws: `InspectError` where there are more or fewer of them.
  static func check(_ weights: WeightsMetadata, against data: DataSplits) throws {
    let (known, found) = (weights.classes, data.test.classNames)
    guard !known.isEmpty, !found.isEmpty, known != found else { return }
    // Numbers are the labels that were met: the data may lack the last ones.
    if data.isNumbered, found == Array(known.prefix(found.count)) { return }
    guard known.count == found.count else {
      throw InspectError(
        .mismatch,
        "\(data.name) has \(Numbers.counted(found.count, "class", "classes")) (\(list(found))), the weights were "
          + "trained on \(known.count) (\(list(known)))")
    }
    let others = zip(known, found).filter { $0 != $1 }
    guard let (mine, theirs) = others.first else { return }
    Output.warning(
      "the classes of \(data.name) are not those that the weights were trained on: \(others.count) of "
        + "\(known.count) names differ, such as '\(theirs)' in the place of '\(mine)'; they are compared "
        + "by number")
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }
}
