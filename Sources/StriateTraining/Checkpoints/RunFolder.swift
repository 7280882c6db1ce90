import StriateCore
import StriateFormats

/// The folder of a run: settings, log, and the checkpoints `step-000123` with links `last` and `best`.
///
/// A checkpoint is written under a temporary name and renamed, so that at every moment, also after a
/// power cut, each folder named `step-…` is whole.
public struct RunFolder: Sendable {
  /// The folder's path.
  public let path: String

  /// Checkpoints that are kept beside those that `last` and `best` point to.
  static let kept = 3

  /// The run in a folder.
  public init(_ path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// The kernels that were chosen by trying, as the newest checkpoint that can be read has them; nil for none.
  public var kernels: [String: String]? {
    for step in steps.reversed() {
      guard let state = try? JSON(path: "\(checkpointPath(step))/\(Checkpoint.stateFile)") else {
        continue
      }
      guard let kernels = state["environment"]?["kernels"]?.object else { return nil }
      return kernels.names.reduce(into: [:]) { $0[$1] = kernels[$1]?.string }
    }
    return nil
  }

  /// The settings' file.
  public var configPath: String { "\(path)/config.json" }
  /// The log's file.
  public var metricsPath: String { "\(path)/metrics.jsonl" }

  /// The folder of the checkpoint after a step.
  public func checkpointPath(_ step: Int) -> String { "\(path)/\(Self.name(of: step))" }

  /// The steps of which there are checkpoints, ascending.
  public var steps: [Int] { Folder.names(path).compactMap(Self.step).sorted() }

  /// The step that `last` or `best` points to; nil where it points to no checkpoint.
  public func step(of link: String) -> Int? {
    Folder.target(ofLink: "\(path)/\(link)").flatMap(Self.step)
  }

  static func name(of step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(6 - digits.count, 0)) + digits
  }

  static func step(_ name: String) -> Int? {
    guard name.hasPrefix("step-") else { return nil }
    return Int(name.dropFirst(5)).flatMap { $0 >= 0 && Self.name(of: $0) == name ? $0 : nil }
  }

  /// The run beside a path whose name is the nearest to it, else the last of them in the order of names;
  /// nil where no folder there has a checkpoint.
  package static func nearest(to path: String) -> String? {
    let path = RunFolder(path).path
    let slash = path.lastIndex(of: "/")
    let above = slash.map { String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let lead = slash == nil ? "" : "\(above)/"
    let runs = Folder.names(above.isEmpty ? "/" : above).filter { other in
      other != name && RunFolder("\(lead)\(other)").step(of: "last") != nil
    }
    let close = NearMiss.suggestions(for: name, among: runs).first
    return (close ?? runs.max()).map { "\(lead)\($0)" }
  }

  // MARK: Writing

  /// Makes the folder where it is not there, and takes it for this program alone.
  ///
  /// - Throws: `TrainingError` where it cannot be made or another program trains in it.
  package func take() throws(TrainingError) -> FolderLock {
    do throws(SystemFailure) { try Folder.make(path) } catch {
      var above = path[...]
      repeat {
        above = above.lastIndex(of: "/").map { above[..<$0] } ?? ""
      } while !above.isEmpty && !Folder.exists(String(above))
      let place = above.isEmpty ? (path.hasPrefix("/") ? "/" : "the working folder") : String(above)
      throw TrainingError(
        .storage,
        "the run folder \(path) cannot be made in \(place): \(error.reason); choose another "
          + "--output-dir", cause: error)
    }
    let lock: FolderLock?
    do throws(SystemFailure) { lock = try Folder.lock(path) } catch { throw failed("read", error) }
    guard let lock else {
      throw TrainingError(
        .storage, "the run folder \(path) is in use: another program trains in it; wait for its end"
      )
    }
    return lock
  }

  /// Takes away what an interrupted write left.
  func clean() throws(TrainingError) {
    for name in Folder.names(path) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
      try storage("cleaned") { () throws(SystemFailure) in try Folder.remove("\(path)/\(name)") }
    }
  }

  /// Saves a checkpoint, points `last` (and `best`, where this is the best) at it, and lets old ones go.
  ///
  /// - Throws: `TrainingError`; the checkpoints before it are untouched.
  func save(_ checkpoint: Checkpoint) throws(TrainingError) {
    let step = checkpoint.progress.step
    let name = Self.name(of: step)
    let fresh = "\(path)/.\(name).tmp"
    do {
      try Folder.remove(fresh)
      try Folder.make(fresh)
      try checkpoint.write(into: fresh)
      // A rename cannot replace a folder that holds files: the former one steps aside.
      let former = "\(path)/.\(name).former.tmp"
      try Folder.remove(former)
      if Folder.exists("\(path)/\(name)") { try Folder.move("\(path)/\(name)", to: former) }
      try Folder.move(fresh, to: "\(path)/\(name)")
      try Folder.remove(former)
      try AtomicFile.sync(folder: path)
    } catch {
      try? Folder.remove(fresh)
      throw TrainingError(
        .storage, "the checkpoint after step \(step) was not saved: \(error)", step: step,
        cause: error)
    }
    try relink(last: step, best: checkpoint.progress.best?.step)
    try prune()
  }

  /// Lets `last` and `best` point at the checkpoints after these steps.
  func relink(last: Int, best: Int?) throws(TrainingError) {
    try storage("linked") { () throws(SystemFailure) in
      try Folder.link("last", to: Self.name(of: last), in: path)
      if let best, InputFile.isFolder(checkpointPath(best)) {
        if step(of: "best") != best { try Folder.link("best", to: Self.name(of: best), in: path) }
      } else {
        try Folder.remove("\(path)/best")
      }
    }
    do { try AtomicFile.sync(folder: path) } catch { throw failed("linked", error) }
  }

  private func prune() throws(TrainingError) {
    let linked = [step(of: "last"), step(of: "best")]
    for old in steps.dropLast(Self.kept) where !linked.contains(old) {
      // First under a name that no reader takes for a checkpoint.
      let name = Self.name(of: old)
      try storage("pruned") { () throws(SystemFailure) in
        try Folder.move("\(path)/\(name)", to: "\(path)/.\(name).old.tmp")
        try Folder.remove("\(path)/.\(name).old.tmp")
      }
    }
  }

  private func storage(
    _ done: String, _ body: () throws(SystemFailure) -> Void
  ) throws(TrainingError) {
    do throws(SystemFailure) { try body() } catch { throw failed(done, error) }
  }

  private func failed(_ done: String, _ error: any Error) -> TrainingError {
    TrainingError(
      .storage, "the run folder \(path) cannot be \(done): \(error)", cause: error)
  }
}
