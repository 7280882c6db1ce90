import StriateCore
import StriateIR

/// The numbers that the zoo's goldens start from: a formula of name and place, as in Tools/goldens/zoo.py.
enum ZooFormula {
  /// 32 bits for a place: lowbias32 (Wellons, 2018) of the place and the name's FNV-1a hash.
  struct Bits {
    private let start: UInt32

    init(_ name: String) {
      start = name.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    @inline(__always)
    subscript(place: Int) -> UInt32 {
      var x = UInt32(truncatingIfNeeded: place) &+ start
      x = (x ^ (x >> 16)) &* 0x7FEB_352D
      x = (x ^ (x >> 15)) &* 0x846C_A68B
      return x ^ (x >> 16)
    }
  }

  /// Numbers around a mean, uniform within the scale, rounded to float32.
  static func values(
    _ name: String, _ shape: Shape, scale: Double = 1, mean: Double = 0
  ) -> HostTensor {
    let bits = Bits(name)
    return HostTensor(type: TensorType(.float32, shape)) { bytes in
      let numbers = bytes.bindMemory(to: Float.self)
      for place in numbers.indices {
        let unit = Double(bits[place] >> 8) / 8_388_608 - 1
        numbers[place] = Float(unit * scale + mean)
      }
    }
  }

  /// He's uniform weights, and norms whose scales and statistics are away from 1 and 0.
  static func weights(of naming: Naming) -> NamedTensors {
    var result = NamedTensors()
    for (path, parameter) in naming.parameters {
      let shape = parameter.type.shape
      switch path.split(separator: ".").last {
      case "num_batches_tracked": result[path] = HostTensor(zeros: parameter.type)
      case "running_var": result[path] = values(path, shape, scale: 0.5, mean: 1)
      case "weight" where shape.rank > 1:
        let fan = Shape(Array(shape.dims.dropFirst())).count
        result[path] = values(path, shape, scale: (6 / Double(fan)).squareRoot())
      case "weight": result[path] = values(path, shape, scale: 0.25, mean: 0.75)
      default: result[path] = values(path, shape, scale: 0.25)
      }
    }
    return result
  }

  /// The norm of a tensor, and its products with eight vectors of signs.
  static func digest(_ name: String, _ tensor: HostTensor) -> [Double] {
    let bits = Bits("signs " + name)
    var (square, products) = (0.0, SIMD8<Double>.zero)
    let lanes = SIMD8<UInt32>(0, 1, 2, 3, 4, 5, 6, 7)
    for (place, value) in tensor.scalars(as: Double.self).enumerated() {
      square += value * value
      let ones = (SIMD8(repeating: bits[place]) &>> lanes) & 1
      products += SIMD8<Double>(ones) * (2 * value) - value
    }
    return [square.squareRoot()] + (0..<8).map { products[$0] }
  }
}
