import StriateCore
import StriateFormats

extension LineageSeries {
  /// Everything, for a program and for a file.
  public var json: JSON {
    [
      "data": JSON(data), "budget": JSON(budget), "seeds": .array(seeds.map { JSON($0) }),
      "library": JSON(library), "processor": JSON(processor), "version": JSON(version),
      "command": JSON(command),
      "members": .array(members.map(row)),
    ]
  }

  private func row(_ member: Member) -> JSON {
    let status: LineageMember.Status = member.isUnderTrained ? .underTrained : .trained
    return [
      "id": JSON(member.id), "year": JSON(member.year), "title": JSON(member.title),
      "samples": JSON(member.samples), "passes": JSON(member.passes),
      "acc1": .array(member.accuracies.map { JSON($0 * 100) }),
      "mean_acc1": JSON(member.mean * 100), "spread_acc1": JSON(member.spread * 100),
      "status": JSON(status.rawValue),
      "not_told_apart": JSON(member.isUnderTrained ? [] : peers(of: member).map(\.id)),
    ]
  }

  /// The series in a file; nil where it is none.
  init?(_ json: JSON) {
    guard let data = json["data"]?.string, let budget = json["budget"]?.string,
      let seeds = json["seeds"]?.array, let library = json["library"]?.string,
      let processor = json["processor"]?.string,
      let version = json["version"]?.string, let command = json["command"]?.string,
      let rows = json["members"]?.array
    else { return nil }
    var members: [Member] = []
    for row in rows {
      guard let id = row["id"]?.string, let year = row["year"]?.int,
        let title = row["title"]?.string, let samples = row["samples"]?.int,
        let passes = row["passes"]?.int, let accuracies = row["acc1"]?.array,
        let status = row["status"]?.string
      else { return nil }
      members.append(
        Member(
          id: id, year: year, title: title, samples: samples, passes: passes,
          accuracies: accuracies.compactMap { $0.double.map { $0 / 100 } },
          isUnderTrained: status == LineageMember.Status.underTrained.rawValue))
    }
    self.init(
      data: data, budget: budget, seeds: seeds.compactMap(\.int), library: library,
      processor: processor,
      version: version, command: command, members: members)
  }
}
