import StriateCore
import StriateData
import StriateFormats

/// The pictures of a report: first filters, confused classes, and what each member was the first to get right.
struct Gallery: Sendable {
  /// A picture of a test sample with what is said of it.
  struct Exhibit: Sendable {
    /// Its place among the test samples.
    let index: Int
    /// The class that it is of.
    let truth: String
    /// The class that was answered.
    let answer: String
    /// The picture as PNG.
    let png: [UInt8]
  }

  /// What is shown of one member.
  struct Wall: Sendable {
    /// One picture of each of its confusions, in their order.
    var confusions: [Exhibit] = []
    /// Some that it gets right and the member before it got wrong, with what that one answered.
    var gained: [Exhibit] = []
    /// How many these are in all.
    var gainedCount = 0
    /// How many the member before got right and this one does not.
    var lostCount = 0
    /// The first filters as PNG; nil where there are none to be shown.
    var filters: [UInt8]?
  }

  /// Pictures of a kind that are shown at most.
  static let most = 8
  /// What is shown of each member.
  private(set) var walls: [Wall] = []
  /// The names of the classes.
  let classNames: [String]

  /// The pictures of finished members.
  ///
  /// - Throws: `DataError` or `FormatError` where answers or samples cannot be read.
  init(
    members: [LineageMember], outcomes: [MemberOutcome], splits: DataSplits, folder: String
  ) throws {
    let test = splits.test
    classNames = test.classNames.isEmpty ? splits.train.classNames : test.classNames
    let labels = try test.labels()
    var former: [Int32]?
    for (member, outcome) in zip(members, outcomes) {
      let path = "\(folder)/members/\(member.id)"
      let answers = try NPY.read("\(path)/\(MemberRun.answersFile)").scalars(as: Int32.self)
      guard answers.count == labels.count else {
        throw FormatError(
          .mismatch,
          "\(path)/\(MemberRun.answersFile) holds \(answers.count) answers, expected \(labels.count)"
        )
      }
      var wall = Wall()
      if InputFile.exists("\(path)/\(MemberRun.filtersFile)") {
        wall.filters = try InputFile.contents("\(path)/\(MemberRun.filtersFile)")
      }
      if test.hasImages {
        wall.confusions = try outcome.confusions.map {
          try Self.exhibit($0.example, of: splits, labels, answers)
        }
      }
      if let former {
        let gained = labels.indices.filter {
          answers[$0] == labels[$0] && former[$0] != labels[$0]
        }
        wall.gainedCount = gained.count
        wall.lostCount = labels.indices.count {
          answers[$0] != labels[$0] && former[$0] == labels[$0]
        }
        if test.hasImages {
          wall.gained = try gained.prefix(Self.most).map {
            try Self.exhibit($0, of: splits, labels, former)
          }
        }
      }
      walls.append(wall)
      former = answers
    }
  }

  private static func exhibit(
    _ index: Int, of splits: DataSplits, _ labels: [Int32], _ answers: [Int32]
  ) throws -> Exhibit {
    guard labels.indices.contains(index), answers.indices.contains(index) else {
      throw FormatError(
        .mismatch, "an outcome names test picture \(index), there are \(labels.count)")
    }
    let test = splits.test
    let picture = try test.image(at: index, mean: splits.mean, std: splits.std).image
    return Exhibit(
      index: index, truth: test.className(Int(labels[index])),
      answer: test.className(Int(answers[index])), png: try picture.png())
  }
}
