import StriateCore
import StriateFormats

extension LineageSeries {
  /// The runs in these folders, put together.
  ///
  /// - Throws: `FormatError` where a folder holds no report, or where they differ in more than the seed.
  public init(folders: [String]) throws(FormatError) {
    var reports: [Report] = []
    for folder in folders { reports.append(try Report(folder)) }
    reports.sort { $0.seed < $1.seed }
    guard let first = reports.first else {
      throw FormatError(.mismatch, "there is no run to be read, expected at least one folder")
    }
    for (former, report) in zip(reports, reports.dropFirst()) {
      if former.seed == report.seed {
        throw FormatError(
          .mismatch, "\(former.folder) and \(report.folder) are both of seed \(report.seed)")
      }
    }
    for report in reports { try report.check(against: first) }
    self.init(
      data: first.data, budget: first.budget, seeds: reports.map(\.seed), library: first.library,
      processor: first.processor,
      version: first.version,
      command: first.command.replacing("--seed \(first.seed)", with: "--seed SEED"),
      members: first.rows.indices.map { place in
        let rows = reports.map { $0.rows[place] }
        return Member(
          id: rows[0].id, year: rows[0].year, title: rows[0].title, samples: rows[0].samples,
          passes: rows[0].passes, accuracies: rows.map(\.accuracy),
          isUnderTrained: rows.contains(where: \.isUnderTrained))
      })
  }

  /// What is read of one run's `report.json`.
  private struct Report {
    let folder: String
    let data: String
    let budget: String
    let seed: Int
    let library: String
    let processor: String
    let version: String
    let command: String
    let rows: [Row]

    struct Row {
      let id: String
      let year: Int
      let title: String
      let samples: Int
      let passes: Int
      let accuracy: Double
      let isUnderTrained: Bool
    }

    init(_ folder: String) throws(FormatError) {
      let path = "\(folder)/report.json"
      let json = try JSON(path: path)
      guard let data = json["data"]?.string, let budget = json["budget"]?.string,
        let seed = json["seed"]?.int, let library = json["library"]?.string,
        let processor = json["processor"]?.string,
        let version = json["version"]?.string, let command = json["command"]?.string,
        let members = json["members"]?.array
      else { throw FormatError(.mismatch, "\(path) is no report of 'striate lineage run'") }
      self.folder = folder
      (self.data, self.budget, self.seed) = (data, budget, seed)
      (self.library, self.processor) = (library, processor)
      (self.version, self.command) = (version, command)
      var rows: [Row] = []
      for member in members {
        guard let id = member["id"]?.string, let year = member["year"]?.int,
          let title = member["title"]?.string, let samples = member["samples"]?.int,
          let passes = member["passes"]?.int, let accuracy = member["acc1"]?.double,
          let status = member["status"]?.string
        else {
          throw FormatError(.mismatch, "\(path): member \(rows.count + 1) is not whole")
        }
        rows.append(
          Row(
            id: id, year: year, title: title, samples: samples, passes: passes,
            accuracy: accuracy / 100,
            isUnderTrained: status == LineageMember.Status.underTrained.rawValue))
      }
      self.rows = rows
    }

    /// Sees that it differs from another run only in its seed.
    func check(against other: Report) throws(FormatError) {
      func agree(_ what: String, _ own: String, _ others: String) throws(FormatError) {
        if own == others { return }
        throw FormatError(
          .mismatch, "\(folder) has \(what) \(own), \(other.folder) has \(others): no one series")
      }
      try agree("data", data, other.data)
      try agree("the budget", budget, other.budget)
      try agree(
        "members", rows.map(\.id).joined(separator: ","),
        other.rows.map(\.id).joined(separator: ","))
      for (row, another) in zip(rows, other.rows) {
        try agree(
          row.id, "\(row.samples) pictures × \(row.passes)",
          "\(another.samples) pictures × \(another.passes)")
      }
    }
  }
}
