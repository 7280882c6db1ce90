import StriateCore
import StriateIR

/// The extents of `[N, C, …]`: images, channels, and elements of one channel of one image.
struct Planes {
  let images: Int
  let channels: Int
  let size: Int

  init(_ shape: Shape) {
    images = shape[0]
    channels = shape[1]
    size = Shape(Array(shape.dims.dropFirst(2))).count
  }

  /// The sum of a function of every position of a channel.
  func sum(_ channel: Int, _ term: (Int) -> Double) -> Double {
    var total = 0.0
    forEach(channel) { total += term($0) }
    return total
  }

  /// Calls the body with every position of a channel.
  func forEach(_ channel: Int, _ body: (Int) -> Void) {
    for image in 0..<images {
      let start = (image * channels + channel) * size
      for i in 0..<size { body(start + i) }
    }
  }
}

func batchNorm(_ rule: BatchNorm, _ arguments: Arguments) -> [Value] {
  let (x, scale, shift) = (arguments.reals(0), arguments.reals(1), arguments.reals(2))
  let planes = Planes(arguments.shape(0))
  let n = Double(planes.images * planes.size)
  var mean = [Double](repeating: 0, count: planes.channels)
  var variance = mean
  let y = filled(x.count) { y in
    for c in 0..<planes.channels {
      let m = planes.sum(c) { x[$0] } / n
      let v = planes.sum(c) { (x[$0] - m) * (x[$0] - m) } / n
      let factor = scale[c] / (v + rule.epsilon).squareRoot()
      planes.forEach(c) { y[$0] = (x[$0] - m) * factor + shift[c] }
      (mean[c], variance[c]) = (m, v)
    }
  }
  return [.reals(y), .reals(mean), .reals(variance)]
}

func batchNormBackward(_ rule: BatchNormBackward, _ arguments: Arguments) -> [Value] {
  let (x, scale, dy) = (arguments.reals(0), arguments.reals(1), arguments.reals(4))
  let (mean, variance) = (arguments.reals(2), arguments.reals(3))
  let planes = Planes(arguments.shape(0))
  let n = Double(planes.images * planes.size)
  var dScale = [Double](repeating: 0, count: planes.channels)
  var dShift = dScale
  let dx = filled(x.count) { dx in
    for c in 0..<planes.channels {
      let inverse = 1 / (variance[c] + rule.epsilon).squareRoot()
      let b = planes.sum(c) { dy[$0] }
      let g = planes.sum(c) { dy[$0] * (x[$0] - mean[c]) * inverse }
      planes.forEach(c) {
        let normal = (x[$0] - mean[c]) * inverse
        dx[$0] = scale[c] * inverse * (dy[$0] - b / n - normal * g / n)
      }
      (dScale[c], dShift[c]) = (g, b)
    }
  }
  return [.reals(dx), .reals(dScale), .reals(dShift)]
}
