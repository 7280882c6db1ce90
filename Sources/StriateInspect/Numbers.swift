import StriateCore

/// Numbers as people read them.
package enum Numbers {
  /// A number with this many decimals.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    DecimalText.fixed(value, digits)
  }

  /// A share as percent.
  package static func percent(_ share: Double, _ digits: Int = 2) -> String {
    fixed(share * 100, digits) + " %"
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
