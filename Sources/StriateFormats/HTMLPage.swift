/// A page that stands for itself: no script, no other file, light or dark, from a phone's width on.
public struct HTMLPage {
  /// What the window and the first heading say; plain text.
  public var title: String
  /// The greatest width of its content, in pixels.
  public var width: Int
  /// Rules beside those that all pages share.
  public var style: String

  /// A page without content yet.
  public init(_ title: String, width: Int = 1000, style: String = "") {
    self.title = title
    self.width = width
    self.style = style
  }

  /// The page with these parts, which are markup, below its heading.
  public func html(_ parts: [String]) -> String {
    let title = Markup.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(Self.shared)body{max-width:\(width)px}\(style)</style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(parts.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  private static let shared = """
    :root{--ground:#fff;--ink:#1b1b1b;--pale:#5a5a5a;--line:#d8d8d8}
    @media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#e8e8e8;--pale:#a8a8a8;--line:#3a3a3a}}
    body{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem}
    h1{font-size:1.5rem;margin:.2rem 0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}
    h3{font-size:1rem;margin:1rem 0 0}p{color:var(--pale);margin:.2rem 0 1rem;overflow-wrap:anywhere}
    figure{margin:0}svg{width:100%;height:auto}.wide{overflow-x:auto}table{border-collapse:collapse}
    th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid var(--line);\
    vertical-align:top;overflow-wrap:anywhere}th{font-weight:600;white-space:nowrap}
    td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    code{font-family:ui-monospace,monospace}a{color:inherit}
    .plots{display:grid;margin-top:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:1rem}
    """
}
