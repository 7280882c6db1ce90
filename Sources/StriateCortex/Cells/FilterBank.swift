import StriateCore
import StriateIR
import StriateNN

/// Fixed filters over a movie's latest pictures: `[N, T, S, S]` → `[N, filters]`, the latest picture first.
struct FilterBank: Layer {
  /// The number of pictures T.
  let frames: Int
  /// The side S.
  let size: Int
  private let filters: [[Float]]

  /// Filters over one picture.
  init(_ gabors: [Gabor], size: Int) {
    self.init(gabors.map { $0.filter(size: size) }, frames: 1, size: size)
  }

  /// Filters over several pictures, `T·S·S` values each.
  init(_ filters: [[Double]], frames: Int, size: Int) {
    self.filters = filters.map { $0.map { Float($0) } }
    self.frames = frames
    self.size = size
  }

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let width = frames * size * size
    guard x.shape.rank == 4, x.shape.dims.dropFirst().elementsEqual([frames, size, size]),
      let values = try? HostTensor(filters.flatMap { $0 }, shape: [filters.count, width])
    else {
      return x.builder.refuse(
        "cell", "sees movies [N, \(frames), \(size), \(size)], found \(x.type)", operands: [x])
    }
    let matrix = x.builder.constant(values).converted(to: x.dtype)
    // Grey is nothing.
    return matmul((x - 0.5).reshaped([x.shape[0], width]), matrix, transposingRight: true)
  }
}
