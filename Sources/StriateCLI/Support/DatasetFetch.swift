import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Gets a known data set from where it is published.
struct DatasetFetch {
  let dataset: KnownDataset
  let folder: String
  let showsProgress: Bool
  let note: (String) -> Void

  /// Downloads what is not there yet, checks it, and puts the data set into its folder.
  ///
  /// What was downloaded before is kept beside the folder and gone on with.
  func run() throws {
    let waiting = "\(folder).download"
    try Files.makeFolder(waiting)
    for file in dataset.published {
      try FileFetch(
        file: file, path: "\(waiting)/\(file.name)", showsProgress: showsProgress, note: note
      ).run()
    }
    try Files.makeFolder(folder)
    for file in dataset.published { try put(file, "\(waiting)/\(file.name)") }
    _ = rmdir(waiting)
    guard dataset.isIn(folder: folder) else {
      throw InspectError(
        .mismatch, "\(folder) holds no \(dataset.rawValue) although its files were right")
    }
  }

  /// Unpacks an archive into the folder, or moves a file there.
  private func put(_ file: PublishedFile, _ path: String) throws {
    if file.name.hasSuffix(".tar.gz") {
      note("unpacking \(file.name) into \(folder)")
      let code = try Subprocess.run(
        "tar", ["-xzf", path, "-C", folder, "--no-same-owner"], install: "tar")
      guard code == 0 else {
        throw InspectError(.missing, "tar ended with \(code): is there room in \(folder)?")
      }
      _ = unlink(path)
    } else if rename(path, "\(folder)/\(file.name)") != 0 {
      throw InspectError(
        .missing, "\(folder)/\(file.name) cannot be made: \(SystemFailure.last("rename"))")
    }
  }
}
