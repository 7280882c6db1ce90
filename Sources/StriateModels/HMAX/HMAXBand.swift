import StriateCore
import StriateIR
import StriateNN

/// A band of HMAX: two scales of S1 and how C1 pools them (Serre et al., 2007, table 1).
public struct HMAXBand: Sendable, Hashable {
  /// The sides of the two scales' filters.
  public let sizes: (Int, Int)
  /// The Gaussians' widths and the waves' lengths.
  let sigmas: (Double, Double)
  let wavelengths: (Double, Double)
  /// The side of C1's window and the step between windows.
  public let pool: Int
  public let step: Int

  public static func == (a: HMAXBand, b: HMAXBand) -> Bool { a.sizes == b.sizes }
  public func hash(into hasher: inout Hasher) { hasher.combine(sizes.0) }

  init(
    _ sizes: (Int, Int), _ sigmas: (Double, Double), _ wavelengths: (Double, Double), pool: Int
  ) {
    (self.sizes, self.sigmas, self.wavelengths) = (sizes, sigmas, wavelengths)
    (self.pool, step) = (pool, pool / 2)
  }

  /// The eight bands.
  public static let all = [
    HMAXBand((7, 9), (2.8, 3.6), (3.5, 4.6), pool: 8),
    HMAXBand((11, 13), (4.5, 5.4), (5.6, 6.8), pool: 10),
    HMAXBand((15, 17), (6.3, 7.3), (7.9, 9.1), pool: 12),
    HMAXBand((19, 21), (8.2, 9.2), (10.3, 11.5), pool: 14),
    HMAXBand((23, 25), (10.2, 11.3), (12.7, 14.1), pool: 16),
    HMAXBand((27, 29), (12.3, 13.4), (15.4, 16.8), pool: 18),
    HMAXBand((31, 33), (14.6, 15.8), (18.2, 19.7), pool: 20),
    HMAXBand((35, 37), (17.0, 18.2), (21.2, 22.8), pool: 22),
  ]

  /// C1's extent over a picture of this side.
  public func extent(_ side: Int) -> Int { max(side - pool, 0) / step + 1 }

  /// The filters of one scale, `[4, 1, side, side]`: zero mean, unit length.
  func filters(_ second: Bool) -> HostTensor {
    let side = second ? sizes.1 : sizes.0
    let (sigma, wavelength) = second ? (sigmas.1, wavelengths.1) : (sigmas.0, wavelengths.0)
    let values = (0..<4).flatMap {
      Self.gabor(side, sigma, wavelength, angle: .pi / 4 * Double($0))
    }
    let type = TensorType(.float32, [4, 1, side, side])
    return (try? HostTensor(values.map { Float($0) }, shape: type.shape)) ?? HostTensor(zeros: type)
  }

  /// The aspect ratio γ of the Gaussian.
  private static let aspect = 0.3

  private static func gabor(
    _ side: Int, _ sigma: Double, _ wavelength: Double, angle: Double
  ) -> [Double] {
    let (cosine, sine) = (Unary.Kind.cos.apply(angle), Unary.Kind.sin.apply(angle))
    let middle = Double(side - 1) / 2
    var values: [Double] = []
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = (Double(column) - middle, Double(row) - middle)
        let (u, v) = (x * cosine + y * sine, -x * sine + y * cosine)
        let fall = Unary.Kind.exp.apply(
          -(u * u + aspect * aspect * v * v) / (2 * sigma * sigma))
        values.append(fall * Unary.Kind.cos.apply(2 * .pi * u / wavelength))
      }
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let centred = values.map { $0 - mean }
    let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return centred.map { $0 / max(length, 1e-12) }
  }
}

/// S1 and C1 of all bands.
struct HMAXC1: Sendable {
  let bands: [HMAXBand]
  private let id = LayerID()

  init(_ bands: [HMAXBand]) { self.bands = bands }

  /// Maps pictures `[N, C, H, W]`, channels averaged, to C1 of each band, `[N, 4, H′, W′]`.
  func callAsFunction(_ x: Tensor) -> [Tensor] {
    if x.isPoisoned { return bands.map { _ in x } }
    guard x.shape.rank == 4 else { return [] }
    let grey = x.mean(over: [1], keepingAxes: true)
    return bands.map { band in
      let both = maximum(simple(grey, band, false), simple(grey, band, true))
      let window = Window(kernel: [band.pool, band.pool], stride: [band.step, band.step])
      return x.builder.one(.maxPool(MaxPool(window)), both)
    }
  }

  /// `|Σ X·G|/√Σ X²`: how well a filter fits, whatever the contrast.
  private func simple(_ x: Tensor, _ band: HMAXBand, _ second: Bool) -> Tensor {
    let filters = x.builder.constant(band.filters(second)).converted(to: x.dtype)
    let side = filters.shape[2]
    let border = [side / 2, side / 2]
    let ones = x.builder.fill(1, TensorType(x.dtype, [1, 1, side, side]))
    let energy = convolution(square(x), ones, padLow: border, padHigh: border)
    let fit = convolution(x, filters, padLow: border, padHigh: border)
    // Fast convolutions may round nothing to less than nothing.
    return abs(fit) * (1 / sqrt(maximum(energy, 0) + Self.least))
  }

  private static let least = 1e-4
}
