import StriateCore
import StriateFormats

/// The page `summary.html` of a run: curves, results and settings in one file that needs no other.
///
/// It is rewritten with each checkpoint, whole or not at all, from `metrics.jsonl` and `config.json` alone and
/// what the program knows about itself. Light or dark as the reader's system is; readable on a phone.
///
/// ```swift
/// let page = SummaryPage(folder, facts: [.init("Machine", [("device", device.id)])])
/// options.observe = { try page.observe($0) }
/// ```
public struct SummaryPage {
  /// A table of the page.
  public struct Facts: Sendable {
    /// What stands above it.
    public var title: String
    /// Names with values.
    public var rows: [(name: String, value: String)]

    /// A table of names with values.
    public init(_ title: String, _ rows: [(name: String, value: String)]) {
      self.title = title
      self.rows = rows
    }
  }

  let folder: RunFolder
  let facts: [Facts]

  /// The page's path.
  public var path: String { "\(folder.path)/summary.html" }

  /// The page of a run.
  ///
  /// - Parameter facts: tables below the settings: command line, versions, machine, model.
  public init(_ folder: RunFolder, facts: [Facts] = []) {
    self.folder = folder
    self.facts = facts
  }

  /// Rewrites the page after each checkpoint, whose files it links, and at the end of the run.
  ///
  /// - Throws: `TrainingError` where it cannot be written: the run ends, as it does where its other files
  ///   cannot be.
  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .saved, .ended: try write()
    case .started, .stepped, .logged, .tested, .weights, .epoch, .warning, .stopped: break
    }
  }

  /// Writes the page.
  ///
  /// - Throws: `TrainingError` where the log cannot be read or the page cannot be written.
  public func write() throws {
    do {
      let config = try JSON(path: folder.configPath)
      try AtomicFile.write(
        html(config: config, curves: try RunCurves(log: folder.metricsPath)), to: path)
    } catch let error as FormatError {
      throw TrainingError(.storage, "\(error)", cause: error)
    }
  }
}
