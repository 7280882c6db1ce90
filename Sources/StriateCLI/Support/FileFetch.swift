import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Gets a published file with curl and checks it.
struct FileFetch {
  let file: PublishedFile
  /// Where it is put.
  let path: String
  let showsProgress: Bool
  let note: (String) -> Void

  /// Whether the file is there, and what it should be.
  var isThere: Bool { InputFile.exists(path) && Self.isWhole(path, file) }

  /// Downloads the file unless it is there; what was cut off is kept as `PATH.part` and gone on with.
  func run() throws {
    if isThere { return }
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
    guard found.hasPrefix(file.sha256) else {
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
    (try? SHA256.hex(ofFile: path))?.hasPrefix(file.sha256) == true
  }
}
