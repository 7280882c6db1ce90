/// Numbers as people read them, without Foundation.
package enum Numbers {
  /// A number with this many decimals; what is not finite or beyond 10¹² as Swift prints it.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    let digits = min(max(digits, 0), 6)
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    let whole = scaled / Int64(scale)
    if digits == 0 { return "\(sign)\(whole)" }
    let rest = String(scaled % Int64(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// A number in few characters: `12`, `0.0831`, `4e-06`.
  package static func plain(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    if let whole = Int(exactly: value), abs(whole) < 1_000_000_000 { return "\(whole)" }
    let size = abs(value)
    if size < 1e-3 {
      var (head, exponent) = (value, 0)
      while abs(head) < 1, exponent > -400 { (head, exponent) = (head * 10, exponent - 1) }
      return "\(trimmed(fixed(head, 2)))e\(exponent)"
    }
    return trimmed(fixed(value, size < 0.1 ? 5 : size < 10 ? 4 : size < 1000 ? 2 : 0))
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// Seconds as `12:34` or `1:02:03`; a dash where they are unknown or endless.
  package static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e7 else { return "–" }
    let whole = Int(seconds.rounded(.up))
    let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
    let minutes = "\(two(whole / 60 % 60)):\(two(whole % 60))"
    return whole >= 3600 ? "\(whole / 3600):\(minutes)" : minutes
  }

  /// A share as percent.
  package static func percent(_ share: Double, _ digits: Int = 2) -> String {
    fixed(share * 100, digits) + " %"
  }

  /// A number of things: `1 epoch`, `12 epochs`; names of several that do not end in an added s are given.
  package static func counted(_ count: Int, _ name: String, _ several: String? = nil) -> String {
    "\(grouped(count)) \(count == 1 ? name : several ?? "\(name)s")"
  }

  /// The first three of some names, and how many more there are.
  package static func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(grouped(names.count - 3)) more" : "")
  }

  /// A whole number with commas between thousands.
  package static func grouped(_ value: Int) -> String {
    var text = ""
    for (index, digit) in String(value.magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + String(text.reversed())
  }

  /// A count by its leading digits: `40.6 M`.
  package static func short(_ count: Int) -> String {
    let units = ["", " k", " M", " G", " T", " P"]
    var value = Double(count)
    var unit = 0
    while value >= 1000, unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(count)" : fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + units[unit]
  }

  /// A number of bytes in the unit that suits it.
  package static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(fixed(value, value < 10 ? 2 : 1)) \(units[unit])"
  }
}
