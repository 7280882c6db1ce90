import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the program writes: results to standard output, all else to standard error.
enum Output {
  /// Prints a result.
  ///
  /// - Throws: `InspectError` where it cannot be written; a reader that has left is none.
  static func result(_ text: String) throws {
    if let failure = write(text + "\n", to: STDOUT_FILENO), failure.number != EPIPE {
      throw InspectError(.missing, "standard output cannot be written: \(failure)", cause: failure)
    }
  }

  /// Prints the one JSON value of a result.
  static func result(_ json: JSON) throws { try result(json.text(pretty: true)) }

  /// Prints something that the user should know, on one line.
  static func warning(_ text: String) {
    write("warning: \(Failure.oneLine(text))\n", to: STDERR_FILENO)
  }

  /// Prints how things go: on one line, or where a terminal is narrower, on several.
  static func note(_ text: String) {
    var lines = [text]
    if let columns = TerminalStyle.errors.limit, TerminalText.width(text) >= columns {
      let words = TerminalText.wrapped(text, columns: columns - 3)
      lines = words.prefix(1) + words.dropFirst().map { "  \($0)" }
    }
    write(lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
  }

  /// Prints the error line.
  static func error(_ line: String) { write("error: \(line)\n", to: STDERR_FILENO) }

  /// Writes all of the text; the failure that kept it from that.
  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> SystemFailure? {
    do throws(SystemFailure) {
      try Descriptor.append(Array(text.utf8), to: descriptor)
      return nil
    } catch {
      return error
    }
  }
}
