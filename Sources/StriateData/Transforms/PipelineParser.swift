import StriateCore

extension Pipeline {
  /// Names for transforms that are usual together; they can stand among others.
  public static let presets: [(name: String, steps: String)] = [
    ("cifar", "random-crop(padding=4),flip"),
    ("imagenet", "random-resized-crop,flip"),
    (
      "digits",
      "affine(translate=0.1,scale=0.85..1.15,shear=15,squeeze=0.15,interpolation=bilinear)"
    ),
  ]

  /// The names of the transforms, each with the arguments it takes, in their order.
  public static let grammar: [(name: String, arguments: [String])] = [
    ("resize", ["size", "interpolation"]), ("random-resize", ["side", "interpolation"]),
    ("center-crop", ["size"]),
    ("random-crop", ["size", "padding", "mode"]), ("pad-and-crop", ["padding", "mode"]),
    ("random-resized-crop", ["size", "scale", "ratio", "interpolation"]),
    ("flip", ["p"]), ("vertical-flip", ["p"]),
    ("rotate", ["degrees", "interpolation", "fill"]),
    ("affine", ["degrees", "translate", "scale", "shear", "interpolation", "fill", "squeeze"]),
    ("color-jitter", ["strength", "brightness", "contrast", "saturation", "hue"]),
    ("lighting", ["std"]), ("grayscale", ["p"]), ("invert", ["p"]), ("autocontrast", ["p"]),
    ("equalize", ["p"]), ("solarize", ["threshold", "p"]), ("posterize", ["bits", "p"]),
    ("sharpness", ["factor", "p"]), ("gaussian-blur", ["taps", "sigma", "p"]),
    ("randaugment", ["ops", "magnitude", "bins", "interpolation", "fill"]),
    ("cutout", ["size", "count"]), ("random-erasing", ["p", "scale", "ratio"]),
  ]

  /// Reads transforms and presets joined by commas: `cifar,cutout(8)`; `none` is no change.
  ///
  /// An argument is a value in its place or `name=value`; a value is a number, a range `0.35..1`, an
  /// extent `224` or `320x240`, or a word.
  ///
  /// - Throws: `DataError` that says at which character what is wrong, and what may have been meant.
  public init(_ text: String) throws(DataError) {
    var steps: [any Transform] = []
    var parser = CallParser(text)
    let calls = try parser.calls()
    if calls.count == 1, let only = calls.first, only.name == "none", only.arguments.isEmpty {
      self.init(steps: [])
      return
    }
    for call in calls {
      if let preset = Pipeline.presets.first(where: { $0.name == call.name }) {
        guard call.arguments.isEmpty else {
          throw parser.fault(
            call.at, "'\(call.name)' stands for \(preset.steps); it takes no arguments")
        }
        steps += try Pipeline(preset.steps).steps
        continue
      }
      guard let entry = Pipeline.grammar.first(where: { $0.name == call.name }) else {
        let known = ["none"] + Pipeline.presets.map(\.name) + Pipeline.grammar.map(\.name)
        let hint = NearMiss.hint(for: call.name, among: known)
        let list = hint.isEmpty ? "known: \(known.joined(separator: ", "))" : hint
        throw parser.fault(call.at, "there is no transform '\(call.name)'; \(list)")
      }
      let blanksBefore = steps.last is Cutout || steps.last is RandomErasing
      let step = try Pipeline.step(Arguments(call, Pipeline.names(entry, call), in: parser))
      guard !blanksBefore || step is Cutout || step is RandomErasing else {
        throw parser.fault(
          call.at,
          "'\(call.name)' cannot come after one that blanks the finished input; put it before")
      }
      steps.append(step)
    }
    self.init(steps: steps)
  }

  /// One value of `color-jitter` is the strength of three changes; several are theirs, as torchvision's.
  private static func names(
    _ entry: (name: String, arguments: [String]), _ call: TransformCall
  ) -> [String] {
    let unnamed = call.arguments.filter { $0.name == nil }.count
    return entry.name == "color-jitter" && unnamed > 1
      ? Array(entry.arguments.dropFirst()) : entry.arguments
  }

