import CSystem

/// SIGINT and SIGTERM as a question between steps; a second signal ends the process as usual.
public enum Interrupt {
  /// Runs the closure with both signals caught; the former handlers are back afterwards.
  public static func catching<R>(_ body: () throws -> R) rethrows -> R {
    striate_signals_install()
    defer { striate_signals_restore() }
    return try body()
  }

  /// The signal that came while they were caught; nil for none.
  public static var received: Int32? {
    let number = striate_signal_received()
    return number == 0 ? nil : number
  }
}
