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
    for file in dataset.published { try get(file, "\(waiting)/\(file.name)") }
    try Files.makeFolder(folder)
    for file in dataset.published { try put(file, "\(waiting)/\(file.name)") }
    _ = rmdir(waiting)
    guard dataset.isIn(folder: folder) else {
      throw InspectError(
        .mismatch, "\(folder) holds no \(dataset.rawValue) although its files were right")
    }
  }

  private func get(_ file: PublishedFile, _ path: String) throws {
    if InputFile.exists(path), try SHA256.hex(ofFile: path) == file.sha256 { return }
    let part = "\(path).part"
    let size = file.count.map { " (\(Numbers.bytes($0)))" } ?? ""
    note("fetching \(file.address)\(size)")
    let log = "\(path).log"
    var arguments = [
      "--fail", "--location", "--retry", "3", "--connect-timeout", "30", "--continue-at", "-",
      "--output", part,
    ]
    let isShown = showsProgress && TerminalStyle.errors.isTerminal
    arguments += isShown ? ["--progress-bar"] : ["--silent", "--show-error", "--stderr", log]
    let code = try Subprocess.run("curl", arguments + [file.address], install: "curl")
    let said = (try? InputFile.contents(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    _ = unlink(log)
    // A server that has no more to send refuses to go on: the sum tells whether all is there.
    guard InputFile.exists(part), code == 0 || Self.isWhole(part, file) else {
      if Self.cannotGoOn(code, part, file) { _ = unlink(part) }
      let reason = Failure.oneLine(said).isEmpty ? "curl ended with \(code)" : Failure.oneLine(said)
      throw InspectError(
        .missing,
        "\(file.address) cannot be fetched: \(reason). Without a network, put that file at \(path) "
          + "and run this again")
    }
    let found = try SHA256.hex(ofFile: part)
    guard found == file.sha256 else {
      _ = unlink(part)
      throw InspectError(
        .mismatch,
        "\(file.address) is not what was published: SHA-256 \(found), expected \(file.sha256); it was "
          + "removed, run this again")
    }
    guard rename(part, path) == 0 else {
      throw InspectError(.missing, "\(path) cannot be named: \(SystemFailure.last("rename"))")
    }
  }

  /// Whether what was kept is of no use: the server refused to go on after it.
  private static func cannotGoOn(_ code: Int32, _ part: String, _ file: PublishedFile) -> Bool {
    let count = (try? InputFile(part))?.count ?? 0
    return [22, 33, 36].contains(code) && count >= file.count ?? 0
  }

  private static func isWhole(_ path: String, _ file: PublishedFile) -> Bool {
    (try? SHA256.hex(ofFile: path)) == file.sha256
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