  private static func step(_ given: Arguments) throws(DataError) -> any Transform {
    switch given.call.name {
    case "resize":
      let interpolation = try given.choice("interpolation", Interpolation.bilinear)
      guard let (size, isPair) = try given.size("size") else {
        return Resize(.exact(nil), interpolation)
      }
      return Resize(isPair ? .exact(size) : .shorterSide(size.width), interpolation)
    case "random-resize":
      let sides = try given.range("side", 1...65536, nil)
      return RandomResize(
        whole(sides.lowerBound)...whole(sides.upperBound),
        try given.choice("interpolation", Interpolation.bilinear))
    case "center-crop": return CenterCrop(try given.size("size")?.size)
    case "random-crop", "pad-and-crop":
      return RandomCrop(
        try given.size("size")?.size, padding: try given.integer("padding", 0...65536, 0),
        edge: try given.choice("mode", Edge.zero))
    case "random-resized-crop":
      return RandomResizedCrop(
        try given.size("size")?.size,
        scale: try given.range("scale", 0.0001...1, RandomResizedCrop.usualScale),
        ratio: try given.range("ratio", 0.01...100, RandomResizedCrop.usualRatio),
        interpolation: try given.choice("interpolation", Interpolation.bilinear))
    case "flip": return RandomFlip(probability: try given.probability(0.5))
    case "vertical-flip":
      return RandomFlip(vertical: true, probability: try given.probability(0.5))
    case "rotate": return RandomRotation(try given.spread("degrees", 360, nil), try given.style())
    case "affine":
      return RandomAffine(
        degrees: try given.spread("degrees", 360, 0...0),
        translate: try given.number("translate", 0...1, 0),
        scale: try given.range("scale", 0.01...100, 1...1),
        shear: try given.spread("shear", 89, 0...0),
        squeeze: try given.number("squeeze", 0...10, 0), try given.style())
    case "color-jitter":
      guard !given.call.arguments.isEmpty else {
        throw given.fault(
          "strength",
          "nothing is changed without a strength up to 2, as color-jitter(0.4), or brightness=, contrast=, "
            + "saturation=, hue=,")
      }
      let all = try given.number("strength", 0...2, 0)
      return ColorJitter(
        brightness: try given.number("brightness", 0...2, all),
        contrast: try given.number("contrast", 0...2, all),
        saturation: try given.number("saturation", 0...2, all),
        hue: try given.number("hue", 0...0.5, 0))
    case "lighting": return Lighting(try given.number("std", 0...10, 0.1))
    case "randaugment":
      let bins = try given.integer("bins", 2...1000, 31)
      return RandAugment(
        count: try given.integer("ops", 0...14, 2),
        magnitude: try given.integer("magnitude", 0...(bins - 1), min(9, bins - 1)), bins: bins,
        try given.style())
    case "cutout":
      return Cutout(
        try given.integer("size", 1...65536, nil), count: try given.integer("count", 1...64, 1))
    case "random-erasing":
      return RandomErasing(
        probability: try given.probability(0.5),
        scale: try given.range("scale", 0...1, RandomErasing.usualScale),
        ratio: try given.range("ratio", 0.01...100, RandomErasing.usualRatio))
    default: return try change(given)
    }
  }

  private static func change(_ given: Arguments) throws(DataError) -> any Transform {
    let usual: Double =
      switch given.call.name {
      case "grayscale": 0.1
      case "gaussian-blur": 1
      default: 0.5
      }
    let kind: RandomChange.Kind =
      switch given.call.name {
      case "grayscale": .grayscale
      case "invert": .invert
      case "autocontrast": .autocontrast
      case "equalize": .equalize
      case "solarize": .solarize(threshold: try given.number("threshold", 0...256, 128))
      case "posterize": .posterize(bits: try given.integer("bits", 1...8, nil))
      case "sharpness": .sharpness(try given.number("factor", 0...100, nil))
      default:
        .blur(
          taps: try given.integer("taps", 1...999, nil),
          sigma: try given.range("sigma", 0.01...100, 0.1...2))
      }
    if case .blur(let taps, _) = kind, taps % 2 == 0 {
      throw given.fault("taps", "taps must be odd, found \(taps)")
    }
    return RandomChange(kind, probability: try given.probability(usual))
  }
}

extension Arguments {
  fileprivate func probability(_ usual: Double) throws(DataError) -> Double {
    try number("p", 0...1, usual)
  }

  fileprivate func style() throws(DataError) -> MapStyle {
    let interpolation = try choice("interpolation", Interpolation.nearest)
    guard interpolation == .nearest || interpolation == .bilinear else {
      throw fault("interpolation", "interpolation must be nearest or bilinear here")
    }
    return MapStyle(interpolation: interpolation, fill: UInt8(try integer("fill", 0...255, 0)))
  }
}
