import Foundation
import StriateCore
import StriateData
import Testing

/// What terminals are sent: by environment, for colours, widths and images.
@Suite struct TerminalTests {
  struct Case: Sendable, CustomStringConvertible {
    var environment: [String: String]
    var isTerminal = true
    var colors: TerminalStyle.Colors = .none
    var images: TerminalStyle.Images = .blocks
    var description: String { "\(environment)\(isTerminal ? "" : " not a terminal")" }
  }

  @Test(arguments: [
    Case(environment: ["TERM": "xterm"], colors: .basic),
    Case(environment: ["TERM": "xterm-256color"], colors: .indexed),
    Case(environment: ["TERM": "xterm-256color", "COLORTERM": "truecolor"], colors: .direct),
    Case(environment: ["TERM": "xterm-256color", "COLORTERM": "24bit", "NO_COLOR": "1"]),
    Case(environment: ["TERM": "xterm-256color", "NO_COLOR": ""], colors: .indexed),
    Case(environment: ["TERM": "dumb", "COLORTERM": "truecolor"]),
    Case(environment: ["TERM": "xterm-256color"], isTerminal: false),
    Case(
      environment: ["TERM": "xterm-256color", "CLICOLOR_FORCE": "1"], isTerminal: false,
      colors: .indexed),
    Case(environment: ["CLICOLOR_FORCE": "0"], isTerminal: false),
    Case(environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]),
    Case(environment: ["TERM": "xterm-kitty"], colors: .direct, images: .kitty),
    Case(
      environment: ["TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"], colors: .indexed,
      images: .kitty),
    Case(environment: ["TERM": "xterm-kitty"], isTerminal: false),
    Case(environment: ["TERM": "screen-256color", "KITTY_WINDOW_ID": "1"], colors: .indexed),
    Case(
      environment: ["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"], colors: .indexed,
      images: .iterm),
    Case(
      environment: ["TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"], colors: .indexed,
      images: .iterm),
    Case(environment: ["TERM": "foot"], colors: .basic, images: .sixel),
  ])
  func theEnvironmentDecides(_ row: Case) {
    let style = TerminalStyle(isTerminal: row.isTerminal, width: nil) { name in
      row.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    #expect(style.colors == row.colors && style.images == row.images)
    #expect(style.columns == 80)
    #expect(style.isTerminal == (row.isTerminal && row.environment["TERM"] != "dumb"))
  }

  @Test func widthComesFromTheTerminalThenFromColumns() {
    let columns = { (width: Int?, text: String?) in
      TerminalStyle(isTerminal: true, width: width) { $0 == "COLUMNS" ? text : nil }.columns
    }
    #expect(columns(132, "40") == 132)
    #expect(columns(nil, "40") == 40)
    #expect(columns(nil, "many") == 80)
    #expect(columns(nil, "-3") == 1)
  }

  @Test func textIsMeasuredInColumns() {
    let painted = TerminalStyle(colors: .basic).paint("abcdef", .good)
    #expect(TerminalText.width(painted) == 6)
    #expect(TerminalText.width("日本é") == 5)
    #expect(TerminalText.fitted("日本語", columns: 5) == "日本…")
    #expect(TerminalText.fitted(painted, columns: 4) == "\u{1B}[32mabc…\u{1B}[0m")
    #expect(TerminalText.padded("ab", columns: 4, isRight: true) == "  ab")
    #expect(TerminalText.wrapped("one two three", columns: 8) == ["one two", "three"])
    #expect(TerminalText.wrapped("", columns: 8) == [""])
  }

  private let image = Result { () throws -> Image in
    let red: [UInt8] = [255, 0, 0]
    return try Image(
      width: 2, height: 2, channels: 3, pixels: red + [0, 255, 0, 0, 0, 255, 128, 128, 128])
  }

  @Test func blocksUseTheColoursThatThereAre() throws {
    let image = try image.get()
    let direct = try TerminalImage.render(image, columns: 80, colors: .direct)
    #expect(
      direct == "\u{1B}[38;2;255;0;0;48;2;0;0;255m▀\u{1B}[38;2;0;255;0;48;2;128;128;128m▀\u{1B}[0m")
    let indexed = try TerminalImage.render(image, columns: 80, colors: .indexed)
    #expect(indexed == "\u{1B}[38;5;196;48;5;21m▀\u{1B}[38;5;46;48;5;244m▀\u{1B}[0m")
    for colors in [TerminalStyle.Colors.basic, .none] {
      #expect(try !TerminalImage.render(image, columns: 80, colors: colors).contains("\u{1B}"))
    }
  }

  /// Escape sequences, with the pixels that a terminal would take out of them again.
  @Test func graphicsHoldThePixels() throws {
    let image = try image.get()
    func shown(_ images: TerminalStyle.Images, _ image: Image) throws -> String {
      try TerminalImage.show(
        image, columns: 20, style: TerminalStyle(isTerminal: true, images: images))
    }
    let kitty = try shown(.kitty, image)
    #expect(kitty.hasPrefix("\u{1B}_Ga=T,f=24,s=2,v=2,c=1,m=0;") && kitty.hasSuffix("\u{1B}\\"))
    let payload = try #require(kitty.split(separator: ";").last?.dropLast(2))
    #expect(Data(base64Encoded: String(payload)) == Data(image.pixels))

    let large = try Image(width: 100, height: 50, color: [1, 2, 3])
    let chunks = try shown(.kitty, large).split(separator: "\u{1B}_G")
    #expect(chunks.count == 5 && chunks.dropLast().allSatisfy { $0.contains("m=1;") })
    #expect(chunks.allSatisfy { $0.count < 4200 })

    let iterm = try shown(.iterm, image)
    #expect(iterm.hasPrefix("\u{1B}]1337;File=inline=1;size=") && iterm.hasSuffix("\u{07}"))
    let file = try #require(iterm.dropLast().split(separator: ":").last)
    let bytes = try #require(Data(base64Encoded: String(file)))
    #expect(try Image(png: [UInt8](bytes)) == image)

    #expect(
      try shown(.sixel, image)
        == "\u{1B}Pq\"1;1;2;2#5;2;0;0;100#5A?$#30;2;0;100;0#30?@$#129;2;60;60;60#129?A$#180;2;100;0;0#180@?-\u{1B}\\"
    )
    #expect(try shown(.none, image).isEmpty)
  }
}
