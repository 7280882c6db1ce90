import StriateCore
import StriateData
import StriateFormats
import StriateModels
import StriateRuntime
import StriateTraining

/// Claims tried with several seeds each.
///
/// ```swift
/// let run = ClaimRun(claims: try Claim.find(["relu"]))
/// let report = try run.run(in: "runs/claims", on: .best)
/// ```
///
/// What was found with a seed is kept in the folder and not tried again.
public struct ClaimRun {
  /// The claims, in the order of history.
  public var claims: [Claim]
  /// The seeds.
  public var seeds: [UInt64]
  /// The pictures that most of them learn from, as the command line names them.
  public var data: String
  /// Told of each claim before its seeds, and of each of its findings.
  public var observe: (Event) -> Void = { _ in }

  /// What a run tells.
  public enum Event {
    /// A claim begins.
    case begun(Claim, place: Int, of: Int)
    /// It was tried with a seed, now or in an earlier run.
    case found(Claim, seed: UInt64, Findings, isNew: Bool)
  }

  /// A run of these claims.
  public init(
    claims: [Claim] = Claim.all, seeds: [UInt64] = [0, 1, 2], data: String = "fashion-mnist"
  ) {
    self.claims = claims
    self.seeds = seeds
    self.data = data
  }

  /// Tries what was not tried yet.
  ///
  /// - Throws: `DataError` where pictures cannot be read or are not what the experiments are made for, `TrainingError`
  ///   where the folder cannot be made, is in use or holds findings on other data, `FormatError` where its settings are
  ///   damaged, or the device's error.
  public func run(in folder: String, on device: Device) throws -> ClaimReport {
    let pictures = claims.contains { $0.needsPictures } ? try loaded() : nil
    let work = try WorkFolder(folder, of: ["data": JSON(data)], in: "claims.json") {
      "holds findings on \($0["data"]?.string ?? "other data"), not \(data)"
    }
    defer { work.release() }
    var all: [(Claim, [Findings])] = []
    for (place, claim) in claims.enumerated() {
      observe(.begun(claim, place: place, of: claims.count))
      let home = "\(folder)/\(claim.id)"
      try Folder.make(home)
      var findings: [Findings] = []
      for seed in seeds {
        let file = "\(home)/seed-\(seed).json"
        if let json = try? JSON(path: file), let known = Findings(json) {
          findings.append(known)
          observe(.found(claim, seed: seed, known, isNew: false))
          continue
        }
        let trial = Trial(device: device, seed: seed, folder: home, pictures: pictures)
        let clock = ContinuousClock()
        let start = clock.now
        var found = try claim.experiment(trial)
        found.seconds = (clock.now - start) / .seconds(1)
        try AtomicFile.write(found.json.text(pretty: true) + "\n", to: file)
        findings.append(found)
        observe(.found(claim, seed: seed, found, isNew: true))
      }
      all.append((claim, findings))
    }
    return ClaimReport(data: data, seeds: seeds, device: device.id, results: all)
  }

  /// The pictures, which must be such as the experiments are made for.
  private func loaded() throws -> DataSplits {
    let pictures = try TrainingConfig(data: data, epochs: 1).loadData()
    let (shape, classes) = (pictures.train.inputShape, pictures.train.classNames.count)
    guard shape == [1, 28, 28], classes == 10, pictures.train.count >= 20_000,
      pictures.test.count >= 10_000
    else {
      throw DataError(
        .dataset,
        "the claims learn from at least 20,000 and 10,000 grey pictures of 28×28 in 10 classes, such as "
          + "fashion-mnist; \(data) has \(pictures.train.count) and \(pictures.test.count) of \(shape) in \(classes)"
      )
    }
    return pictures
  }
}
