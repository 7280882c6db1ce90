import StriateCore
import StriateFormats
import StriateTraining

/// A folder of work that can be stopped and gone on with, which says in a file what of.
struct WorkFolder {
  private let lock: FolderLock

  /// Takes the folder for this program alone; makes it, or sees that what is in it is of these settings.
  ///
  /// - Parameter other: what to say where it holds work of other settings.
  /// - Throws: `TrainingError` where it cannot be made, is in use or holds other work; `FormatError` where its file is
  ///   damaged or cannot be written.
  init(
    _ folder: String, of settings: JSON, in file: String, other: (JSON) -> String
  ) throws {
    lock = try RunFolder(folder).take()
    let path = "\(folder)/\(file)"
    guard Folder.exists(path) else {
      try AtomicFile.write(settings.text(pretty: true) + "\n", to: path)
      return
    }
    let found = try JSON(path: path)
    guard found == settings else {
      throw TrainingError(.outputExists, "\(folder) \(other(found)); choose another --output-dir")
    }
  }

  /// Keeps it until here.
  func release() { withExtendedLifetime(lock) {} }
}
