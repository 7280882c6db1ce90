import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Other programs.
enum Subprocess {
  /// Runs a program that is on the path to its end, in this program's place at the terminal.
  ///
  /// - Parameter install: the package that has the program.
  /// - Returns: the exit code; 128 and the signal's number where one ended it.
  /// - Throws: `InspectError` where the program is not there.
  static func run(_ program: String, _ arguments: [String], install: String) throws -> Int32 {
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var identifier = pid_t()
    let status = posix_spawnp(&identifier, program, nil, nil, &words, environ)
    guard status == 0 else {
      let reason = SystemFailure(program, number: status).reason
      throw InspectError(
        .missing, "\(program) cannot be run: \(reason); get it with: apt-get install \(install)")
    }
    var outcome: Int32 = 0
    while waitpid(identifier, &outcome, 0) < 0 {
      guard errno == EINTR else {
        throw InspectError(.missing, "\(program) was lost: \(SystemFailure.last("waitpid"))")
      }
    }
    let signal = outcome & 0x7F
    return signal == 0 ? (outcome >> 8) & 0xFF : 128 + signal
  }
}
