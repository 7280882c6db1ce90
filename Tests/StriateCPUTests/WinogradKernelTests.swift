import CKernels
import Testing

/// The kernels by themselves, on one thread: every way to divide the work, against sums in double precision.
@Suite struct WinogradKernelTests {
  struct Shape: Sendable, CustomStringConvertible {
    let images, inputs, outputs, height, width: Int
    let low, high: [Int]
    var taps = 3
    var results: [Int] {
      [height + low[0] + high[0] - taps + 1, width + low[1] + high[1] - taps + 1]
    }
    var description: String {
      "\(taps)x\(taps), \(inputs) to \(outputs) at \(images)x\(height)x\(width), padding \(low) \(high)"
    }
  }

  static let shapes = [
    Shape(images: 1, inputs: 16, outputs: 16, height: 8, width: 8, low: [1, 1], high: [1, 1]),
    Shape(images: 2, inputs: 20, outputs: 37, height: 9, width: 7, low: [1, 1], high: [1, 1]),
    Shape(images: 1, inputs: 5, outputs: 65, height: 5, width: 11, low: [0, 0], high: [0, 0]),
    Shape(images: 3, inputs: 33, outputs: 3, height: 3, width: 6, low: [2, 0], high: [1, 2]),
    Shape(images: 2, inputs: 48, outputs: 80, height: 1, width: 1, low: [2, 1], high: [2, 1]),
    Shape(
      images: 2, inputs: 20, outputs: 37, height: 9, width: 7, low: [2, 2], high: [2, 2], taps: 5),
    Shape(
      images: 3, inputs: 33, outputs: 3, height: 4, width: 6, low: [4, 0], high: [1, 3], taps: 5),
  ]

  /// A way to divide the work.
  struct Way: Sendable, CustomStringConvertible {
    let tile, block: Int
    let isShared, keepsFilter: Bool
    var description: String { "m \(tile), block \(block), \(isShared), \(keepsFilter)" }
  }

  static let ways = [4, 2].flatMap { tile in
    [
      (3, false, true), (1 << 20, false, true), (4, true, true), (5, true, false),
      (1 << 20, true, false),
    ].map {
      Way(tile: tile, block: $0.0, isShared: $0.1, keepsFilter: $0.2)
    }
  }

