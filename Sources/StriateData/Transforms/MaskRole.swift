import StriateCore

/// What a change of an image does to the mask that belongs to it.
public enum MaskRole: Sendable {
  /// Nothing: it changes colours alone.
  case unchanged
  /// Nothing: it blanks parts of the finished input, and what is behind a blank is still asked for.
  case blanked
  /// The same by this transform, which takes the nearest pixel and fills with zeros, and draws as the image's does.
  case moved(any Transform)
  /// It cannot be said: masks are refused.
  case refused
}

extension Resize {
  public var maskRole: MaskRole { .moved(Resize(goal, .nearest)) }
}

extension CenterCrop {
  public var maskRole: MaskRole { .moved(self) }
}

extension RandomCrop {
  /// A mirrored or repeated edge is that of the mask too.
  public var maskRole: MaskRole { .moved(self) }
}

extension RandomFlip {
  public var maskRole: MaskRole { .moved(self) }
}

extension RandomResizedCrop {
  public var maskRole: MaskRole {
    var nearest = self
    nearest.interpolation = .nearest
    return .moved(nearest)
  }
}

extension RandomResize {
  public var maskRole: MaskRole { .moved(RandomResize(side, .nearest)) }
}

extension RandomRotation {
  public var maskRole: MaskRole {
    var nearest = self
    nearest.style = MapStyle()
    return .moved(nearest)
  }
}

extension RandomAffine {
  public var maskRole: MaskRole {
    var nearest = self
    nearest.style = MapStyle()
    return .moved(nearest)
  }
}

extension ColorJitter {
  public var maskRole: MaskRole { .unchanged }
}

extension Lighting {
  public var maskRole: MaskRole { .unchanged }
}

extension RandomChange {
  public var maskRole: MaskRole { .unchanged }
}

extension Cutout {
  public var maskRole: MaskRole { .blanked }
}

extension RandomErasing {
  public var maskRole: MaskRole { .blanked }
}

extension Pipeline {
  /// The first transform that masks cannot follow; nil where they can follow all.
  var refusedByMasks: (any Transform)? {
    steps.first { if case .refused = $0.maskRole { true } else { false } }
  }

  /// The first transform that changes colours, which only images of bytes have; nil where none does.
  var changingColors: (any Transform)? {
    steps.first { if case .unchanged = $0.maskRole { true } else { false } }
  }

  /// Where the pixels of an image of any depth come from, its mask, and the rectangles of the finished input that are
  /// blank: both are moved by the same draws, by the nearest pixel.
  ///
  /// - Throws: `DataError` where an extent makes no sense.
  func apply(
    _ map: PixelMap, mask: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> (map: PixelMap, mask: Image, blanks: [ImageRect]) {
    var (map, mask) = (map, mask)
    var blanks: [ImageRect] = []
    for step in steps {
      if case .moved(let transform) = step.maskRole {
        var same = random
        mask = try transform.apply(mask, for: size, &same)
        map.image = try transform.apply(map.image, for: size, &random)
      }
      blanks += step.blanks(in: size, &random)
    }
    return (map, mask, blanks)
  }

  /// The changed image with its mask, moved by the same draws, and the rectangles of the finished input that are blank.
  ///
  /// - Parameter mask: one channel, of the image's extent; zeros come in where nothing was.
  /// - Throws: `DataError` where an extent makes no sense.
  func apply(
    _ image: Image, mask: Image, for size: ImageSize, _ random: inout RandomStream
  ) throws(DataError) -> (image: Image, mask: Image, blanks: [ImageRect]) {
    var (image, mask) = (image, mask)
    var blanks: [ImageRect] = []
    for step in steps {
      if case .moved(let transform) = step.maskRole {
        var same = random
        mask = try transform.apply(mask, for: size, &same)
      }
      image = try step.apply(image, for: size, &random)
      blanks += step.blanks(in: size, &random)
    }
    return (image, mask, blanks)
  }
}
