import StriateCore

/// The mean under `size` windows along each axis; window `i` of `n` over an extent `e` covers
/// `⌊i·e/n⌋ ..< ⌈(i + 1)·e/n⌉`.
///
/// Where the extents are multiples of the sizes, this is an average pooling, otherwise a resampling.
public func adaptiveAveragePool(_ x: Tensor, size: [Int]) -> Tensor {
  if x.isPoisoned { return x }
  let spatial = Array(x.shape.dims.dropFirst(2))
  guard size.count == spatial.count,
    zip(spatial, size).allSatisfy({ $1 > 0 && $0 > 0 && $0 % $1 == 0 })
  else { return resize(x, size: size, mode: .average) }
  if spatial == size, !size.isEmpty { return x }  // A window of one element is its own mean.
  return averagePool(x, kernel: zip(spatial, size).map { $0 / $1 })
}

/// The maximum under `size` windows along each axis, which lie as those of `adaptiveAveragePool`.
public func adaptiveMaxPool(_ x: Tensor, size: [Int]) -> Tensor {
  if x.isPoisoned { return x }
  let spatial = Array(x.shape.dims.dropFirst(2))
  guard size.count == spatial.count,
    zip(spatial, size).allSatisfy({ $1 > 0 && $0 > 0 && $0 % $1 == 0 })
  else { return adaptiveMaxPoolWithIndices(x, size: size).y }
  return maxPool(x, kernel: zip(spatial, size).map { $0 / $1 })
}

/// The maximum under `size` windows along each axis and its flat position in the spatial plane (i32).
public func adaptiveMaxPoolWithIndices(
  _ x: Tensor, size: [Int]
) -> (y: Tensor, indices: Tensor) {
  x.isPoisoned ? (x, x) : maxPoolWithIndices(x, .adaptive(size))
}

/// The mean of each channel's plane: `[N, C, …]` → `[N, C, 1, …]` (Lin, Chen and Yan, 2013).
public func globalAveragePool(_ x: Tensor) -> Tensor {
  x.isPoisoned ? x : averagePool(x, kernel: Array(x.shape.dims.dropFirst(2)))
}

/// The greatest element of each channel's plane: `[N, C, …]` → `[N, C, 1, …]`.
public func globalMaxPool(_ x: Tensor) -> Tensor {
  x.isPoisoned ? x : maxPool(x, kernel: Array(x.shape.dims.dropFirst(2)))
}

/// The Lp norm under a window, `(Σ xᵖ)^(1/p)`, of elements that are not negative where `p` is no even number
/// (Boureau, Ponce and LeCun, 2010).
public func lpPool(
  _ x: Tensor, power: Double, kernel: [Int], stride: [Int]? = nil, ceil: Bool = false
) -> Tensor {
  if x.isPoisoned { return x }
  guard power > 0, power.isFinite else {
    return x.builder.refuse("lp_pool", "takes a power above 0, found \(power)", operands: [x])
  }
  let elements = Double(Shape(kernel).count)
  let raised = power == 2 ? square(x) : pow(x, power)
  let sum = averagePool(raised, kernel: kernel, stride: stride, ceil: ceil) * elements
  return power == 2 ? sqrt(relu(sum)) : pow(relu(sum), 1 / power)
}