  /// Reproducible numbers in -1...1.
  struct Numbers {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next(_ count: Int) -> [Float] {
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 30) - 1
      }
    }
  }

  /// Images in blocks of 16 channels; lanes beyond the last are zero.
  static func blocked(_ x: [Float], _ images: Int, _ channels: Int, _ area: Int) -> [Float] {
    let blocks = (channels + 15) / 16
    var y = [Float](repeating: 0, count: images * blocks * area * 16)
    for n in 0..<images {
      for c in 0..<channels {
        for p in 0..<area {
          y[((n * blocks + c / 16) * area + p) * 16 + c % 16] = x[(n * channels + c) * area + p]
        }
      }
    }
    return y
  }

  /// Filters [O][I][taps] in squares of 16 by 16 channels.
  static func blockedFilter(_ w: [Float], _ outputs: Int, _ inputs: Int, _ taps: Int) -> [Float] {
    let (o16, i16) = ((outputs + 15) / 16, (inputs + 15) / 16)
    var y = [Float](repeating: 0, count: o16 * i16 * taps * 256)
    for o in 0..<outputs {
      for i in 0..<inputs {
        for t in 0..<taps {
          y[(((o / 16) * i16 + i / 16) * taps + t) * 256 + i % 16 * 16 + o % 16] =
            w[(o * inputs + i) * taps + t]
        }
      }
    }
    return y
  }

  /// Calls for every product of a convolution: the indices of input, filter and result.
  static func products(_ s: Shape, _ body: (Int, Int, Int) -> Void) {
    let results = s.results
    for n in 0..<s.images {
      for o in 0..<s.outputs {
        for i in 0..<s.inputs {
          for y in 0..<results[0] {
            for x in 0..<results[1] {
              for t in 0..<s.taps * s.taps {
                let (row, column) = (y + t / s.taps - s.low[0], x + t % s.taps - s.low[1])
                guard row >= 0, row < s.height, column >= 0, column < s.width else { continue }
                body(
                  ((n * s.inputs + i) * s.height + row) * s.width + column,
                  (o * s.inputs + i) * s.taps * s.taps + t,
                  ((n * s.outputs + o) * results[0] + y) * results[1] + x)
              }
            }
          }
        }
      }
    }
  }

  /// ‖a − b‖/‖b‖ over all elements of a blocked layout; infinite where padding, 0 in the mask, is not zero.
  static func error(_ found: [Float], _ expected: [Float], _ mask: [Float]) -> Double {
    var (difference, norm) = (0.0, 0.0)
    for ((a, b), isElement) in zip(zip(found, expected), mask) {
      if !a.isFinite || (isElement == 0 && a != 0) { return .infinity }
      difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
      norm += Double(b) * Double(b)
    }
    return (difference / max(norm, 1e-300)).squareRoot()
  }

  /// The three directions' errors and whether lanes of padding are zero.
  static func run(_ s: Shape, _ way: Way) -> (y: Double, dx: Double, dw: Double, db: Double) {
    var numbers = Numbers(UInt64(s.inputs * 31 + s.outputs))
    let (area, results) = (s.height * s.width, s.results[0] * s.results[1])
    let x = numbers.next(s.images * s.inputs * area)
    let w = numbers.next(s.outputs * s.inputs * s.taps * s.taps)
    let dy = numbers.next(s.images * s.outputs * results)
    let bias = numbers.next(s.outputs)
    var y = [Double](repeating: 0, count: dy.count)
    var dx = [Double](repeating: 0, count: x.count)
    var dw = [Double](repeating: 0, count: w.count)
    products(s) { a, b, c in
      y[c] += Double(x[a]) * Double(w[b])
      dx[a] += Double(dy[c]) * Double(w[b])
      dw[b] += Double(x[a]) * Double(dy[c])
    }
    for c in y.indices { y[c] += Double(bias[c / results % s.outputs]) }
    var db = [Double](repeating: 0, count: s.outputs)
    for c in dy.indices { db[c / results % s.outputs] += Double(dy[c]) }

    let wantedY = blocked(y.map(Float.init), s.images, s.outputs, results)
    let wantedX = blocked(dx.map(Float.init), s.images, s.inputs, area)
    let wantedW = blockedFilter(dw.map(Float.init), s.outputs, s.inputs, s.taps * s.taps)
    var bx = blocked(x, s.images, s.inputs, area)
    var bw = blockedFilter(w, s.outputs, s.inputs, s.taps * s.taps)
    var bdy = blocked(dy, s.images, s.outputs, results)
    var (foundY, foundX, foundW) = (
      wantedY.map { _ in Float.nan }, wantedX.map { _ in Float.nan }, wantedW.map { _ in Float.nan }
    )
    var foundB = [Float](repeating: .nan, count: s.outputs)

    var kernel = sk_winograd()
    kernel.images = Int64(s.images)
    kernel.tile = Int32(way.tile)
    kernel.taps = Int32(s.taps)
    kernel.block = Int64(way.block)
    kernel.shared = way.isShared ? 1 : 0
    kernel.high = .infinity
    func convolve(
      _ from: inout [Float], _ to: inout [Float], _ inputs: Int, _ outputs: Int, _ input: [Int],
      _ output: [Int], low: [Int], turned: Bool, bias: [Float]?
    ) {
      kernel.inputs = Int64(inputs)
      kernel.outputs = Int64(outputs)
      kernel.input = (Int64(input[0]), Int64(input[1]))
      kernel.output = (Int64(output[0]), Int64(output[1]))
      kernel.low = (Int64(low[0]), Int64(low[1]))
      kernel.turned = turned ? 1 : 0
      var filter = [Float](repeating: .nan, count: Int(sk_winograd_filter_size(&kernel)))
      filter.withUnsafeMutableBufferPointer { filter in
        kernel.filter = way.keepsFilter ? filter.baseAddress : nil
        var scratch = [Float](
          repeating: .nan, count: Int(sk_winograd_scratch_size(&kernel, 1)))
        scratch.withUnsafeMutableBufferPointer { scratch in
          from.withUnsafeMutableBufferPointer { from in
            to.withUnsafeMutableBufferPointer { to in
              bw.withUnsafeMutableBufferPointer { w in
                (bias ?? []).withUnsafeBufferPointer { bias in
                  kernel.scratch = scratch.baseAddress
                  (kernel.x, kernel.y, kernel.w) = (from.baseAddress, to.baseAddress, w.baseAddress)
                  kernel.bias = turned ? nil : bias.baseAddress
                  if way.keepsFilter { sk_run_winograd_filter(&kernel, 0, 1) }
                  sk_run_winograd(&kernel, 0, 1)
                }
              }
            }
          }
        }
      }
    }
    let input = [s.height, s.width]
    convolve(
      &bdy, &foundX, s.outputs, s.inputs, s.results, input, low: s.low.map { s.taps - 1 - $0 },
      turned: true, bias: nil)
    convolve(
      &bx, &foundY, s.inputs, s.outputs, input, s.results, low: s.low, turned: false, bias: bias)
    var scratch = [Float](
      repeating: .nan, count: Int(sk_winograd_gradient_scratch_size(&kernel, 1)))
    scratch.withUnsafeMutableBufferPointer { scratch in
      bx.withUnsafeMutableBufferPointer { x in
        bdy.withUnsafeMutableBufferPointer { dy in
          foundW.withUnsafeMutableBufferPointer { w in
            foundB.withUnsafeMutableBufferPointer { b in
              kernel.scratch = scratch.baseAddress
              (kernel.x, kernel.y, kernel.w) = (x.baseAddress, dy.baseAddress, w.baseAddress)
              kernel.dbias = b.baseAddress
              sk_run_winograd_filter_gradient(&kernel, 0, 1)
            }
          }
        }
      }
    }
    func ones(_ like: [Float]) -> [Float] { like.map { _ in 1 } }
    return (
      error(foundY, wantedY, blocked(ones(dy), s.images, s.outputs, results)),
      error(foundX, wantedX, blocked(ones(x), s.images, s.inputs, area)),
      error(foundW, wantedW, blockedFilter(ones(w), s.outputs, s.inputs, s.taps * s.taps)),
      error(foundB, db.map(Float.init), ones(bias))
    )
  }

  @Test(
    "every division of the work gives the sums, and zeros in the padding",
    .enabled(if: WinogradKernelTests.hasVectors, "no AVX-512"), arguments: shapes, ways)
  func agrees(_ shape: Shape, _ way: Way) {
    if shape.taps == 5 && way.tile == 4 { return }
    let errors = Self.run(shape, way)
    let limit = way.tile == 4 || shape.taps == 5 ? 3e-6 : 1e-6
    #expect(errors.y < limit && errors.dx < limit && errors.dw < limit, "\(errors)")
    #expect(errors.db < 1e-6)
  }

  /// The stated errors: with m = 4 or 5×5 about twice that of a plain sum in single precision, with m = 2 less.
  @Test(
    "tiles of four points are more exact than tiles of six",
    .enabled(if: WinogradKernelTests.hasVectors, "no AVX-512"))
  func exactness() {
    let errors = [(4, 3), (2, 3), (2, 5)].map { tile, taps in
      Self.run(
        Shape(
          images: 1, inputs: 256, outputs: 16, height: 12, width: 12, low: [1, 1], high: [1, 1],
          taps: taps),
        Way(tile: tile, block: 28, isShared: false, keepsFilter: true)
      ).y
    }
    #expect(errors[0] < 2.5e-6)
    #expect(errors[1] < 1e-6)
    #expect(errors[2] < 2.5e-6)
    #expect(errors[1] < errors[0])
  }

  static let hasVectors = sk_has_wide_vectors() != 0
}
