import ArgumentParser

/// A number of classes, or `auto` for that of the data.
struct ClassCount: ExpressibleByArgument {
  /// The number; nil for that of the data.
  let number: Int?

  init?(argument: String) {
    if argument == "auto" {
      number = nil
    } else {
      guard let value = Int(argument), (1...1_000_000).contains(value) else { return nil }
      number = value
    }
  }
}
