import ArgumentParser

/// `--tile`: the side of the parts in which an image is answered.
enum TileSide: ExpressibleByArgument, Equatable {
  /// As large as memory allows.
  case auto
  /// So many pixels.
  case pixels(Int)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let pixels = Int(argument), 1...65536 ~= pixels {
      self = .pixels(pixels)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .auto: "auto"
    case .pixels(let pixels): "\(pixels)"
    }
  }
}
