#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What may be written to a terminal, decided in one place for all that writes to it.
///
/// `NO_COLOR` (no-color.org) and `TERM=dumb` refuse colour, `CLICOLOR_FORCE` asks for it where there is no
/// terminal; `COLORTERM` says that there are 24 bits of it. Width comes from the terminal, then from
/// `COLUMNS`, then 80.
public struct TerminalStyle: Sendable, Hashable {
  /// How many colours there are.
  public enum Colors: Int, Sendable, Hashable, Comparable {
    /// None.
    case none
    /// The 16 of every colour terminal.
    case basic
    /// The 256 of xterm.
    case indexed
    /// Red, green and blue of a byte each.
    case direct

    public static func < (a: Colors, b: Colors) -> Bool { a.rawValue < b.rawValue }
  }

  /// How images can be shown.
  public enum Images: String, Sendable, Hashable, CaseIterable {
    /// The graphics protocol of kitty, also of Ghostty and Konsole.
    case kitty
    /// The inline images of iTerm2, also of WezTerm and mintty.
    case iterm
    /// DEC's sixels.
    case sixel
    /// Text: half blocks in colour, else grey characters.
    case blocks
    /// Not at all.
    case none
  }

  /// Colours that mean something.
  public enum Ink: String, Sendable, Hashable {
    case good = "32"
    case bad = "31"
    case notice = "33"
    case accent = "36"
    case strong = "1"
    case faint = "2"
  }

  /// Whether it is a terminal, so that lines can be rewritten.
  public var isTerminal: Bool
  /// Characters a line.
  public var columns: Int
  /// How many colours there are.
  public var colors: Colors
  /// How images can be shown.
  public var images: Images
  /// Whether characters beyond ASCII can be shown.
  public var isUnicode: Bool

  /// A style with everything said; plain text of 80 columns by default.
  public init(
    isTerminal: Bool = false, columns: Int = 80, colors: Colors = .none, images: Images = .blocks,
    isUnicode: Bool = true
  ) {
    self.isTerminal = isTerminal
    self.columns = columns
    self.colors = colors
    self.images = images
    self.isUnicode = isUnicode
  }

  /// The style that an environment asks for.
  ///
  /// - Parameters:
  ///   - isTerminal: whether what is written reaches a terminal.
  ///   - width: its width; nil where it is not known.
  ///   - environment: a variable's value; nil where it is not set or empty.
  public init(isTerminal: Bool, width: Int?, environment: (String) -> String?) {
    let term = environment("TERM") ?? ""
    let isDumb = term == "dumb"
    self.isTerminal = isTerminal && !isDumb
    columns = width ?? environment("COLUMNS").flatMap { Int($0) } ?? 80
    columns = min(max(columns, 1), 1000)
    let locale = environment("LC_ALL") ?? environment("LC_CTYPE") ?? environment("LANG") ?? "UTF-8"
    let isPlainLocale = locale == "C" || locale == "POSIX"
    isUnicode = !(isTerminal && isPlainLocale)
    colors = Self.colors(isTerminal: isTerminal, term: term, environment)
    images = isTerminal && !isDumb ? Self.images(term: term, environment) : .blocks
  }

  /// The style of a descriptor: standard output or standard error.
  public static func of(descriptor: Int32) -> TerminalStyle {
    var size = winsize()
    let hasSize = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return TerminalStyle(
      isTerminal: isatty(descriptor) == 1, width: hasSize ? Int(size.ws_col) : nil,
      environment: InputFile.environment)
  }

  /// The width that tables are fitted to; nil where nobody looks at them in a terminal.
  public var limit: Int? { isTerminal ? columns : nil }

  /// The style of standard output, where results go.
  public static var output: TerminalStyle { of(descriptor: STDOUT_FILENO) }
  /// The style of standard error, where progress and warnings go.
  public static var errors: TerminalStyle { of(descriptor: STDERR_FILENO) }

  /// The text in a colour or weight, where there is any.
  public func paint(_ text: String, _ ink: Ink) -> String {
    colors == .none || text.isEmpty ? text : "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
  }

  // MARK: Detection

  private static func colors(
    isTerminal: Bool, term: String, _ environment: (String) -> String?
  ) -> Colors {
    if environment("NO_COLOR") != nil { return .none }
    let isForced = environment("CLICOLOR_FORCE").map { $0 != "0" } ?? false
    guard isForced || (isTerminal && term != "dumb") else { return .none }
    if let kind = environment("COLORTERM"), kind == "truecolor" || kind == "24bit" {
      return .direct
    }
    let known = ["kitty", "ghostty", "wezterm", "alacritty", "direct"]
    if known.contains(where: term.contains) { return .direct }
    return term.contains("256") ? .indexed : .basic
  }

  private static func images(term: String, _ environment: (String) -> String?) -> Images {
    // A multiplexer passes neither protocol on unasked.
    if environment("TMUX") != nil || term.hasPrefix("screen") || term.hasPrefix("tmux") {
      return .blocks
    }
    if environment("KITTY_WINDOW_ID") != nil || term == "xterm-kitty" || term == "xterm-ghostty" {
      return .kitty
    }
    switch environment("TERM_PROGRAM") {
    case "ghostty": return .kitty
    case "iTerm.app", "WezTerm", "mintty": return .iterm
    default: break
    }
    return ["foot", "mlterm", "yaft-256color"].contains(where: term.hasPrefix)
      || term.contains("sixel")
      ? .sixel : .blocks
  }
}
