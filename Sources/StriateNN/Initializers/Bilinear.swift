import StriateCore
import StriateIR

extension Initializer {
  /// Filters `[I, O, k, k]` of a transposed convolution by which each channel is upsampled bilinearly for itself.
  ///
  /// With a stride of half an even extent, or `(k + 1) / 2` of an odd one, this is bilinear interpolation. Long,
  /// Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation", CVPR 2015, section 3.3.
  public static let bilinear = Initializer("bilinear") { builder, shape in
    guard shape.rank == 4, shape.count <= 1 << 28 else {
      return builder.refuse(
        "bilinear", "takes filters [I, O, k, k] of at most 268 million numbers, found \(shape)")
    }
    func ramp(_ extent: Int) -> [Double] {
      let factor = Double((extent + 1) / 2)
      let center = extent % 2 == 1 ? factor - 1 : factor - 0.5
      return (0..<extent).map { 1 - Swift.abs(Double($0) - center) / factor }
    }
    let (rows, columns) = (ramp(shape[2]), ramp(shape[3]))
    let filter = rows.flatMap { row in columns.map { Float(row * $0) } }
    return builder.constant(
      HostTensor(type: TensorType(.float32, shape)) { bytes in
        let numbers = bytes.bindMemory(to: Float.self)
        for place in numbers.indices {
          let (channel, tap) = place.quotientAndRemainder(dividingBy: max(filter.count, 1))
          let isOwn = channel / max(shape[1], 1) == channel % max(shape[1], 1)
          numbers[place] = isOwn ? filter[tap] : 0
        }
      })
  }
}
